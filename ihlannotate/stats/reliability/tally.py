"""The sums over units that every agreement coefficient is a function of."""

from dataclasses import dataclass

import numpy as np

from ihlannotate.stats.bootstrap import FloatArray, IntArray


@dataclass(frozen=True)
class Tally:
    """Sums over the units of each of B samples; V levels.

    `coincidences` (B × V × V): Krippendorff's coincidences of pairable units. `pairable`, `rated` (B): units
    with at least two annotations, with at least one. `agreement`, `weighted_agreement` (B): agreement of
    pairable units, plain and by Gwet's weights. `unit_shares` (B × V): shares of the levels in each rated
    unit. `annotations` (B × V): annotations of each level.
    """

    coincidences: FloatArray
    pairable: FloatArray
    rated: FloatArray
    agreement: FloatArray
    weighted_agreement: FloatArray
    unit_shares: FloatArray
    annotations: FloatArray


def tally_rows(counts: IntArray, weights: FloatArray) -> FloatArray:
    """One row of summands for each unit (U × C), C = V(V+1)/2 + 4 + 2V, to be summed and read by
    `read_tally`.

    `counts` (U × V): annotations of each unit by level; `weights` (V × V): Gwet's agreement weights.
    """
    held = counts.astype(np.float64)
    sizes = held.sum(axis=1)
    pairable = sizes >= 2
    per_other = np.where(pairable, 1.0 / np.maximum(sizes - 1, 1), 0.0)
    per_annotation = 1.0 / np.maximum(sizes, 1)
    first, second = np.triu_indices(held.shape[1])
    pairs = held[:, first] * (held[:, second] - (first == second)) * per_other[:, None]
    agreeing = (held * (held - 1)).sum(axis=1) * per_other * per_annotation
    weighted = (held * (held @ weights - 1)).sum(axis=1) * per_other * per_annotation
    scalars = np.column_stack([pairable, sizes >= 1, agreeing, weighted])
    return np.concatenate([pairs, scalars, held * per_annotation[:, None], held], axis=1)


def read_tally(sums: FloatArray, level_count: int) -> Tally:
    """The Tally of sums (B × C) of the rows made by `tally_rows` for `level_count` levels."""
    first, second = np.triu_indices(level_count)
    ends = np.cumsum([len(first), 4, level_count])
    triangle, scalars, unit_shares, annotations = np.split(sums, ends, axis=1)
    coincidences = np.empty((len(sums), level_count, level_count))
    coincidences[:, first, second] = triangle
    coincidences[:, second, first] = triangle
    pairable, rated, agreement, weighted = scalars.T
    return Tally(coincidences, pairable, rated, agreement, weighted, unit_shares, annotations)
