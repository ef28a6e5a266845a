"""The prompt bootstrap: sums over units, resampled by multinomial weights, and percentile intervals.

Every statistic here is a function of sums over units, so a replicate is a weighted sum of the same rows and
all replicates are one matrix product. The prompt is the cluster, because several models answer the same
prompt.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ihlannotate.phrases import Phrase
from ihlannotate.stats.estimate import Estimate

IntArray: TypeAlias = NDArray[np.int64]
FloatArray: TypeAlias = NDArray[np.float64]
Rows: TypeAlias = FloatArray | sparse.csr_matrix

LIMITS = (0.025, 0.975)
_BATCH_CELLS = 1_000_000
_KEPT_CELLS = 500_000  # of weights that are kept, 4 MB at eight bytes a cell
_RADIX_LIMIT = 2**62
_MANY_PATTERNS = 200
_SLOWER_BINOMIAL = 8


@dataclass(frozen=True)
class Sums:
    """Sums of C columns: over the sample, `total` (C), and over its resamples, `replicates` (B × C).

    `clusters` is how many clusters were resampled.
    """

    total: FloatArray
    replicates: FloatArray
    clusters: int


def distinct_rows(rows: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Distinct rows of an integer array (U × K): the rows (P × K, sorted), the index of each row of the input
    among them (U), and how often each occurs (P)."""
    if len(rows) == 0:
        return rows, np.zeros(0, np.int64), np.zeros(0, np.int64)
    low = rows.min(axis=0)
    spans = [int(span) for span in rows.max(axis=0) - low + 1]
    size = 1
    for span in spans:
        size *= span
    if size > _RADIX_LIMIT:
        patterns, inverse, copies = np.unique(rows, axis=0, return_inverse=True, return_counts=True)
        return patterns, inverse.reshape(-1), copies
    codes = np.zeros(len(rows), np.int64)
    for column, span in enumerate(spans):
        codes *= span
        codes += rows[:, column] - low[column]
    present, inverse, copies = _distinct_codes(codes, size)
    return _decode(present, spans) + low, inverse, copies


def _distinct_codes(codes: IntArray, size: int) -> tuple[IntArray, IntArray, IntArray]:
    if size > 4 * len(codes) + 1024:
        present, inverse, copies = np.unique(codes, return_inverse=True, return_counts=True)
        return present, inverse, copies
    frequency = np.bincount(codes, minlength=size)
    present = np.flatnonzero(frequency)
    rank = np.cumsum(frequency > 0) - 1
    return present, rank[codes], frequency[present]


def _decode(codes: IntArray, spans: list[int]) -> IntArray:
    rows = np.empty((len(codes), len(spans)), np.int64)
    for column in range(len(spans) - 1, -1, -1):
        codes, rows[:, column] = np.divmod(codes, spans[column])
    return rows


def cluster_codes(clusters: NDArray[np.integer] | None, units: int) -> IntArray | None:
    """Codes 0..G-1 of each unit's cluster (U), or None where every cluster holds one unit.

    Raises ValueError where there is not one cluster code for each unit.
    """
    if clusters is None:
        return None
    if np.shape(clusters) != (units,):
        raise ValueError(f"{units} units need {units} cluster codes, not {np.shape(clusters)}")
    present, codes = np.unique(clusters, return_inverse=True)
    return None if len(present) == units else codes.astype(np.int64, copy=False)


def resample(
    units: NDArray[np.integer],
    *,
    summarise: Callable[[IntArray], Rows],
    clusters: NDArray[np.integer] | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> Sums:
    """Sum what `summarise` makes of each unit, over the sample and over resamples of its clusters.

    `units` (U × K) holds what is known of each unit as small integers; `summarise` turns distinct rows (P × K)
    into floats (P × C; sparse if most are 0) and is called once. `clusters` (U) are integer codes; None, or
    clusters of one unit each, takes the shortcut: identical units are collapsed and the number of copies of each
    pattern is drawn from Multinomial(U; shares), which is exactly the unit bootstrap at a cost that does not grow
    with U.
    """
    patterns, inverse, copies = distinct_rows(np.asarray(units, dtype=np.int64))
    rows = summarise(patterns)
    total = copies.astype(np.float64) @ rows
    codes = cluster_codes(clusters, len(units))
    rng = np.random.default_rng(seed)
    if len(units) == 0:
        return Sums(total, np.zeros((0, rows.shape[1])), 0)
    if codes is None:
        draws = pattern_weights(copies, replicates, rng)
        return Sums(total, _weighted(draws, rows), len(units))
    count = int(codes.max()) + 1
    membership = sparse.csr_matrix(
        (np.ones(len(codes)), (codes, inverse)), shape=(count, len(patterns)), dtype=np.float64
    )
    by_cluster = summed(membership, rows)
    del codes, inverse, membership  # as long as the units are many; the draws take their memory
    return Sums(total, _weighted(cluster_weights(count, replicates, rng), by_cluster), count)


def summed(membership: sparse.csr_matrix, rows: Rows) -> Rows:
    """The rows (P × C) added up by cluster (G × C), sparse if they are; `membership` (G × P) says how often each."""
    found = membership @ rows
    return sparse.csr_matrix(found) if sparse.issparse(found) else np.asarray(found)


def resample_rows(
    rows: FloatArray,
    *,
    clusters: NDArray[np.integer] | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> Sums:
    """Sum the columns of `rows` (U × C, a row for each unit) over the sample and over resamples of its clusters.

    As `resample`, for what is known of the units only as numbers that hardly repeat (scores, positions), so that
    nothing can be collapsed. `clusters` (U) are integer codes; None lets each unit stand for itself.
    """
    codes = cluster_codes(clusters, len(rows))
    if codes is not None:
        count = int(codes.max()) + 1
        order = (np.ones(len(codes)), (codes, np.arange(len(codes))))
        rows = np.asarray(sparse.csr_matrix(order, shape=(count, len(codes)), dtype=np.float64) @ rows)
    total = rows.sum(axis=0)
    if len(rows) == 0:
        return Sums(total, np.zeros((0, rows.shape[1])), 0)
    if len(rows) * replicates <= _KEPT_CELLS:
        batches = iter(_kept_weights(len(rows), replicates, seed))
    else:
        batches = cluster_weights(len(rows), replicates, np.random.default_rng(seed))
    return Sums(total, _weighted(batches, rows), len(rows))


@lru_cache(maxsize=8)
def _kept_weights(count: int, replicates: int, seed: int) -> tuple[FloatArray, ...]:
    """The same draws for every figure of one table, which mostly rest on as many prompts."""
    return tuple(cluster_weights(count, replicates, np.random.default_rng(seed)))


def _weighted(batches: Iterator[FloatArray], rows: Rows) -> FloatArray:
    sums = [np.asarray(weights @ rows) for weights in batches]
    return np.concatenate(sums) if sums else np.zeros((0, rows.shape[1]))


def _batch_sizes(replicates: int, width: int) -> Iterator[int]:
    """Split `replicates` so that a batch of rows of `width` cells stays within some megabytes, near a cache's."""
    size = max(1, _BATCH_CELLS // max(width, 1))
    for start in range(0, replicates, size):
        yield min(size, replicates - start)


def pattern_weights(copies: IntArray, replicates: int, rng: np.random.Generator) -> Iterator[FloatArray]:
    """How often each of P patterns is in each replicate, from its `copies` (P): Multinomial(sum; shares), in
    batches (b × P)."""
    total = int(copies.sum())
    if len(copies) > _MANY_PATTERNS and _SLOWER_BINOMIAL * len(copies) > total:
        # Patterns that hardly repeat: drawing units is the same multinomial, and cheaper than its binomials
        owner = np.repeat(np.arange(len(copies)), copies)
        for size in _batch_sizes(replicates, total):
            drawn = owner[rng.integers(total, size=(size, total))]
            drawn += np.arange(size)[:, None] * len(copies)
            counted = np.bincount(drawn.ravel(), minlength=size * len(copies))
            yield counted.reshape(size, len(copies)).astype(np.float64)
        return
    for size in _batch_sizes(replicates, len(copies)):
        yield rng.multinomial(total, copies / total, size=size).astype(np.float64)


def cluster_weights(
    count: int, replicates: int, rng: np.random.Generator, width: int | None = None
) -> Iterator[FloatArray]:
    """How often each of `count` clusters is in each replicate: Multinomial(count; 1/count), in batches (b ×
    count).

    `width` is what the caller makes of each replicate, in cells, where that is more than `count`.
    """
    for size in _batch_sizes(replicates, width or count):
        # Counting uniform draws is the same multinomial and some ten times faster than drawing binomials
        drawn = rng.integers(count, size=(size, count))
        drawn += np.arange(size)[:, None] * count
        yield np.bincount(drawn.ravel(), minlength=size * count).reshape(size, count).astype(np.float64)


def percentile_estimate(value: float, draws: FloatArray, *, clusters: int, undefined: str) -> Estimate:
    """An Estimate of `value` with the percentile interval of its replicates `draws` (B).

    NaN means undefined: as the value it gives the reason `undefined`; replicates that are undefined are left
    out of the percentiles and counted in the note, and where more than half of them are, there is no
    interval.
    """
    if np.isnan(value):
        return Estimate.undefined(undefined)
    if len(draws) == 0:
        return Estimate(value, None, None, Phrase("no replicates: no interval"))
    if clusters < 2:
        return Estimate(value, None, None, Phrase("nothing to resample: one prompt only, so no interval"))
    defined = draws[~np.isnan(draws)]
    lost = len(draws) - len(defined)
    if 2 * lost > len(draws):
        return Estimate(
            value,
            None,
            None,
            Phrase("undefined in %(lost)s of %(n)s replicates, so no interval", lost=lost, n=len(draws)),
        )
    low, high = np.quantile(defined, LIMITS)
    note = (
        Phrase("%(lost)s of %(n)s replicates undefined and left out of the interval", lost=lost, n=len(draws))
        if lost
        else ""
    )
    return Estimate(value, float(low), float(high), note)
