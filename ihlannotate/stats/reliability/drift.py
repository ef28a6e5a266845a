"""Drift: whether annotators agree, and use the levels, differently as they go through their items."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ihlannotate.phrases import Phrase
from ihlannotate.stats.bootstrap import FloatArray, IntArray, percentile_estimate, resample, resample_rows
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.reliability.annotators import checked_ratings
from ihlannotate.stats.reliability.coefficients import alpha, divide
from ihlannotate.stats.reliability.summary import why_no_variation
from ihlannotate.stats.reliability.tally import Tally, read_tally, tally_rows
from ihlannotate.stats.weights import Level, Values, level_values

THIRDS = 3
PER_ITEMS = 100
NOMINAL = Phrase("the levels are not numbers")
NO_ANNOTATION = Phrase("no annotation has a place in this third")
NO_CHANGE = Phrase("no annotator has two annotations with a place in their sequence")


@dataclass(frozen=True)
class Third:
    """One third of the annotators' sequences: `annotations` made in it, and units with at least two of them.

    `krippendorff_alpha` of these annotations; `shares` of each level among them; `mean` of the levels' numbers,
    undefined for nominal levels.
    """

    annotations: int
    pairable_units: int
    krippendorff_alpha: Estimate
    shares: tuple[Estimate, ...]
    mean: Estimate


@dataclass(frozen=True)
class Drift:
    """`thirds`, first to last; `slopes`: change of each level's share per 100 items of an annotator's own sequence,
    annotators' own means taken out; `slope`: the same of the mean number, undefined for nominal levels."""

    thirds: tuple[Third, Third, Third]
    slopes: tuple[Estimate, ...]
    slope: Estimate


def drift(
    ratings: NDArray[np.integer],
    positions: NDArray[np.integer],
    lengths: NDArray[np.integer],
    *,
    level_count: int,
    level: Level,
    values: Values = None,
    clusters: NDArray[np.integer] | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> Drift:
    """How agreement and the use of levels change along the annotators' sequences.

    `ratings` (R × U, level indices, -1 missing) with `positions` (R × U): the place of each among its annotator's
    own `lengths` (R) items, from 0; -1 where it has none, and such ratings are left out. Item r of n belongs to
    third 3r // n, whatever share of the items the criterion was asked on. Alpha of a third compares what was
    rated in that third by each of the annotators concerned: a unit counts where at least two of them had it in
    that third of their own sequences. Slopes are least squares within annotators (positions and levels less the
    annotator's mean in the sample). Numbers of levels are their `values` (V) if interval, their ranks from 1 if
    ordinal. The prompts (`clusters`, U) are resampled. For one annotator pass one row: there is then no alpha.
    Raises ValueError on codes that are no levels, on positions outside the sequence and on other shapes. Source:
    METHODS of this project; Wooldridge 2010, Econometric Analysis, chapter 10 (within estimator).
    """
    table = checked_ratings(ratings, level_count)
    places, ends = _checked_places(table, positions, lengths)
    numbers = _numbers(level, level_count, values)
    counts = np.zeros((table.shape[1], THIRDS * level_count), dtype=np.int64)
    products = np.zeros((table.shape[1], 1 + level_count + (numbers is not None)))
    for given, place, length in zip(table, places, ends, strict=True):
        own = np.flatnonzero((given >= 0) & (place >= 0))
        if len(own):
            counts[own, THIRDS * place[own] // length * level_count + given[own]] += 1
            products[own] += _products(place[own], given[own], level_count, numbers)
    thirds = _thirds(
        counts,
        level=level,
        values=values,
        numbers=numbers,
        clusters=clusters,
        replicates=replicates,
        seed=seed,
    )
    sums = resample_rows(products, clusters=clusters, replicates=replicates, seed=seed)
    fitted = divide(sums.total[1:], sums.total[:1])
    drawn = divide(sums.replicates[:, 1:], sums.replicates[:, :1])
    found = tuple(
        percentile_estimate(float(value), draws, clusters=sums.clusters, undefined=NO_CHANGE)
        for value, draws in zip(fitted, drawn.T, strict=True)
    )
    slope = Estimate.undefined(NOMINAL) if numbers is None else found[level_count]
    return Drift(thirds=thirds, slopes=found[:level_count], slope=slope)


def _products(place: IntArray, given: IntArray, level_count: int, numbers: FloatArray | None) -> FloatArray:
    """For each of one annotator's annotations (n × C) x·x and x·y, x the place in hundreds and y whether each level was
    given, and its number if there are any; x and y are less their means."""
    x = place / PER_ITEMS
    y = np.eye(level_count)[given]
    if numbers is not None:
        y = np.column_stack([y, numbers[given]])
    x = x - x.mean()
    return np.column_stack([x * x, x[:, None] * (y - y.mean(axis=0))])


def _checked_places(
    table: IntArray, positions: NDArray[np.integer], lengths: NDArray[np.integer]
) -> tuple[IntArray, IntArray]:
    places, ends = np.asarray(positions), np.asarray(lengths)
    if places.shape != table.shape or ends.shape != (len(table),):
        raise ValueError("ratings need positions of their shape, and a length for each annotator")
    if not (np.issubdtype(places.dtype, np.integer) and np.issubdtype(ends.dtype, np.integer)):
        raise ValueError("positions and lengths are whole numbers")
    if places.size and (places.min() < -1 or (places >= ends[:, None]).any(where=places >= 0)):
        raise ValueError("positions lie between -1 (none) and the length of the sequence less 1")
    return places.astype(np.int64, copy=False), ends.astype(np.int64, copy=False)


def _numbers(level: Level, level_count: int, values: Values) -> FloatArray | None:
    if level == "nominal":
        return None
    return np.arange(1.0, level_count + 1) if level == "ordinal" else level_values(level_count, values)


def _thirds(
    counts: IntArray,
    *,
    level: Level,
    values: Values,
    numbers: FloatArray | None,
    clusters: NDArray[np.integer] | None,
    replicates: int,
    seed: int,
) -> tuple[Third, Third, Third]:
    """The thirds of `counts` (U × 3·V: annotations of each unit by third and level)."""
    level_count = counts.shape[1] // THIRDS
    unweighted = np.eye(level_count)
    sums = resample(
        counts,
        summarise=lambda patterns: np.concatenate(
            [tally_rows(part, unweighted) for part in np.split(patterns, THIRDS, axis=1)], axis=1
        ),
        clusters=clusters,
        replicates=replicates,
        seed=seed,
    )

    def third(total: FloatArray, replicated: FloatArray) -> Third:
        sample, drawn = read_tally(total[None, :], level_count), read_tally(replicated, level_count)

        def estimate(value: FloatArray, draws: FloatArray, undefined: str) -> Estimate:
            return percentile_estimate(float(value), draws, clusters=sums.clusters, undefined=undefined)

        share, shares = _shares(sample)[0], _shares(drawn)
        return Third(
            annotations=int(sample.annotations.sum()),
            pairable_units=int(sample.pairable[0]),
            krippendorff_alpha=estimate(
                alpha(sample.coincidences, level, values)[0],
                alpha(drawn.coincidences, level, values),
                why_no_variation(sample),
            ),
            shares=tuple(
                estimate(one, draws, NO_ANNOTATION) for one, draws in zip(share, shares.T, strict=True)
            ),
            mean=Estimate.undefined(NOMINAL)
            if numbers is None
            else estimate(share @ numbers, shares @ numbers, NO_ANNOTATION),
        )

    first, second, last = (
        third(total, replicated)
        for total, replicated in zip(
            np.split(sums.total, THIRDS), np.split(sums.replicates, THIRDS, axis=1), strict=True
        )
    )
    return first, second, last


def _shares(tally: Tally) -> FloatArray:
    return divide(tally.annotations, tally.annotations.sum(axis=1, keepdims=True))
