"""Which responses count for a measure, by the judge and by gold, and what each says of them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ihlannotate.pipeline.findings.columns import Answered, BoolArray, Column, IntArray
from ihlannotate.pipeline.findings.measures import Measure

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Population:
    """R responses and one measure. `by_judge`, `by_gold`: what the judge and gold, each by itself, make a figure of.

    `both` and `elsewhere` are what corrections take: responses that the judge scored and on which gold is known (the
    level, or that the condition of the measure does not hold), and those that the judge scored where gold settles
    nothing. `truth` and `said` are the values: 1 or 0 for a share, the level's number for a mean. NaN where the
    condition does not hold by gold or by the judge, and where a mean has no number; a verdict that could not be parsed
    is not the level of a share. In a study with a sample, `weights` are inverse inclusion probabilities, and
    `elsewhere` is all that the judge scored: the whole that gold, weighed, stands for.
    """

    prompts: IntArray
    by_judge: BoolArray
    by_gold: BoolArray
    both: BoolArray
    elsewhere: BoolArray
    truth: FloatArray
    said: FloatArray
    weights: FloatArray | None
    judged: bool  # whether the judge said anything at all on this criterion

    def of(self, chosen: BoolArray) -> "Population":
        """The same of some of the responses."""
        return Population(
            self.prompts[chosen],
            self.by_judge[chosen],
            self.by_gold[chosen],
            self.both[chosen],
            self.elsewhere[chosen],
            self.truth[chosen],
            self.said[chosen],
            None if self.weights is None else self.weights[chosen],
            self.judged,
        )


def population_of(answered: Answered, measure: Measure) -> Population:
    """Which of a study's responses count for a measure."""
    gold, verdicts = answered.gold[measure.criterion], answered.verdicts[measure.criterion]
    holds, fails = _condition(answered.gold, measure)
    holds_by_judge, _fails = _condition(answered.verdicts, measure)
    by_gold = holds & (gold.codes >= 0)
    judged = bool(verdicts.given.any())
    scored = verdicts.given & judged
    for key, _levels in measure.condition:
        scored |= answered.verdicts[key].given & judged
    by_judge = holds_by_judge & verdicts.given
    truth, said = _numbers(gold, measure), _numbers(verdicts, measure)
    if measure.condition:
        truth, said = np.where(by_gold, truth, np.nan), np.where(by_judge, said, np.nan)
    known = by_gold | fails
    return Population(
        prompts=answered.prompts,
        # What has no number has no place in a mean
        by_judge=by_judge & ~np.isnan(said),
        by_gold=by_gold,
        both=known & scored,
        elsewhere=scored & ~known if answered.weights is None else scored,
        truth=truth,
        said=said,
        weights=answered.weights,
        judged=judged,
    )


def _condition(columns: Mapping[str, Column], measure: Measure) -> tuple[BoolArray, BoolArray]:
    """Where the condition holds, and where it is known not to (R each).

    One on a criterion of which nothing at all is said can't be checked, and is taken as met.
    """
    size = len(columns[measure.criterion].codes)
    holds, fails = np.ones(size, dtype=np.bool_), np.zeros(size, dtype=np.bool_)
    for key, values in measure.condition:
        column = columns[key]
        if column.given.any():
            met = column.among(values)
            holds &= met
            fails |= (column.codes >= 0) & ~met
    return holds, fails


def _numbers(column: Column, measure: Measure) -> FloatArray:
    if measure.statistic == "share":
        return column.among(measure.levels).astype(np.float64)
    # Code -1 takes the last entry
    return np.array([*measure.numbers, np.nan])[column.codes]
