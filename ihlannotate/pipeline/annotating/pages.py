"""What an annotator's page shows, as frozen plain data: an opaque code, texts, the rubric, their own answers."""

import datetime
import math
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Exists, OuterRef, Subquery

from ihlannotate.models.annotation import Annotation, Answer, Revision
from ihlannotate.models.assignment import Sheet
from ihlannotate.models.study import Membership
from ihlannotate.pipeline.annotating.answers import read_back
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.masking import mask
from ihlannotate.readers.rubric import RubricSpec

SHEETS_A_PAGE = 50
# One query instead of three, on every page. Positions are dense: their last one is an index seek, not a count.
_COUNTS = """
    SELECT
      (SELECT COUNT(*) FROM ihlannotate_assignment
       WHERE annotator_id = %s AND occasion = 1 AND leased_until IS NULL),
      (SELECT COALESCE(MAX(position) + 1, 0) FROM ihlannotate_response WHERE study_id = %s),
      (SELECT COUNT(*) FROM ihlannotate_membership WHERE study_id = %s AND role = %s)
"""


@dataclass(frozen=True)
class Progress:
    """How far an annotator is. `total` is their even share of the study: it tells nothing of other annotators."""

    done: int
    total: int

    @property
    def percent(self) -> int:
        return min(100, round(100 * self.done / self.total)) if self.total else 0


@dataclass(frozen=True)
class ItemPage:
    """One item as its annotator sees it."""

    code: str
    study_code: str
    study_title: str
    study_open: bool
    prompt: str
    response: str
    language: str
    rubric: RubricSpec
    answers: Mapping[str, Sequence[str]]
    draft_saved_at: datetime.datetime | None
    revision: int  # 0: not yet submitted
    skipped: bool
    previous: str  # code of the sheet before this one; empty at the first
    progress: Progress
    submission: str  # a new id for the form's next submission


@dataclass(frozen=True)
class SheetLine:
    """One of an annotator's own sheets in their list."""

    code: str
    prompt: str
    state: str  # submitted | draft | skipped | open
    headline: str  # the label of the first answered criterion that has levels
    at: datetime.datetime


def sheet_of(member: Membership, code: str) -> Sheet | None:
    """The member's own sheet with this code; None for anything else, be it nobody's or another's."""
    sheets = Sheet.objects.select_related("response__prompt", "annotator__study__rubric", "skip")
    return sheets.filter(annotator=member, code=code).first()


def progress_of(member: Membership) -> Progress:
    """The annotator's own annotations out of their even share of all that the study asks for."""
    study = member.study
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [member.pk, study.pk, study.pk, Membership.Role.ANNOTATOR])
        done, responses, annotators = cursor.fetchone()
    share = math.ceil(responses * min(1.0, study.overlap / max(annotators, 1)))
    return Progress(done, max(share, done))


def item_page(sheet: Sheet) -> ItemPage:
    """The page of a sheet: the draft where there is one, else what was last submitted."""
    member = sheet.annotator
    study = member.study
    spec = spec_of(study.rubric)
    revision = (
        Revision.objects.filter(
            annotation__assignment__response=sheet.response_id,
            annotation__assignment__annotator=member,
            annotation__assignment__occasion=sheet.occasion,
        )
        .order_by("-number")
        .first()
    )
    answers: Mapping[str, Sequence[str]] = sheet.draft
    if revision and not sheet.draft:
        answers = _submitted(revision, spec)
    earlier = Sheet.objects.filter(annotator=member, pk__lt=sheet.pk).order_by("-pk")
    return ItemPage(
        code=sheet.code,
        study_code=study.code,
        study_title=study.title,
        study_open=study.is_open,
        prompt=sheet.response.prompt.text,
        response=mask(sheet.response.text, study.masked_words),
        language=sheet.response.prompt.language,
        rubric=spec,
        answers=answers,
        draft_saved_at=sheet.draft_saved_at,
        revision=revision.number if revision else 0,
        skipped=hasattr(sheet, "skip"),
        previous=earlier.values_list("code", flat=True).first() or "",
        progress=progress_of(member),
        submission=str(uuid.uuid4()),
    )


def _submitted(revision: Revision, spec: RubricSpec) -> dict[str, list[str]]:
    specs = {criterion.key: criterion for criterion in spec.criteria}
    live = Answer.objects.filter(revision__annotation=revision.annotation_id, live=True)
    rows = live.values_list("criterion__key", "value", "text")
    return {key: read_back(specs[key], value, text) for key, value, text in rows}


def own_sheets(member: Membership, *, page: int = 1) -> tuple[list[SheetLine], int]:
    """One page of an annotator's own sheets, newest first, and how many there are in all."""
    labels = [
        (criterion.key, {option.value: option.label for option in criterion.options})
        for criterion in spec_of(member.study.rubric).criteria
        if criterion.kind in ("choice", "scale", "flag")
    ]
    headline = labels[1:2] or labels[:1]
    mine = Annotation.objects.filter(
        assignment__response=OuterRef("response"),
        assignment__annotator=member,
        assignment__occasion=OuterRef("occasion"),
    )
    answer = Answer.objects.filter(
        annotator=member,
        response=OuterRef("response"),
        occasion=OuterRef("occasion"),
        criterion__key__in=[key for key, _ in headline],
        live=True,
    )
    sheets = Sheet.objects.filter(annotator=member).annotate(
        submitted=Exists(mine), answer=Subquery(answer.values("value")[:1])
    )
    start = (page - 1) * SHEETS_A_PAGE
    rows = sheets.select_related("response__prompt", "skip").order_by("-pk")[start : start + SHEETS_A_PAGE]
    lines = [
        SheetLine(
            code=sheet.code,
            prompt=sheet.response.prompt.text[:160],
            state=_state(sheet, submitted=sheet.submitted),
            headline=headline[0][1].get(sheet.answer or "", "") if headline else "",
            at=sheet.draft_saved_at or sheet.created_at,
        )
        for sheet in rows
    ]
    return lines, sheets.count()


def _state(sheet: Sheet, *, submitted: bool) -> str:
    if submitted:
        return "submitted"
    if hasattr(sheet, "skip"):
        return "skipped"
    return "draft" if sheet.draft else "open"
