"""Taking back the last submission: nothing is erased, the item is open again with its answers as a draft."""

from django.db import transaction
from django.utils.translation import gettext as _

from ihlannotate.models.annotation import Attempt, Revision
from ihlannotate.models.assignment import Assignment, Sheet
from ihlannotate.models.event import record
from ihlannotate.models.known import KnownItem
from ihlannotate.models.study import Membership
from ihlannotate.pipeline import assigning
from ihlannotate.pipeline.annotating.answers import append_revision, take_down
from ihlannotate.pipeline.annotating.attempts import append_attempt
from ihlannotate.pipeline.annotating.drafts import put_draft
from ihlannotate.pipeline.annotating.evidence import Mark
from ihlannotate.pipeline.annotating.standing import said, submissions, takes_back, taking_back
from ihlannotate.pipeline.assigning.slots import lease_end
from ihlannotate.pipeline.discussing import check_not_discussed
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.readers.rubric import RubricSpec


@transaction.atomic
def withdraw(member: Membership, *, code: str = "") -> Sheet | None:
    """Take back the annotator's newest submission; the sheet it was made on, None where there is none.

    A first submission no longer counts, its item waits for the annotator again under a new lease. Of a change,
    the answers before it count again. What was taken back is the sheet's draft. Once more changes nothing.
    Raises Refused when the study is not open, the newest submission is not on the sheet called `code`, or its item
    is discussed.
    """
    member = assigning.locked(member)
    if not member.study.is_open:
        raise Refused(_("This study is closed: nothing can be changed any more."))
    sheet = _newest(member)
    if sheet is None:
        return None
    if code and sheet.code != code:
        raise Refused(
            _(
                "You have submitted another item since. Open this one from your ratings to change what you answered."
            )
        )
    sent = submissions(sheet)
    if not sent[-1].withdrawn and not takes_back(sent):
        check_not_discussed(sheet.response_id)
        _take_back(member, sheet, sent)
    return sheet


def _newest(member: Membership) -> Sheet | None:
    """The sheet of the annotator's newest submission, training and what was given up left aside."""
    of_member = Revision.objects.filter(annotation__assignment__annotator=member)
    revision = of_member.select_related("annotation__assignment").order_by("-created_at", "-pk").first()
    tried = Attempt.objects.filter(sheet__annotator=member, sheet__known__purpose=KnownItem.Purpose.ATTENTION)
    attempt = tried.select_related("sheet").order_by("-created_at", "-pk").first()
    if attempt and (revision is None or attempt.created_at > revision.created_at):
        return attempt.sheet
    if revision is None:
        return None
    at = revision.annotation.assignment
    sheets = Sheet.objects.filter(annotator=member, response=at.response_id, occasion=at.occasion)
    return sheets.select_related("response", "known").first()


def _take_back(member: Membership, sheet: Sheet, sent: list[Revision] | list[Attempt]) -> None:
    spec = spec_of(member.study.rubric)
    last = sent[-1]
    before = sent[-2] if len(sent) > 1 and not sent[-2].withdrawn else None
    answers, marked = said(last, spec)
    if isinstance(last, Attempt):
        made: Revision | Attempt = _after_attempt(sheet, last, before, spec)
    elif isinstance(before, Revision):
        made = _restored(member, sheet, last, before, spec)
    else:
        made = _withdrawn(member, last)
    put_draft(sheet, answers, marked, page=None)
    if isinstance(made, Attempt):
        record(member.study, "attempt.withdrawn", actor=member.user_id, data={"attempt": made.pk})
    else:
        data = {"annotation": made.annotation_id, "revision": made.number}
        record(member.study, "annotation.withdrawn", actor=member.user_id, data=data)


def _after_attempt(
    sheet: Sheet, last: Attempt, before: Revision | Attempt | None, spec: RubricSpec
) -> Attempt:
    empty: tuple[dict[str, list[str]], tuple[Mark, ...]] = ({}, ())
    answers, marked = said(before, spec) if before else empty
    return append_attempt(
        sheet=sheet,
        answers=answers,
        submission=taking_back(last.submission),
        seconds=None,
        evidence=marked,
        withdrawn=before is None,
    )


def _restored(
    member: Membership, sheet: Sheet, last: Revision, before: Revision, spec: RubricSpec
) -> Revision:
    assert sheet.response
    answers, marked = said(before, spec)
    return append_revision(
        assignment=last.annotation.assignment,
        annotator=member,
        prompt_id=sheet.response.prompt_id,
        spec=spec,
        rubric_id=before.rubric_id,
        before=last,
        answers=answers,
        submission=taking_back(last.submission),
        marks=marked,
    )


def _withdrawn(member: Membership, last: Revision) -> Revision:
    """A revision without answers; the slot is leased again, as when the item was handed out."""
    take_down(last)
    lease = Assignment.objects.filter(annotation=last.annotation_id)
    lease.update(leased_until=lease_end(member.study))
    return Revision.objects.create(
        annotation_id=last.annotation_id,
        number=last.number + 1,
        rubric_id=last.rubric_id,
        submission=taking_back(last.submission),
        withdrawn=True,
    )
