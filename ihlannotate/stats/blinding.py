"""Whether blinding held: guesses at which model wrote a response, against how many would be right by luck."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from scipy.special import betainc

from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.proportions import wilson

FEW = 30  # of fewer guesses that name a model, no sign is no proof
LEAST = 10  # with fewer, not even all of them right says anything
LEVEL = 0.05
CANNOT_TELL = ""  # a guess that names no model


class Outcome(StrEnum):
    """What the guesses say."""

    HELD = "held"
    BROKEN = "broken"
    TOO_FEW = "too few"


@dataclass(frozen=True)
class Blinding:
    """How often guesses were right. `named` guesses name a model; accuracy and tests are of these alone.

    `chance` is one over the number of models; `expected` is the accuracy of one who knows how often each model is
    right and named, but not where (the sum over models of both shares; None without a named guess). The p values are
    of the exact binomial test, one-sided: so many right, or more, if the true accuracy were chance, or expected.
    """

    answered: int
    cannot_tell: int
    named: int
    right: int
    accuracy: Estimate
    chance: float
    expected: float | None
    p_chance: float | None
    p_expected: float | None
    outcome: Outcome


def blinding(truth: Sequence[str], guesses: Sequence[str], *, models: int) -> Blinding:
    """Of n guesses (`CANNOT_TELL` or a model's name) and n true names, how many were right, against luck.

    Broken: 10 or more guesses name a model, the lower end of Wilson's 95% interval lies above chance and above the
    expected accuracy, and both tests give p < .05. Else held, where 30 or more name one; else too few to say. Guesses
    of one person, and at one response, count as independent. Raises ValueError where the lengths differ or there are
    fewer than two models. Sources: Clopper and Pearson 1934 (test), Newcombe 1998 (interval), Cohen 1960 (expected).

    >>> found = blinding(["a", "a", "b", "b"], ["a", "b", "b", ""], models=2)
    >>> found.named, found.right, round(found.expected, 4), found.p_chance
    (3, 2, 0.4444, 0.5)
    """
    if len(truth) != len(guesses):
        raise ValueError("each guess has one true model")
    if models < 2:
        raise ValueError("with fewer than two models there is nothing to guess")
    pairs = [(true, guess) for true, guess in zip(truth, guesses, strict=True) if guess != CANNOT_TELL]
    named, right = len(pairs), sum(true == guess for true, guess in pairs)
    accuracy = wilson(right, named)
    expected = _expected(pairs) if pairs else None
    p_chance = _p(right, named, 1 / models)
    p_expected = None if expected is None else _p(right, named, expected)
    return Blinding(
        answered=len(guesses),
        cannot_tell=len(guesses) - named,
        named=named,
        right=right,
        accuracy=accuracy,
        chance=1 / models,
        expected=expected,
        p_chance=p_chance,
        p_expected=p_expected,
        outcome=_outcome(named, accuracy.low, max(1 / models, expected or 0.0), (p_chance, p_expected)),
    )


def _expected(pairs: Sequence[tuple[str, str]]) -> float:
    """Cohen's p_e: the sum over models of its share among the truths times its share among the guesses."""
    true, guessed = Counter(true for true, _ in pairs), Counter(guess for _, guess in pairs)
    return sum(true[name] * guessed[name] for name in true) / len(pairs) ** 2


def _p(right: int, named: int, accuracy: float) -> float | None:
    if named == 0:
        return None
    return float(betainc(right, named - right + 1, accuracy)) if right else 1.0


def _outcome(named: int, low: float | None, luck: float, p_values: Sequence[float | None]) -> Outcome:
    if (
        named >= LEAST
        and low is not None
        and low > luck
        and all(p is not None and p < LEVEL for p in p_values)
    ):
        return Outcome.BROKEN
    return Outcome.HELD if named >= FEW else Outcome.TOO_FEW
