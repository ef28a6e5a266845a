"""Drafts: the newest answers of a form that is still open, whatever order they arrive in."""

import json
import uuid
from collections.abc import Iterable, Sequence

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from ihlannotate.models.assignment import Sheet
from ihlannotate.models.known import KnownItem
from ihlannotate.pipeline.annotating.answers import Answers, cleaned
from ihlannotate.pipeline.annotating.evidence import Mark, checked
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.refusals import Refused

MAX_DRAFT_BYTES = 100_000
LAST = 2**31 - 1  # the sequence of a submission: no draft of its form comes after it


def save_draft(
    sheet: Sheet,
    answers: Answers,
    *,
    page: uuid.UUID,
    base: int,
    sequence: int,
    evidence: Iterable[Sequence[str | int]] = (),
) -> bool:
    """Keep answers that are not yet submitted, complete or not; whether anything changed.

    `page` is the form's submission id, `base` the sheet's draft_number when the form was rendered, `sequence` the
    form's own count of its drafts, from 1. The same draft again changes nothing. Raises Refused, with nothing
    changed, for one that is older than what is kept, of another form than the last one saved, or of a form that
    was already submitted; where the answers are too large to be anybody's; or the study no longer takes any.
    """
    study = sheet.annotator.study
    if not takes_drafts(sheet):
        raise Refused(_("This study is closed: nothing can be changed any more."))
    spec = spec_of(study.rubric)
    draft = cleaned(spec, answers)
    marks = checked(spec, text_of(sheet), evidence)
    if len(json.dumps(draft)) > MAX_DRAFT_BYTES:
        raise Refused(_("These answers are too long to keep. Shorten the comment."))
    # One statement decides and writes, so that two tabs never overwrite each other.
    newer = Sheet.objects.filter(
        Q(draft_page=page, draft_sequence__lt=sequence) | (~Q(draft_page=page) & Q(draft_number=base)),
        pk=sheet.pk,
    )
    kept = newer.update(
        **_columns(draft, marks), draft_number=F("draft_number") + 1, draft_page=page, draft_sequence=sequence
    )
    if not kept:
        _refuse_older(sheet, page, sequence)
    return bool(kept)


def takes_drafts(sheet: Sheet) -> bool:
    """Whether the study is open; training may come before."""
    study = sheet.annotator.study
    if sheet.known and sheet.known.purpose == KnownItem.Purpose.TRAINING:
        return study.closed_at is None
    return study.is_open


def _refuse_older(sheet: Sheet, page: uuid.UUID, sequence: int) -> None:
    """Say why a draft was not kept, unless it is the one that is there."""
    last_page, last = Sheet.objects.values_list("draft_page", "draft_sequence").get(pk=sheet.pk)
    if last_page != page:
        raise Refused(
            _(
                "Not saved: this item was changed in another tab or on another device. Your answers are kept in this "
                "browser. Reload the page to see the newer ones, or submit these to use them instead."
            )
        )
    if last == LAST:
        raise Refused(_("Not saved as a draft: these answers were already submitted."))
    if sequence < last:
        raise Refused(_("Not saved: newer answers of this page are already kept."))


def put_draft(sheet: Sheet, answers: Answers, marks: Sequence[Mark], *, page: uuid.UUID | None) -> None:
    """Make these answers the sheet's draft, whatever was there; no earlier draft may replace them."""
    Sheet.objects.filter(pk=sheet.pk).update(
        **_columns({key: list(values) for key, values in answers.items()}, marks),
        draft_number=F("draft_number") + 1,
        draft_page=page,
        draft_sequence=LAST if page else 0,
    )


def clear_draft(sheet: Sheet, *, page: uuid.UUID) -> None:
    """The draft became a submission of the form `page`: none of its drafts, and of no older form, counts."""
    Sheet.objects.filter(pk=sheet.pk).update(
        draft={},
        evidence=[],
        draft_saved_at=None,
        draft_number=F("draft_number") + 1,
        draft_page=page,
        draft_sequence=LAST,
    )


def _columns(draft: dict[str, list[str]], marks: Sequence[Mark]) -> dict[str, object]:
    return {"draft": draft, "evidence": [list(one) for one in marks], "draft_saved_at": timezone.now()}


def text_of(sheet: Sheet) -> str:
    """The stored text that a sheet's evidence counts in."""
    if sheet.known:
        return sheet.known.response
    assert sheet.response
    return sheet.response.text
