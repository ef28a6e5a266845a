"""The alternative annotator test: may the judge stand in for a human annotator?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from ihlannotate.phrases import Phrase
from ihlannotate.stats.bootstrap import FloatArray, IntArray
from ihlannotate.stats.reliability.annotators import checked_ratings
from ihlannotate.stats.weights import Level, Values, level_values

_ROUNDING = 1e-9


@dataclass(frozen=True)
class AltAnnotator:
    """One annotator (row of the ratings) against the judge, on `items` that at least one other annotator
    rated.

    `advantage_probability` is the share of items on which the judge agrees with the others at least as well;
    `p_value` is one-sided and not yet corrected; `rejected` is after correction, in the judge's favour.
    """

    annotator: int
    items: int
    advantage_probability: float
    p_value: float
    rejected: bool


@dataclass(frozen=True)
class AltTest:
    """The outcome of the test at a fixed `epsilon`, or None for all figures and a note that says why."""

    epsilon: float
    winning_rate: float | None
    advantage_probability: float | None
    annotators_tested: int
    passed: bool | None
    note: str
    per_annotator: tuple[AltAnnotator, ...]


def alternative_annotator_test(
    ratings: NDArray[np.integer],
    verdicts: NDArray[np.integer],
    *,
    epsilon: float,
    level: Level,
    values: Values = None,
    minimum: int = 30,
    significance: float = 0.05,
) -> AltTest:
    """Compare the judge with each annotator by how well either agrees with the remaining annotators.

    `ratings` (R × U) and `verdicts` (U) are level indices, -1 missing or unparsed; `values` (V) serve
    interval levels. Agreement is accuracy for nominal levels and -RMSE (of ranks or values) for others. An
    annotator is tested on at least `minimum` items that somebody else rated too: one-sided t-test that the
    annotator's advantage is below `epsilon` (fixed beforehand: .2 for experts, .15 skilled, .1 crowd),
    Benjamini-Yekutieli at `significance`. The judge passes when it wins against at least half. With fewer
    than two annotators to test nothing is computed. An unparsed verdict agrees with nobody. Raises ValueError
    on codes that are no levels or unequal lengths. Source: Calderon, Reichart and Dror 2025, arXiv 2501.10970.
    """
    scale = values if level == "interval" else None
    level_count = max(int(np.max(ratings, initial=-1)), int(np.max(verdicts, initial=-1))) + 1
    if scale is not None:
        level_count = len(scale)  # whose highest levels may have been given to nothing
    table = checked_ratings(ratings, level_count)
    said = checked_ratings(np.asarray(verdicts)[None, :], level_count)[0]
    if table.shape[1] != len(said):
        raise ValueError(f"{table.shape[1]} rated items against {len(said)} verdicts")
    numbers = level_values(level_count, scale)
    both = (table >= 0) & ((table >= 0).sum(axis=0) >= 2)
    tested = np.flatnonzero(both.sum(axis=1) >= minimum)
    if len(tested) < 2:
        why = Phrase(
            "not computed: %(n)s of %(all)s annotators have %(minimum)s items others rated too, and 2 are needed",
            n=len(tested),
            all=len(table),
            minimum=minimum,
        )
        return AltTest(epsilon, None, None, len(tested), None, why, ())
    found = [_against(table[:, both[j]], said[both[j]], int(j), level, numbers) for j in tested]
    p_values = [_p_value(judge, human, epsilon) for judge, human in found]
    rejected = _adjusted(np.array(p_values)) <= significance
    per_annotator = tuple(
        AltAnnotator(int(j), len(judge), float(judge.mean()), p, bool(reject))
        for j, (judge, _), p, reject in zip(tested, found, p_values, rejected, strict=True)
    )
    winning_rate = float(rejected.mean())
    advantage = float(np.mean([one.advantage_probability for one in per_annotator]))
    unparsed = int((said < 0)[both.any(axis=0)].sum())
    note = Phrase("%(unparsed)s unparsed verdicts agree with nobody", unparsed=unparsed) if unparsed else ""
    return AltTest(epsilon, winning_rate, advantage, len(tested), winning_rate >= 0.5, note, per_annotator)


def _against(
    ratings: IntArray, verdicts: IntArray, annotator: int, level: Level, numbers: FloatArray
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Per item: is the judge at least as close to the others as the annotator, and the other way round."""
    others = np.delete(ratings, annotator, axis=0)
    judge = _distance(verdicts, others, level, numbers)
    human = _distance(ratings[annotator], others, level, numbers)
    # Distances such as .3 - .2 and .2 - .1 differ by rounding alone, which must not decide a tie
    tied = np.isclose(judge, human, rtol=_ROUNDING, atol=0)
    return (judge < human) | tied, (human < judge) | tied


def _distance(given: IntArray, others: IntArray, level: Level, numbers: FloatArray) -> FloatArray:
    """Sum of what separates `given` (U) from the `others` (R × U).

    It orders like -accuracy or RMSE, since both are compared over the same others.
    """
    apart: FloatArray
    if level == "nominal":
        apart = (others != given).astype(np.float64)
    else:
        apart = np.where(given < 0, np.inf, (numbers[others] - numbers[given]) ** 2)
    return np.asarray(np.where(others >= 0, apart, 0.0).sum(axis=0), dtype=np.float64)


def _p_value(judge: NDArray[np.bool_], human: NDArray[np.bool_], epsilon: float) -> float:
    advantage = human.astype(np.float64) - judge
    spread = float(advantage.std(ddof=1)) if len(advantage) > 1 else 0.0
    if spread == 0:
        return 0.0 if advantage[0] < epsilon else 1.0
    statistic = (advantage.mean() - epsilon) / (spread / np.sqrt(len(advantage)))
    return float(stdtr(len(advantage) - 1, statistic))


def _adjusted(p_values: FloatArray) -> FloatArray:
    """P values (m) after Benjamini and Yekutieli: the k-th smallest times m/k and 1 + 1/2 + … + 1/m, never falling."""
    falling = np.argsort(-p_values)
    ranks = np.arange(len(p_values), 0, -1)
    found = np.empty(len(p_values))
    found[falling] = np.minimum.accumulate(p_values[falling] * len(p_values) / ranks * (1 / ranks).sum())
    return np.minimum(found, 1.0)
