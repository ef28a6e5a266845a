"""Agreement by annotator: every pair of annotators, and alpha without each of them."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ihlannotate.phrases import Phrase
from ihlannotate.stats.bootstrap import FloatArray, IntArray, Sums, percentile_estimate
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.parts import resample_parts
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
    return _checked(ratings, level_count).astype(np.int64, copy=False)


def _checked(ratings: NDArray[np.integer], level_count: int) -> NDArray[np.integer]:
    table = np.asarray(ratings)
    if table.ndim != 2 or not np.issubdtype(table.dtype, np.integer):
        raise ValueError("ratings are level indices, annotators by units")
    if table.size and (table.min() < -1 or table.max() >= level_count):
        raise ValueError(f"ratings lie between -1 (missing) and {level_count - 1}")
    return table


def rating_counts(ratings: NDArray[np.integer], level_count: int) -> IntArray:
    """Annotations of each unit by level (U × V) from `ratings` (R × U, -1 missing).

    >>> import numpy as np
    >>> rating_counts(np.array([[0, 1, -1], [0, 0, 1]]), 2).tolist()
    [[2, 0], [1, 1], [0, 1]]
    """
    # A million units' ratings fit into few bytes each, and stay there
    table = _checked(ratings, level_count)
    counts = np.empty((table.shape[1], level_count), dtype=np.int64)
    for level in range(level_count):
        counts[:, level] = np.count_nonzero(table == level, axis=0)
    return counts


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

    All pairs come from one bootstrap of all prompts (`clusters`, U), in which each sums the units it has in common;
    where nothing is clustered, each resamples these units. `values` (V) space the quadratic weights of interval
    levels. Raises ValueError on codes that are no levels. Source: Cohen 1960, 1968.
    """
    table = checked_ratings(ratings, level_count)
    # Ordinal kappa weighs by ranks, whatever numbers the levels carry
    squared = disagreement("quadratic", level_count, values if level == "interval" else None)
    chosen = list(combinations(range(len(table)), 2))
    found = resample_parts(
        (_cells(table[a], table[b], level_count) for a, b in chosen),
        units=table.shape[1],
        summarise=lambda patterns: np.eye(level_count**2)[patterns[:, 0]],
        clusters=clusters,
        replicates=replicates,
        seed=seed,
    )
    return [
        _pair(a, b, sums, level_count, None if level == "nominal" else squared)
        for (a, b), sums in zip(chosen, found, strict=True)
    ]


def _cells(first: IntArray, second: IntArray, level_count: int) -> tuple[IntArray, IntArray]:
    """The units that both rated (n), and where each falls in the table of both (n × 1)."""
    common = np.flatnonzero((first >= 0) & (second >= 0))
    return common, (first[common] * level_count + second[common])[:, None]


def _pair(a: int, b: int, sums: Sums, level_count: int, squared: FloatArray | None) -> PairAgreement:
    tables = np.concatenate([sums.total[None, :], sums.replicates]).reshape(-1, level_count, level_count)
    n = int(sums.total.sum())

    def estimate(values: FloatArray, undefined: str) -> Estimate:
        reason = undefined if n else NO_COMMON_UNIT
        return percentile_estimate(float(values[0]), values[1:], clusters=sums.clusters, undefined=reason)

    return PairAgreement(
        a=a,
        b=b,
        n=n,
        percent_agreement=estimate(_agreeing(tables), NO_COMMON_UNIT),
        cohen_kappa=estimate(cohen(tables, disagreement(None, level_count)), NO_KAPPA),
        weighted_kappa=Estimate.undefined(Phrase("nominal"))
        if squared is None
        else estimate(cohen(tables, squared), NO_KAPPA),
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
    everyone, everything = rating_counts(table, level_count), np.arange(table.shape[1])
    unweighted = np.eye(level_count)
    found = resample_parts(
        ((everything, _without(given, everyone)) for given in table),
        units=table.shape[1],
        summarise=lambda patterns: tally_rows(patterns, unweighted),
        clusters=clusters,
        replicates=replicates,
        seed=seed,
    )
    return [(annotator, _alpha(sums, level_count, level, values)) for annotator, sums in enumerate(found)]


def _without(given: IntArray, everyone: IntArray) -> IntArray:
    others = everyone.copy()
    rated = np.flatnonzero(given >= 0)
    others[rated, given[rated]] -= 1
    return others


def _alpha(sums: Sums, level_count: int, level: Level, values: Values) -> Estimate:
    sample, resampled = read_tally(sums.total[None, :], level_count), read_tally(sums.replicates, level_count)
    return percentile_estimate(
        float(alpha(sample.coincidences, level, values)[0]),
        alpha(resampled.coincidences, level, values),
        clusters=sums.clusters,
        undefined=why_no_variation(sample),
    )
