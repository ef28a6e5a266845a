"""The prompt bootstrap of several parts of the data at once: slices, pairs of annotators, all but one of them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ihlannotate.stats.bootstrap import (
    FloatArray,
    IntArray,
    Rows,
    Sums,
    cluster_codes,
    cluster_weights,
    distinct_rows,
    pattern_weights,
    resample,
    summed,
)

_HELD_CELLS = 8_000_000
_WORTH_PICKING = 4  # a product with zeros costs less than copying the columns it could leave out


def resample_subsets(
    units: NDArray[np.integer],
    *,
    subsets: NDArray[np.bool_],
    summarise: Callable[[IntArray], FloatArray],
    clusters: NDArray[np.integer] | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> tuple[Sums, ...]:
    """What `resample` gives, for each of several subsets of the units (S × U), from one and the same replicates.

    All clusters are resampled, and in each replicate every subset sums its own units among those drawn: the
    subsets of a replicate belong together, and may overlap. `clusters` of a subset's Sums are those that hold
    a unit of it.
    """
    table, chosen = np.asarray(units, dtype=np.int64), np.asarray(subsets, dtype=np.bool_)
    if chosen.ndim != 2 or chosen.shape[1] != len(table):
        raise ValueError(f"{len(table)} units need subsets of as many columns, not {chosen.shape}")
    kinds, kind, _ = distinct_rows(np.packbits(chosen.T, axis=1).astype(np.int64))
    patterns, inverse, copies = distinct_rows(np.column_stack([kind, table]))
    inside = np.unpackbits(kinds.astype(np.uint8), axis=1, count=len(chosen))[patterns[:, 0]].T
    rows = summarise(patterns[:, 1:])
    codes = cluster_codes(clusters, len(table))
    rng = np.random.default_rng(seed)
    of_subset = [np.flatnonzero(member) for member in inside]
    totals = [copies[own].astype(np.float64) @ rows[own] for own in of_subset]
    if len(table) == 0:
        return tuple(Sums(total, np.zeros((0, rows.shape[1])), 0) for total in totals)
    if codes is None:
        parts = [(own, rows[own]) for own in of_subset]
        sizes = [int(copies[own].sum()) for own in of_subset]
        batches = pattern_weights(copies, replicates, rng)
    else:
        count = int(codes.max()) + 1
        membership = sparse.csc_matrix(
            (np.ones(len(codes)), (codes, inverse)), shape=(count, len(patterns)), dtype=np.float64
        )
        parts = [_by_cluster(membership[:, own], rows[own]) for own in of_subset]
        sizes = [len(present) for present, _ in parts]
        batches = cluster_weights(count, replicates, rng)
    sums: list[list[FloatArray]] = [[np.zeros((0, rows.shape[1]))] for _ in parts]
    for weights in batches:
        for found, (columns, summands) in zip(sums, parts, strict=True):
            found.append(weights[:, columns] @ summands)
    return tuple(
        Sums(total, np.concatenate(found), size)
        for total, found, size in zip(totals, sums, sizes, strict=True)
    )


def _by_cluster(membership: sparse.csc_matrix, rows: FloatArray) -> tuple[IntArray, FloatArray]:
    """The clusters that hold any of the patterns, and the sums of their rows."""
    by_row = membership.tocsr()
    present = np.flatnonzero(np.diff(by_row.indptr))
    return present, np.asarray(by_row[present] @ rows)


def resample_parts(
    parts: Iterable[tuple[IntArray, IntArray]],
    *,
    units: int,
    summarise: Callable[[IntArray], Rows],
    clusters: NDArray[np.integer] | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> Iterator[Sums]:
    """What `resample` gives for each of several tables over some of U = `units` units, from one set of draws.

    A part is the indices of its units (n) and what is known of each (n × K, for `summarise`); parts may overlap.
    All `clusters` (U) are resampled, and each part sums its own units among those drawn; `clusters` of its Sums are
    those that hold a unit of it. Where nothing is clustered, each part's own units are resampled: drawing patterns
    costs less than sharing. Parts are taken in turn and never held all at once.
    """
    codes = cluster_codes(clusters, units)
    if codes is None:
        for _, known in parts:
            yield resample(known, summarise=summarise, replicates=replicates, seed=seed)
        return
    count = int(codes.max()) + 1
    held: list[_Part] = []
    for own, known in parts:
        held.append(_part(known, codes[own], count, summarise))
        if sum(part.summands.size for part in held) > _HELD_CELLS:
            yield from _drawn(held, count, replicates, seed)
            held = []
    yield from _drawn(held, count, replicates, seed)


@dataclass(frozen=True)
class _Part:
    """Sums over a part's units (C), and those by cluster (G' × C): all clusters, or those at `columns`."""

    total: FloatArray
    summands: Rows
    columns: IntArray | None
    clusters: int

    @property
    def is_dense(self) -> bool:
        return self.columns is None and not sparse.issparse(self.summands)


def _part(known: IntArray, codes: IntArray, count: int, summarise: Callable[[IntArray], Rows]) -> _Part:
    patterns, inverse, copies = distinct_rows(np.asarray(known, dtype=np.int64))
    rows = summarise(patterns)
    membership = sparse.csr_matrix(
        (np.ones(len(codes)), (codes, inverse)), shape=(count, len(patterns)), dtype=np.float64
    )
    present = np.flatnonzero(np.diff(membership.indptr))
    total = copies.astype(np.float64) @ rows
    if _WORTH_PICKING * len(present) > count:
        return _Part(total, summed(membership, rows), None, len(present))
    return _Part(total, summed(membership[present], rows), present, len(present))


def _drawn(held: list[_Part], count: int, replicates: int, seed: int) -> Iterator[Sums]:
    if not held:
        return
    # Few columns cost as much as many: what reads all the weights is multiplied side by side
    dense = [part.summands for part in held if part.is_dense]
    beside = np.concatenate([np.zeros((count, 0)), *dense], axis=1)
    ends = np.cumsum([0, *(one.shape[1] for one in dense)])[:-1]
    found: list[list[FloatArray]] = [[np.zeros((0, len(part.total)))] for part in held]
    for weights in cluster_weights(count, replicates, np.random.default_rng(seed)):
        _, *products = np.split(weights @ beside, ends, axis=1)
        of_dense = iter(products)
        for sums, part in zip(found, held, strict=True):
            chosen = weights if part.columns is None else weights[:, part.columns]
            sums.append(next(of_dense) if part.is_dense else np.asarray(chosen @ part.summands))
    for sums, part in zip(found, held, strict=True):
        yield Sums(part.total, np.concatenate(sums), part.clusters)
