"""Reliability of parts of the data (a category, a language, a rule group), all from the same replicates."""

import numpy as np
from numpy.typing import NDArray

from ihlannotate.stats.bootstrap import FloatArray, IntArray
from ihlannotate.stats.parts import resample_subsets
from ihlannotate.stats.reliability.summary import Reliability, checked_counts, read_reliability
from ihlannotate.stats.reliability.tally import tally_rows
from ihlannotate.stats.weights import Level, Values, agreement


def reliability_by_slice(
    counts: NDArray[np.integer],
    slices: NDArray[np.bool_],
    *,
    level: Level,
    values: Values = None,
    clusters: NDArray[np.integer] | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> tuple[Reliability, ...]:
    """The Reliability of each of `slices` (S × U: whether the unit belongs), in their order.

    `counts` (U × V: annotations of each unit by level), `level`, `values` (V), `clusters` (U) as for
    `reliability`, whose values each slice has. Slices may overlap (an item can concern several rules) and may be
    empty. Intervals come from one bootstrap of all prompts, so how many of a slice's prompts are in a replicate
    varies too; `clusters` of a slice are the prompts with a unit in it, and each slice says its own reasons where
    something is undefined. Counts are summed once for each prompt and slice. Raises ValueError on counts that are
    not whole numbers from 0 up and on slices of another length. Source: Särndal, Swensson and Wretman 1992, Model
    Assisted Survey Sampling, chapter 10 (domains).
    """
    table = checked_counts(counts)
    level_count = table.shape[1]
    weights = agreement(level, level_count, values)

    def summarise(patterns: IntArray) -> FloatArray:
        return tally_rows(patterns, weights)

    found = resample_subsets(
        table, subsets=slices, summarise=summarise, clusters=clusters, replicates=replicates, seed=seed
    )
    return tuple(
        read_reliability(
            sums, level_count=level_count, level=level, values=values, replicates=replicates, seed=seed
        )
        for sums in found
    )


def slices_of(codes: NDArray[np.integer], count: int) -> NDArray[np.bool_]:
    """The slices (count × U) of units that each belong to one of `count` groups (`codes`, U), -1 to none.

    >>> import numpy as np
    >>> slices_of(np.array([0, 1, -1]), 2).tolist()
    [[True, False, False], [False, True, False]]
    """
    return np.asarray(np.arange(count)[:, None] == np.asarray(codes)[None, :], dtype=np.bool_)
