"""Means of numbered levels with prompt-bootstrap intervals, and the same by prediction-powered inference."""

from dataclasses import replace

import numpy as np

from ihlannotate.phrases import Phrase
from ihlannotate.stats.bootstrap import FloatArray, percentile_estimate, resample_rows
from ihlannotate.stats.estimate import Estimate, bounded
from ihlannotate.stats.prevalence import ppi_mean
from ihlannotate.stats.proportions import Clusters
from ihlannotate.stats.reliability.coefficients import divide

ALL_ALIKE = Phrase("all values are the same: nothing to resample, so no interval")
_NO_WIDTH = 1e-9


def clustered_mean(
    values: FloatArray,
    clusters: Clusters = None,
    weights: FloatArray | None = None,
    *,
    empty: str,
    replicates: int = 1000,
    seed: int = 0,
) -> Estimate:
    """The mean of `values` (n) with the percentile interval of the prompt bootstrap (`clusters`, n codes).

    `weights` (n) are inverse inclusion probabilities where responses were sampled unequally.

    Undefined (`empty`) at n = 0; without an interval where all values are the same, or of one prompt. Raises
    ValueError on values that are not finite. Source: Efron and Tibshirani 1993, chapters 6 and 13.
    """
    numbers = np.asarray(values, dtype=np.float64)
    if not np.isfinite(numbers).all():
        raise ValueError("means are of finite numbers")
    held = np.ones(len(numbers)) if weights is None else np.asarray(weights, dtype=np.float64)
    rows = np.column_stack([held, held * numbers])
    sums = resample_rows(rows, clusters=clusters, replicates=replicates, seed=seed)
    value = float(np.average(numbers, weights=held)) if len(numbers) else np.nan
    draws = divide(sums.replicates[:, 1], sums.replicates[:, 0])
    return _with_width(percentile_estimate(value, draws, clusters=sums.clusters, undefined=empty))


def ppi_level_mean(
    labelled: FloatArray,
    predicted: FloatArray,
    unlabelled: FloatArray,
    *,
    span: tuple[float, float],
    weights: FloatArray | None = None,
    clusters: Clusters = None,
    unlabelled_clusters: Clusters = None,
) -> Estimate:
    """`ppi_mean` of values that lie within `span`: value and limits are bounded to it, and an interval has a width.

    A prediction that is NaN (no verdict, or one that could not be parsed) stands as the mean of the others: whatever
    is predicted, gold corrects it. `weights` as in `ppi_mean`.
    """
    guesses = np.concatenate([predicted, unlabelled]).astype(np.float64)
    known = guesses[~np.isnan(guesses)]
    filled = np.where(np.isnan(guesses), known.mean() if len(known) else 0.0, guesses)
    found = ppi_mean(
        labelled,
        filled[: len(predicted)],
        filled[len(predicted) :],
        weights=weights,
        clusters=clusters,
        unlabelled_clusters=unlabelled_clusters,
    )
    if found.value is None:
        return found
    if found.low is None or found.high is None:
        return replace(found, value=min(max(found.value, span[0]), span[1]))
    return _with_width(bounded(found.value, found.low, found.high, span=span))


def _with_width(found: Estimate) -> Estimate:
    """The same without its interval where that has no width, which would claim certainty."""
    if found.value is None or found.low is None or found.high is None:
        return found
    return Estimate(found.value, None, None, ALL_ALIKE) if found.high - found.low < _NO_WIDTH else found
