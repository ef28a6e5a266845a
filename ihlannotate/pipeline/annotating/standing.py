"""What was submitted on a sheet, be it of a response or of a known item: the same to everybody who asks."""

import datetime
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ihlannotate.models.annotation import Answer, Attempt, Evidence, Revision
from ihlannotate.models.assignment import Sheet
from ihlannotate.pipeline.annotating.answers import Answers, read_back
from ihlannotate.pipeline.annotating.evidence import Mark
from ihlannotate.readers.rubric import RubricSpec

_TAKING_BACK = uuid.UUID("5b0c0b0e-3c5f-5d0e-9a39-8f1d5c2b7a10")


@dataclass(frozen=True)
class Earlier:
    """One of an annotator's own submissions on a sheet: what it did, when, and why."""

    kind: str  # first | change | again (after one was taken back) | taken_back | change_taken_back
    at: datetime.datetime
    reason: str


def submissions(sheet: Sheet) -> list[Revision] | list[Attempt]:
    """All that was submitted on a sheet, oldest first; what was given up with its slot is not among it."""
    if sheet.known_id:
        return list(Attempt.objects.filter(sheet=sheet).order_by("number"))
    return list(
        Revision.objects.filter(
            annotation__assignment__response=sheet.response_id,
            annotation__assignment__annotator=sheet.annotator_id,
            annotation__assignment__occasion=sheet.occasion,
        ).order_by("number")
    )


def standing(sent: Sequence[Revision | Attempt]) -> Revision | Attempt | None:
    """The submission that counts now; None where there is none, or the last one was taken back."""
    return sent[-1] if sent and not sent[-1].withdrawn else None


def said(one: Revision | Attempt, spec: RubricSpec) -> tuple[dict[str, list[str]], tuple[Mark, ...]]:
    """The answers and the evidence of one submission."""
    if isinstance(one, Attempt):
        return {key: list(values) for key, values in one.answers.items()}, marks(one.evidence)
    rows = Answer.objects.filter(revision=one).values_list("criterion__key", "value", "text")
    passages = Evidence.objects.filter(revision=one).order_by("pk")
    return _read(rows, spec), marks(passages.values_list("criterion__key", "start", "end"))


def counting(one: Revision | Attempt, spec: RubricSpec) -> tuple[dict[str, list[str]], tuple[Mark, ...]]:
    """The answers that count now, of which imported ratings may have several submissions; and the evidence."""
    if isinstance(one, Attempt):
        return said(one, spec)
    live = Answer.objects.filter(revision__annotation=one.annotation_id, live=True)
    passages = Evidence.objects.filter(revision=one).order_by("pk")
    return (
        _read(live.values_list("criterion__key", "value", "text"), spec),
        marks(passages.values_list("criterion__key", "start", "end")),
    )


def _read(rows: Iterable[tuple[str, str, str]], spec: RubricSpec) -> dict[str, list[str]]:
    return {key: read_back(spec.criterion(key), value, text) for key, value, text in rows}


def marks(rows: Iterable[Sequence[str | int]]) -> tuple[Mark, ...]:
    """Evidence as it is stored: [criterion key, start, end] each."""
    return tuple(Mark(str(key), int(start), int(end)) for key, start, end in rows)


def same_answers(spec: RubricSpec, one: Answers, other: Answers) -> bool:
    """Whether two forms say the same; the order of the answers of kind `many` says nothing."""
    keys = [criterion.key for criterion in spec.criteria]
    return all(sorted(one.get(key, ())) == sorted(other.get(key, ())) for key in keys)


def taking_back(submission: uuid.UUID) -> uuid.UUID:
    """The id of the submission that takes another one back: the same each time, so that it happens once."""
    return uuid.uuid5(_TAKING_BACK, str(submission))


def takes_back(sent: Sequence[Revision | Attempt]) -> bool:
    """Whether the last submission takes back the one before it."""
    return len(sent) > 1 and sent[-1].submission == taking_back(sent[-2].submission)


def history(sent: Sequence[Revision | Attempt]) -> tuple[Earlier, ...]:
    """The submissions in words, oldest first."""
    return tuple(
        Earlier(_kind(sent[: place + 1]), one.created_at, one.reason) for place, one in enumerate(sent)
    )


def _kind(sent: Sequence[Revision | Attempt]) -> str:
    if len(sent) == 1:
        return "first"
    if takes_back(sent):
        return "taken_back" if sent[-1].withdrawn else "change_taken_back"
    return "again" if sent[-2].withdrawn else "change"
