"""An annotator's own items as a list: what became of each, filtered by state, by words and by answer."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from ihlannotate.models.annotation import Answer, Attempt
from ihlannotate.models.assignment import Assignment, Sheet
from ihlannotate.models.known import KnownItem
from ihlannotate.models.study import Membership
from ihlannotate.pipeline.annotating.pages import prompt_of
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.readers.rubric import CriterionSpec, RubricSpec

_Row = Any  # a Sheet with the annotations of _with_states
SHEETS_A_PAGE = 50
STATES = ("submitted", "draft", "skipped", "open")
USABILITY = "usable"  # the rubric that ships asks under this key whether there is anything to rate
MOST_WORDS = 8
HEADLINE = 160  # characters of a prompt


@dataclass(frozen=True)
class Filter:
    """Which items to list. Empty fields leave nothing out; an unknown state or answer finds nothing."""

    state: str = ""
    words: str = ""
    answer: str = ""


@dataclass(frozen=True)
class SheetLine:
    """One of an annotator's own sheets in their list."""

    code: str
    prompt: str
    state: str  # one of STATES
    changing: bool  # submitted, with a change that is not
    headline: str  # the label of the answer that counts, to the rubric's main question
    at: datetime.datetime


def main_question(spec: RubricSpec) -> CriterionSpec | None:
    """The first question with levels that must be answered, and not the one whether there is anything to rate."""
    one_of = [
        one for one in spec.criteria if one.kind in ("choice", "scale", "flag") and one.key != USABILITY
    ]
    return next((one for one in one_of if one.required), one_of[0] if one_of else None)


def own_sheets(
    member: Membership, *, page: int = 1, only: Filter | None = None
) -> tuple[list[SheetLine], int]:
    """One page of an annotator's own sheets, newest first, and how many the filter finds. Training is not among them.

    Three queries at most; they read the annotator's own rows alone.
    """
    spec = spec_of(member.study.rubric)
    question = main_question(spec)
    sheets = _narrowed(member, _with_states(member, question), spec, only or Filter())
    start = (page - 1) * SHEETS_A_PAGE
    related = sheets.select_related("response__prompt", "known", "skip")
    rows: list[_Row] = list(related.order_by("-pk")[start : start + SHEETS_A_PAGE])
    labels = {option.value: option.label for option in question.options} if question else {}
    attempted = _answers(rows, question)
    lines = [_line(one, labels.get(one.answer or attempted.get(one.pk, ""), "")) for one in rows]
    return lines, sheets.count()


def _with_states(member: Membership, question: CriterionSpec | None) -> QuerySet[Sheet]:
    """The sheets, each with what there is: `rated`, the newest `attempt`, whether it counts (`attended`), `answer`."""
    rated = Assignment.objects.filter(
        response=OuterRef("response"),
        annotator=member,
        occasion=OuterRef("occasion"),
        leased_until__isnull=True,
    )
    newest = Attempt.objects.filter(sheet=OuterRef("pk")).order_by("-number").values("pk")[:1]
    answer = _live(member).filter(criterion__key=question.key if question else "").values("value")[:1]
    sheets = Sheet.objects.filter(annotator=member).exclude(known__purpose=KnownItem.Purpose.TRAINING)
    return sheets.annotate(rated=Exists(rated), attempt=Subquery(newest), answer=Subquery(answer)).annotate(
        attended=Exists(_counting_attempt())
    )


def _live(member: Membership) -> QuerySet[Answer]:
    return Answer.objects.filter(
        annotator=member, response=OuterRef("response"), occasion=OuterRef("occasion"), live=True
    )


def _counting_attempt(**where: str) -> QuerySet[Attempt]:
    return Attempt.objects.filter(pk=OuterRef("attempt"), withdrawn=False, **where)


def _narrowed(member: Membership, sheets: QuerySet[Sheet], spec: RubricSpec, only: Filter) -> QuerySet[Sheet]:
    question = main_question(spec)
    if only.state:
        sheets = sheets.filter(_in_state(only.state))
    if only.answer:
        given = {f"answers__{question.key if question else ''}__0": only.answer}
        sheets = sheets.filter(Q(answer=only.answer) | Exists(_counting_attempt(**given)))
    texts = [one.key for one in spec.criteria if one.kind == "text"]
    for word in only.words.split()[:MOST_WORDS]:
        sheets = sheets.filter(_says(member, word, texts))
    return sheets


def _in_state(state: str) -> Q:
    submitted = Q(rated=True) | Q(attended=True)
    skipped = Q(skip__isnull=False)
    drafted = Q(draft_saved_at__isnull=False)
    return {
        "submitted": submitted,
        "draft": drafted & ~skipped,
        "skipped": ~submitted & skipped,
        "open": ~submitted & ~skipped & ~drafted,
    }.get(state, Q(pk=None))


def _says(member: Membership, word: str, texts: list[str]) -> Q:
    """The word stands in the prompt, in an own text that counts, or in one of the draft."""
    found = Q(response__prompt__text__icontains=word) | Q(known__prompt__icontains=word)
    found |= Q(Exists(_live(member).filter(text__icontains=word)))
    for key in texts:
        found |= Q(**{f"draft__{key}__0__icontains": word})
        found |= Q(Exists(_counting_attempt(**{f"answers__{key}__0__icontains": word})))
    return found


def _answers(sheets: Iterable[_Row], question: CriterionSpec | None) -> dict[int, str]:
    """The answers to the main question that stand in attempts, by sheet."""
    wanted = [sheet.attempt for sheet in sheets if sheet.known_id and sheet.attempt]
    if not wanted or question is None:
        return {}
    found = Attempt.objects.filter(pk__in=wanted, withdrawn=False)
    return {one.sheet_id: "".join(one.answers.get(question.key, [])) for one in found}


def _line(sheet: _Row, headline: str) -> SheetLine:
    state = _state(sheet)
    return SheetLine(
        code=sheet.code,
        prompt=prompt_of(sheet)[:HEADLINE],
        state=state,
        changing=state == "submitted" and sheet.draft_saved_at is not None,
        headline=headline,
        at=sheet.draft_saved_at or sheet.created_at,
    )


def _state(sheet: _Row) -> str:
    if sheet.rated or sheet.attended:
        return "submitted"
    if hasattr(sheet, "skip"):
        return "skipped"
    return "draft" if sheet.draft_saved_at else "open"
