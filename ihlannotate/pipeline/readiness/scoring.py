"""Answers held against a key: question by question, and as a share."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ihlannotate.readers.rubric import OptionSpec, RubricSpec

Answers = Mapping[str, Sequence[str]]  # criterion key -> the values chosen


@dataclass(frozen=True)
class KeyedAnswer:
    """One question whose answer is known: what was given, and what is accepted.

    One of the `accepted` answers is right; all of them together where `together`. `given` is empty where the
    question was not answered.
    """

    key: str
    title: str
    given: tuple[OptionSpec, ...]
    accepted: tuple[OptionSpec, ...]
    together: bool
    agrees: bool


@dataclass(frozen=True)
class Score:
    """How many of the answers with a key agree with it."""

    agreed: int
    keyed: int

    @property
    def percent(self) -> float:
        return 100 * self.agreed / self.keyed if self.keyed else 0.0

    def reaches(self, percent: int) -> bool:
        """Whether the share is at least `percent`, without rounding."""
        return self.keyed > 0 and 100 * self.agreed >= percent * self.keyed


def compare(spec: RubricSpec, key: Answers, answers: Answers) -> tuple[KeyedAnswer, ...]:
    """The answers to the criteria of a key, in the order of the rubric."""
    return tuple(
        _compared(spec, name, key[name], answers.get(name, ()))
        for name in (criterion.key for criterion in spec.criteria)
        if name in key
    )


def _compared(spec: RubricSpec, name: str, accepted: Sequence[str], given: Sequence[str]) -> KeyedAnswer:
    criterion = spec.criterion(name)
    together = criterion.kind == "many"
    options = {option.value: option for option in criterion.options}
    return KeyedAnswer(
        key=name,
        title=criterion.title,
        given=tuple(options[value] for value in given if value in options),
        accepted=tuple(options[value] for value in accepted if value in options),
        together=together,
        agrees=set(given) == set(accepted) if together else bool(given) and given[0] in accepted,
    )


def score(answers: Iterable[KeyedAnswer]) -> Score:
    """The share of keyed answers that agree, over any number of items."""
    all_of_them = list(answers)
    return Score(sum(one.agrees for one in all_of_them), len(all_of_them))
