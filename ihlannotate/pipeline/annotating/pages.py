"""What an annotator's page shows, as frozen plain data: an opaque code, texts, the rubric, their own answers."""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ihlannotate.models.assignment import Assignment, Sheet
from ihlannotate.models.known import KnownItem
from ihlannotate.models.study import Membership
from ihlannotate.pipeline.annotating.drafts import text_of
from ihlannotate.pipeline.annotating.evidence import Passage, passages
from ihlannotate.pipeline.annotating.progress import Progress, progress_of
from ihlannotate.pipeline.annotating.standing import (
    Earlier,
    counting,
    history,
    marks,
    standing,
    submissions,
    takes_back,
)
from ihlannotate.pipeline.discussing import Remark, is_discussed, may_write, remarks_on
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.masking import Masked, masked
from ihlannotate.readers.rubric import RubricSpec

RECENT = 200  # sheets; enough for an hour's work at 20 s each


@dataclass(frozen=True)
class ItemPage:
    """One item as its annotator sees it: the same for a first rating, a repeat and a known item."""

    code: str
    study_code: str
    study_title: str
    study_open: bool
    prompt: str
    response: Masked
    language: str
    rubric: RubricSpec
    answers: Mapping[str, Sequence[str]]
    evidence: tuple[Passage, ...]
    draft_saved_at: datetime.datetime | None
    draft_base: int  # how often the draft had changed when this page was made
    revision: int  # number of the submission that counts; 0: none does
    taken_back: bool  # the last submission was taken back, and this is its draft
    history: tuple[Earlier, ...]
    discussed: bool  # there are notes on it, so that what was submitted stands
    remarks: tuple[Remark, ...]  # of the discussion; a repeat shows none, which would tell that it is one
    may_answer: bool
    skipped: bool
    covered: bool  # the response waits until it is asked for
    previous: str  # code of the sheet before this one; empty at the first
    begun_at: tuple[
        datetime.datetime, ...
    ]  # when this item and those before it were handed out, newest first
    progress: Progress
    submission: str  # a new id for the form's next submission


def sheet_of(member: Membership, code: str) -> Sheet | None:
    """The member's own sheet with this code; None for anything else, be it nobody's or another's."""
    sheets = Sheet.objects.select_related("response__prompt", "known", "annotator__study__rubric", "skip")
    return sheets.filter(annotator=member, code=code).first()


def item_page(sheet: Sheet) -> ItemPage:
    """The page of a sheet: the draft where there is one, else what was last submitted."""
    member = sheet.annotator
    study = member.study
    spec = spec_of(study.rubric)
    sent = submissions(sheet)
    now = standing(sent)
    answers: Mapping[str, Sequence[str]] = sheet.draft
    marked = marks(sheet.evidence)
    discussed = now is not None and is_discussed(sheet.response_id)
    if now and (sheet.draft_saved_at is None or discussed):
        answers, marked = counting(now, spec)
    remarks: tuple[Remark, ...] = ()
    if discussed and sheet.response and sheet.occasion == Assignment.FIRST:
        remarks = remarks_on(sheet.response.pk, reader=member)
    response = masked(text_of(sheet), study.masked_words)
    before = _newest(member, before=sheet)
    return ItemPage(
        code=sheet.code,
        study_code=study.code,
        study_title=study.title,
        study_open=study.is_open,
        prompt=prompt_of(sheet),
        response=response,
        language=language_of(sheet),
        rubric=spec,
        answers=answers,
        evidence=passages(response, marked),
        draft_saved_at=sheet.draft_saved_at,
        draft_base=sheet.draft_number,
        revision=now.number if now else 0,
        taken_back=takes_back(sent),
        history=history(sent),
        discussed=discussed,
        remarks=remarks,
        may_answer=bool(remarks) and may_write(member, sheet.response),
        skipped=hasattr(sheet, "skip"),
        covered=study.blur_responses or member.blur_responses,
        previous=before[0][0] if before else "",
        begun_at=(sheet.created_at, *(at for _, at in before)),
        progress=progress_of(member),
        submission=str(uuid.uuid4()),
    )


def recently_begun(member: Membership) -> tuple[datetime.datetime, ...]:
    """When the annotator's items were handed out, newest first."""
    return tuple(at for _, at in _newest(member))


def _newest(member: Membership, *, before: Sheet | None = None) -> list[tuple[str, datetime.datetime]]:
    """Code and hour of the annotator's newest items, training left aside."""
    sheets = Sheet.objects.filter(annotator=member).exclude(known__purpose=KnownItem.Purpose.TRAINING)
    if before:
        sheets = sheets.filter(pk__lt=before.pk)
    return list(sheets.order_by("-pk").values_list("code", "created_at")[:RECENT])


def prompt_of(sheet: Sheet) -> str:
    if sheet.known:
        return sheet.known.prompt
    assert sheet.response
    return sheet.response.prompt.text


def language_of(sheet: Sheet) -> str:
    if sheet.known:
        return sheet.known.language
    assert sheet.response
    return sheet.response.prompt.language
