"""Agreement by annotator: every pair of annotators, and alpha without each of them."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ihlannotate.phrases import Phrase
from ihlannotate.stats.bootstrap import FloatArray, IntArray, percentile_estimate, resample
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.reliability.coefficients import alpha, cohen, divide
from ihlannotate.stats.reliability.summary import why_no_variation
from ihlannotate.stats.reliability.tally import read_tally, tally_rows
from ihlannotate.stats.weights import Level, Values, disagreement

NO_COMMON_UNIT = Phrase("no unit in common")
NO_KAPPA = Phrase("no variation: both gave one and the same level")


@dataclass(frozen=True)
class PairAgreement:
    """Annotators `a` and `b` (rows of the ratings) on the `n` units that both rated.

    `weighted_kappa` has quadratic weights and is undefined, with the note "nominal", where levels have no
    order.
    """

    a: int
    b: int
    n: int
    percent_agreement: Estimate
    cohen_kappa: Estimate
    weighted_kappa: Estimate


def checked_ratings(ratings: NDArray[np.integer], level_count: int) -> IntArray:
    """`ratings` (R × U, level indices, -1 missing) as int64. Raises ValueError on any other shape or code."""
    table = np.asarray(ratings)
    if table.ndim != 2 or not np.issubdtype(table.dtype, np.integer):
        raise ValueError("ratings are level indices, annotators by units")
    if table.size and (table.min() < -1 or table.max() >= level_count):
        raise ValueError(f"ratings lie between -1 (missing) and {level_count - 1}")
    return table.astype(np.int64, copy=False)


def rating_counts(ratings: NDArray[np.integer], level_count: int) -> IntArray:
    """Annotations of each unit by level (U × V) from `ratings` (R × U, -1 missing).

    >>> import numpy as np
    >>> rating_counts(np.array([[0, 1, -1], [0, 0, 1]]), 2).tolist()
    [[2, 0], [1, 1], [0, 1]]
    """
    table = checked_ratings(ratings, level_count)
    return np.stack([(table == level).sum(axis=0) for level in range(level_count)], axis=1).astype(np.int64)


def pairwise(
    ratings: NDArray[np.integer],
    *,
    level_count: int,
    level: Level,
    values: Values = None,
    clusters: NDArray[np.integer] | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> list[PairAgreement]:
    """Agreement of every two annotators of `ratings` (R × U, level indices, -1 missing), in order of (a, b).

    Each pair resamples the prompts (`clusters`, U) of the units it has in common, from the same seed.
    `values` (V) space the quadratic weights of interval levels. Raises ValueError on codes that are no
    levels. Source: Cohen 1960, 1968.
    """
    table = checked_ratings(ratings, level_count)
    # Ordinal kappa weighs by ranks, whatever numbers the levels carry
    squared = disagreement("quadratic", level_count, values if level == "interval" else None)
    found = []
    for a, b in combinations(range(len(table)), 2):
        common = (table[a] >= 0) & (table[b] >= 0)
        shared = None if clusters is None else np.asarray(clusters)[common]
        pair = _pair(table[[a, b]][:, common], level_count, squared, shared, replicates, seed)
        weighted = Estimate.undefined(Phrase("nominal")) if level == "nominal" else pair[2]
        found.append(PairAgreement(a, b, int(common.sum()), pair[0], pair[1], weighted))
    return found


def _pair(
    both: IntArray,
    level_count: int,
    squared: FloatArray,
    clusters: NDArray[np.integer] | None,
    replicates: int,
    seed: int,
) -> tuple[Estimate, Estimate, Estimate]:
    cells = (both[0] * level_count + both[1])[:, None]
    sums = resample(
        cells,
        summarise=lambda patterns: np.eye(level_count**2)[patterns[:, 0]],
        clusters=clusters,
        replicates=replicates,
        seed=seed,
    )
    table = sums.total.reshape(1, level_count, level_count)
    tables = sums.replicates.reshape(-1, level_count, level_count)
    plain = disagreement(None, level_count)

    def estimate(value: FloatArray, draws: FloatArray, undefined: str) -> Estimate:
        reason = undefined if both.shape[1] else NO_COMMON_UNIT
        return percentile_estimate(float(value[0]), draws, clusters=sums.clusters, undefined=reason)

    return (
        estimate(_agreeing(table), _agreeing(tables), NO_COMMON_UNIT),
        estimate(cohen(table, plain), cohen(tables, plain), NO_KAPPA),
        estimate(cohen(table, squared), cohen(tables, squared), NO_KAPPA),
    )


def _agreeing(tables: FloatArray) -> FloatArray:
    return divide(np.trace(tables, axis1=1, axis2=2), tables.sum(axis=(1, 2)))


def leave_one_out(
    ratings: NDArray[np.integer],
    *,
    level_count: int,
    level: Level,
    values: Values = None,
    clusters: NDArray[np.integer] | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> list[tuple[int, Estimate]]:
    """Krippendorff's alpha without each annotator in turn: (row of the ratings, alpha of all the others).

    `ratings` (R × U, level indices, -1 missing), `values` (V) for interval levels, `clusters` (U). An alpha
    that rises when somebody is left out points at somebody who reads the rubric differently.
    """
    table = checked_ratings(ratings, level_count)
    everyone = rating_counts(table, level_count)
    unweighted = np.eye(level_count)
    found = []
    for annotator, given in enumerate(table):
        others = everyone.copy()
        rated = np.flatnonzero(given >= 0)
        others[rated, given[rated]] -= 1
        sums = resample(
            others,
            summarise=lambda patterns: tally_rows(patterns, unweighted),
            clusters=clusters,
            replicates=replicates,
            seed=seed,
        )
        sample = read_tally(sums.total[None, :], level_count)
        resampled = read_tally(sums.replicates, level_count)
        estimate = percentile_estimate(
            float(alpha(sample.coincidences, level, values)[0]),
            alpha(resampled.coincidences, level, values),
            clusters=sums.clusters,
            undefined=why_no_variation(sample),
        )
        found.append((annotator, estimate))
    return found
