"""Submissions. An acknowledged submission is on disk; sent twice, it is still one."""

import enum
import hashlib
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ihlannotate.models.annotation import Attempt, Revision
from ihlannotate.models.assignment import Assignment, Sheet, Skip
from ihlannotate.models.event import record
from ihlannotate.models.study import Membership
from ihlannotate.pipeline import assigning
from ihlannotate.pipeline.annotating.answers import Answers, append_revision, cleaned, plain
from ihlannotate.pipeline.annotating.attempts import append_attempt
from ihlannotate.pipeline.annotating.drafts import clear_draft, put_draft, text_of
from ihlannotate.pipeline.annotating.evidence import Mark, checked
from ihlannotate.pipeline.annotating.standing import counting, same_answers, standing, submissions
from ihlannotate.pipeline.discussing import check_not_discussed
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.refusals import Problem, Refused
from ihlannotate.readers.rubric import RubricSpec
from ihlannotate.readers.rubric_check import problems as rubric_problems

REASON = "revision-reason"  # the column of a problem with the reason; no criterion can have this key
MAX_REASON = 2_000


class State(enum.Enum):
    ACCEPTED = "accepted"
    REPEATED = "repeated"  # the same submission, or the same answers, had been accepted before
    KEPT = "kept"  # the slot is gone: the answers stay as a draft


@dataclass(frozen=True)
class Outcome:
    state: State
    revision: int  # number of the revision; 0 when only a draft was kept


@dataclass(frozen=True)
class _Form:
    """What was sent, checked."""

    answers: Answers
    marks: Sequence[Mark]
    submission: uuid.UUID
    reason: str


@transaction.atomic
def submit(
    sheet: Sheet,
    *,
    answers: Answers,
    submission: uuid.UUID,
    evidence: Iterable[Sequence[str | int]] = (),
    reason: str = "",
) -> Outcome:
    """Make the answers on a sheet the annotator's rating of its response, or their attempt on its known item.

    The first submission makes the annotation, a later one appends a revision and needs a reason, unless the one
    before was taken back. The same `submission` again changes nothing, nor do the answers that count already,
    without a reason: they come from a second tab. When the lease ran out and the slot has gone to somebody else,
    the answers are kept as a draft. Raises Refused: study not open, item skipped, answers that the rubric does not
    allow (`problems` names each criterion in `column`), evidence that is not in the text, no reason (`REASON`), a
    change of a rating that is discussed.
    """
    member = assigning.locked(sheet.annotator)
    earlier = _same_submission(sheet, submission)
    if earlier:
        return Outcome(State.REPEATED, earlier.number)
    _check_open(sheet, member)
    spec = spec_of(member.study.rubric)
    form = _Form(cleaned(spec, answers), checked(spec, text_of(sheet), evidence), submission, plain(reason))
    _check_answers(spec, form.answers)
    # Taken up first: what was given up belongs to the sheet again only with its slot. A refusal undoes it.
    assignment = assigning.retake(sheet)
    sent = submissions(sheet)
    now = standing(sent)
    if now and not form.reason and _says_the_same(spec, now, form):
        return Outcome(State.REPEATED, now.number)
    if now:
        check_not_discussed(sheet.response_id)
    _check_reason(form.reason, needed=now is not None)
    if sheet.known_id:
        made: Revision | Attempt = _attempt(sheet, form)
    elif assignment:
        made = _revise(member, sheet, assignment, spec, form, sent)
    else:
        put_draft(sheet, form.answers, form.marks, page=submission)
        return Outcome(State.KEPT, 0)
    clear_draft(sheet, page=submission)
    verb = "attempt.submitted" if sheet.known_id else "annotation.submitted"
    record(member.study, verb, actor=member.user_id, data=_told(made, form))
    return Outcome(State.ACCEPTED, made.number)


def _same_submission(sheet: Sheet, submission: uuid.UUID) -> Revision | Attempt | None:
    """What this very submission made before. Raises Refused where that was on another sheet."""
    earlier: Revision | Attempt | None
    if sheet.known_id:
        earlier = Attempt.objects.filter(submission=submission).first()
        same = earlier is None or earlier.sheet_id == sheet.pk
    else:
        earlier = (
            Revision.objects.filter(submission=submission).select_related("annotation__assignment").first()
        )
        same = earlier is None or _is_of(sheet, earlier.annotation.assignment)
    if not same:
        raise Refused(_("This form belongs to another item. Open the item again and submit from there."))
    return earlier


def _is_of(sheet: Sheet, assignment: Assignment) -> bool:
    return (assignment.annotator_id, assignment.response_id) == (sheet.annotator_id, sheet.response_id)


def _check_open(sheet: Sheet, member: Membership) -> None:
    if not member.study.is_open:
        raise Refused(
            _("This study is closed: nothing can be changed any more. Your last submitted answers count.")
        )
    if Skip.objects.filter(sheet=sheet).exists():
        raise Refused(_("You have skipped this item. Take it back first to rate it."))


def _check_answers(spec: RubricSpec, answers: Answers) -> None:
    wrong = rubric_problems(spec, answers)
    if wrong:
        raise Refused(
            _("Some answers are missing or do not fit."),
            problems=tuple(Problem(one.message, column=one.key) for one in wrong),
        )


def _check_reason(reason: str, *, needed: bool) -> None:
    if needed and not reason:
        message = _("You have submitted this item before. Say in a few words why you change your rating.")
        raise Refused(message, problems=(Problem(_("A change needs a reason."), column=REASON),))
    if len(reason) > MAX_REASON:
        message = _("The reason is too long.")
        problem = Problem(_("At most %(n)d characters.") % {"n": MAX_REASON}, column=REASON)
        raise Refused(message, problems=(problem,))


def _says_the_same(spec: RubricSpec, now: Revision | Attempt, form: _Form) -> bool:
    answers, marks = counting(now, spec)
    return same_answers(spec, answers, form.answers) and set(marks) == set(form.marks)


def _revise(
    member: Membership,
    sheet: Sheet,
    assignment: Assignment,
    spec: RubricSpec,
    form: _Form,
    sent: Sequence[Revision | Attempt],
) -> Revision:
    last = sent[-1] if sent else None
    assert sheet.response
    assert last is None or isinstance(last, Revision)
    revision = append_revision(
        assignment=assignment,
        annotator=member,
        prompt_id=sheet.response.prompt_id,
        spec=spec,
        rubric_id=member.study.rubric_id,
        before=last,
        answers=form.answers,
        submission=form.submission,
        marks=form.marks,
        reason=form.reason,
        seconds=_seconds(sheet),
    )
    Assignment.objects.filter(pk=assignment.pk).update(leased_until=None)
    return revision


def _attempt(sheet: Sheet, form: _Form) -> Attempt:
    return append_attempt(
        sheet=sheet,
        answers=form.answers,
        submission=form.submission,
        evidence=form.marks,
        reason=form.reason,
        seconds=_seconds(sheet),
    )


def _seconds(sheet: Sheet) -> int:
    return min(int((timezone.now() - sheet.created_at).total_seconds()), 2**31 - 1)


def _told(made: Revision | Attempt, form: _Form) -> dict[str, object]:
    """What the log says: the hash ties it to the answers without telling them, salted by the submission's id."""
    content = json.dumps([str(form.submission), form.answers, list(form.marks)], sort_keys=True)
    digest = hashlib.sha256(content.encode()).hexdigest()
    if isinstance(made, Attempt):
        return {"attempt": made.pk, "number": made.number, "sha256": digest}
    return {"annotation": made.annotation_id, "revision": made.number, "sha256": digest}


@transaction.atomic
def undo_skip(sheet: Sheet) -> bool:
    """Take a skipped item back, if a slot of it is still open; whether it worked."""
    if not assigning.locked(sheet.annotator).study.is_open:
        return False
    if sheet.known_id is None and assigning.retake(sheet) is None:
        return False
    Skip.objects.filter(sheet=sheet).delete()
    return True
