"""Holds answers against a rubric: which questions show, and what is wrong with the answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ihlannotate.phrases import Phrase
from ihlannotate.readers.rubric_spec import CriterionSpec, RubricSpec

MAX_TEXT = 10_000


@dataclass(frozen=True)
class Problem:
    """What is wrong with the answer to one criterion.

    `code` is one of missing, unknown_criterion, not_shown, unknown_value, too_many, too_long, so that pages
    can put the message into other words.
    """

    key: str
    message: str
    code: str


def visible(spec: RubricSpec, answers: Mapping[str, Sequence[str]]) -> set[str]:
    """Return the keys of the criteria that show, given the answers to those before them.

    A criterion shows if every criterion of its `show_if` shows and has one of the values listed.
    """
    shown: set[str] = set()
    for criterion in spec.criteria:
        if all(
            key in shown and not set(values).isdisjoint(answers.get(key, ()))
            for key, values in criterion.show_if.items()
        ):
            shown.add(criterion.key)
    return shown


def problems(spec: RubricSpec, answers: Mapping[str, Sequence[str]]) -> list[Problem]:
    """Return what is wrong with a set of answers, in the order of the rubric; unknown criteria come last.

    `answers` maps keys to values: one value for most kinds, several for `many`, the text itself for `text`.
    Texts that are empty are no answer.
    """
    given = {key: [value for value in values if value.strip()] for key, values in answers.items()}
    shown = visible(spec, given)
    found = [
        problem
        for criterion in spec.criteria
        for problem in _criterion_problems(criterion, given.get(criterion.key, []), criterion.key in shown)
    ]
    known = {criterion.key for criterion in spec.criteria}
    unknown = [key for key in answers if key not in known]
    return found + [
        Problem(key, Phrase("The rubric has no criterion “%(key)s”.", key=key), "unknown_criterion")
        for key in unknown
    ]


def _criterion_problems(criterion: CriterionSpec, values: Sequence[str], shown: bool) -> Iterator[Problem]:
    key, title = criterion.key, criterion.title
    if not values:
        if shown and criterion.required:
            yield Problem(key, Phrase("“%(title)s” needs an answer.", title=title), "missing")
        return
    if not shown:
        yield Problem(
            key, Phrase("“%(title)s” is not asked, given the other answers.", title=title), "not_shown"
        )
        return
    limit = 1 if criterion.kind != "many" else criterion.maximum or len(criterion.options)
    if len(values) > limit or len(set(values)) < len(values):
        yield Problem(
            key,
            Phrase("“%(title)s” takes at most %(limit)s different answers.", title=title, limit=limit),
            "too_many",
        )
    if criterion.kind == "text":
        if any(len(value) > MAX_TEXT for value in values):
            yield Problem(
                key,
                Phrase("“%(title)s” takes at most %(max_text)s characters.", title=title, max_text=MAX_TEXT),
                "too_long",
            )
        return
    for value in values:
        if value not in criterion.values:
            yield Problem(
                key,
                Phrase("“%(value)s” is not an answer to “%(title)s”.", value=value, title=title),
                "unknown_value",
            )
