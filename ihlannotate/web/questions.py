"""A rubric's criteria as a form shows them: options with keys, what is chosen, what is wrong, what applies now."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from string import ascii_lowercase

from django.http import QueryDict

from ihlannotate.pipeline.annotating.evidence import Passage
from ihlannotate.readers.rubric import CriterionSpec, OptionSpec, RubricSpec
from ihlannotate.readers.rubric_check import visible

Answers = Mapping[str, Sequence[str]]
PREFIX = "c-"  # before a criterion's key in the form, so that no key can meet another field's name
RESERVED = frozenset("defgjksuvw")  # letters that do something else: templates/annotate/_keys.html


@dataclass(frozen=True)
class Choice:
    """One option. `key` is the digit that chooses it; empty beyond nine."""

    value: str
    label: str
    help: str
    key: str
    chosen: bool


@dataclass(frozen=True)
class Question:
    """One criterion of the form. `applies`: its show_if holds for the answers so far.

    `letter` is the key that goes to it; empty where the alphabet has run out.
    """

    key: str
    name: str
    letter: str
    title: str
    help: str
    kind: str
    required: bool
    maximum: int | None
    applies: bool
    show_if: str  # JSON: form field name -> the values it may have
    choices: tuple[Choice, ...]
    groups: tuple[tuple[str, tuple[Choice, ...]], ...]  # the choices of kind `many`, under their headings
    text: str
    error: str
    focus: bool  # the first one with an error
    passages: tuple[Passage, ...]  # marked as evidence for the answer


def questions(
    spec: RubricSpec,
    answers: Answers,
    errors: Mapping[str, str] | None = None,
    evidence: Iterable[Passage] = (),
) -> tuple[Question, ...]:
    """The form's questions, in order, with the answers given and the passages marked as their evidence.

    `errors` maps criterion keys to messages.
    """
    wrong = errors or {}
    letters = _letters(spec.criteria)
    passages = tuple(evidence)
    shown = visible(spec, answers)
    first = next((one.key for one in spec.criteria if one.key in wrong), None)
    return tuple(
        Question(
            key=one.key,
            name=PREFIX + one.key,
            letter=letters[one.key],
            title=one.title,
            help=one.help,
            kind=one.kind,
            required=one.required,
            maximum=one.maximum,
            applies=one.key in shown,
            show_if=json.dumps({PREFIX + key: list(values) for key, values in one.show_if.items()}),
            choices=_choices(one, answers.get(one.key, ())) if one.kind != "many" else (),
            groups=_groups(one, answers.get(one.key, ())) if one.kind == "many" else (),
            text="".join(answers.get(one.key, ())) if one.kind == "text" else "",
            error=wrong.get(one.key, ""),
            focus=one.key == first,
            passages=tuple(passage for passage in passages if passage.criterion == one.key),
        )
        for one in spec.criteria
    )


def _letters(criteria: Iterable[CriterionSpec]) -> dict[str, str]:
    """A letter for each criterion: the first of its own that is free, else the first free one of the alphabet."""
    letters: dict[str, str] = {}
    for one in criteria:
        free = (
            letter
            for letter in one.key + ascii_lowercase
            if letter in ascii_lowercase and letter not in RESERVED and letter not in letters.values()
        )
        letters[one.key] = next(free, "")
    return letters


def _choices(criterion: CriterionSpec, chosen: Sequence[str]) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            value=option.value,
            label=_label(criterion, option),
            help=option.help,
            key=_digit(criterion, option, place),
            chosen=option.value in chosen,
        )
        for place, option in enumerate(criterion.options, start=1)
    )


def _label(criterion: CriterionSpec, option: OptionSpec) -> str:
    """A scale's number stands on its button; the label need not repeat it."""
    return option.label.removeprefix(f"{option.value} · ") if criterion.kind == "scale" else option.label


def _digit(criterion: CriterionSpec, option: OptionSpec, place: int) -> str:
    """On a scale the level's own number; elsewhere its place."""
    if criterion.kind == "scale" and all(
        len(one.value) == 1 and one.value.isdigit() for one in criterion.options
    ):
        return option.value
    return str(place) if place <= 9 else ""


def _groups(criterion: CriterionSpec, chosen: Sequence[str]) -> tuple[tuple[str, tuple[Choice, ...]], ...]:
    return tuple(
        (
            group,
            tuple(Choice(one.value, one.label, one.help, "", one.value in chosen) for one in options),
        )
        for group, options in groupby(criterion.options, key=lambda one: one.group)
    )


def posted(spec: RubricSpec, data: QueryDict) -> dict[str, list[str]]:
    """The answers in a form that was sent."""
    return {one.key: data.getlist(PREFIX + one.key) for one in spec.criteria if PREFIX + one.key in data}


def applicable(spec: RubricSpec, answers: Answers) -> dict[str, list[str]]:
    """The answers to questions that apply: without scripts, a form also sends answers to the others."""
    shown = visible(spec, answers)
    return {key: list(values) for key, values in answers.items() if key in shown}
