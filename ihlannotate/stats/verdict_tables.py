"""Confusion tables of gold by verdict, resampled by prompt, and what is measured on them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ihlannotate.phrases import Phrase, joined
from ihlannotate.stats.bootstrap import (
    FloatArray,
    IntArray,
    cluster_codes,
    cluster_weights,
    percentile_estimate,
    resample,
)
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.proportions import Clusters
from ihlannotate.stats.reliability.coefficients import divide

BESIDE = Phrase(
    "the interval draws gold from its posterior and lies beside the value, which takes gold as it is"
)
NO_WIDTH = Phrase("all replicates give this very value: an interval without width is no certainty")


@dataclass(frozen=True)
class Tables:
    """Gold (L rows) by verdict (L + 1 columns, the last for what could not be parsed).

    `sample` (1 × L × L+1) is the data, `resampled` (B × L × L+1) its replicates over `clusters` clusters,
    with gold drawn anew in each where `gold_is_drawn`.
    """

    sample: FloatArray
    resampled: FloatArray
    clusters: int
    gold_is_drawn: bool = False

    def estimate(self, statistic: Callable[[FloatArray], FloatArray], undefined: str) -> Estimate:
        """`statistic` (of tables B × L × L+1: B values, NaN undefined) with its bootstrap interval."""
        value, draws = float(statistic(self.sample)[0]), statistic(self.resampled)
        found = percentile_estimate(value, draws, clusters=self.clusters, undefined=undefined)
        if found.low is None or found.high is None:
            return found
        if found.low == found.high == value:
            return replace(found, note=joined(found.note, NO_WIDTH))
        if not self.gold_is_drawn:
            return found
        if found.low <= value <= found.high:
            return found
        # Doubtful gold lowers what any judge could reach, so the interval may lie beside the figure
        return replace(found, note=joined(found.note, BESIDE))


def verdict_tables(
    gold: IntArray,
    verdicts: IntArray,
    *,
    label_count: int,
    posterior: FloatArray | None = None,
    clusters: Clusters = None,
    replicates: int = 1000,
    seed: int = 0,
) -> Tables:
    """The table of `gold` (n codes) by `verdicts` (n codes, -1 unparsed) and its prompt bootstrap.

    With `posterior` (n × L) each replicate draws the true labels anew, so its spread carries the uncertainty
    of gold too; the sample itself keeps `gold`.
    """
    width = label_count + 1
    columns = np.where(verdicts < 0, label_count, verdicts)
    sums = resample(
        (gold * width + columns)[:, None],
        summarise=lambda patterns: np.eye(label_count * width)[patterns[:, 0]],
        clusters=clusters,
        replicates=0 if posterior is not None else replicates,
        seed=seed,
    )
    drawn = sums.replicates
    if posterior is not None and len(gold):
        drawn = _drawn_tables(posterior, columns, clusters, replicates, seed)
    shape = (-1, label_count, width)
    return Tables(sums.total.reshape(shape), drawn.reshape(shape), sums.clusters, posterior is not None)


def _drawn_tables(
    posterior: FloatArray, columns: IntArray, clusters: Clusters, replicates: int, seed: int
) -> FloatArray:
    units, labels = posterior.shape
    cells = labels * (labels + 1)
    codes = cluster_codes(clusters, units)
    owner = np.arange(units) if codes is None else codes
    bounds = np.cumsum(posterior, axis=1)[:, :-1]
    rng = np.random.default_rng(seed)
    tables = []
    for weights in cluster_weights(int(owner.max()) + 1, replicates, rng, width=units):
        uniform = rng.random((len(weights), units))
        truth = np.zeros(uniform.shape, np.int64)
        for bound in bounds.T:
            truth += uniform >= bound
        cell = truth * (labels + 1) + columns + np.arange(len(weights))[:, None] * cells
        counted = np.bincount(cell.ravel(), weights[:, owner].ravel(), minlength=len(weights) * cells)
        tables.append(counted.reshape(-1, cells))
    return np.concatenate(tables) if tables else np.zeros((0, cells))


def parsed(tables: FloatArray) -> FloatArray:
    """The tables without the column of unparsed verdicts (B × L × L)."""
    return tables[:, :, :-1]


def squared(tables: FloatArray) -> FloatArray:
    """The tables with unparsed as one more label, which gold never has (B × L+1 × L+1)."""
    return np.concatenate([tables, np.zeros_like(tables[:, :1])], axis=1)


def accuracy(tables: FloatArray) -> FloatArray:
    """Share of verdicts that are the gold label (B), of tables with or without the unparsed column."""
    return divide(np.trace(tables, axis1=1, axis2=2), tables.sum(axis=(1, 2)))


def sensitivity(tables: FloatArray) -> FloatArray:
    """Of gold with the label, the share judged so (B × L); an unparsed verdict is a miss."""
    return divide(_right(tables), tables.sum(axis=2))


def specificity(tables: FloatArray) -> FloatArray:
    """Of gold without the label, the share not judged so (B × L); an unparsed verdict is not the label."""
    wrongly = parsed(tables).sum(axis=1) - _right(tables)
    without = tables.sum(axis=2) @ (1 - np.eye(tables.shape[1]))
    return divide(without - wrongly, without)


def precision(tables: FloatArray) -> FloatArray:
    """Of verdicts with the label, the share that gold confirms (B × L)."""
    return divide(_right(tables), parsed(tables).sum(axis=1))


def f1(tables: FloatArray) -> FloatArray:
    """Harmonic mean of sensitivity and precision, 2·TP/(gold + verdicts) (B × L)."""
    return divide(2 * _right(tables), tables.sum(axis=2) + parsed(tables).sum(axis=1))


def macro_f1(tables: FloatArray) -> FloatArray:
    """Mean F1 over the labels that occur in gold or in verdicts (B)."""
    scores = f1(tables)
    occurring = ~np.isnan(scores)
    return divide(np.where(occurring, scores, 0.0).sum(axis=1), occurring.sum(axis=1).astype(np.float64))


def matthews(tables: FloatArray) -> FloatArray:
    """Matthews' correlation for several labels (B), of square tables. Source: Gorodkin 2004."""
    rows, columns, total = tables.sum(axis=2), tables.sum(axis=1), tables.sum(axis=(1, 2))
    covariance = np.trace(tables, axis1=1, axis2=2) * total - (rows * columns).sum(axis=1)
    spread = (total**2 - (rows**2).sum(axis=1)) * (total**2 - (columns**2).sum(axis=1))
    return divide(covariance, np.sqrt(np.maximum(spread, 0.0)))


def coincidences(tables: FloatArray) -> FloatArray:
    """Krippendorff's coincidences of two raters from their square tables (B × V × V)."""
    return tables + tables.transpose(0, 2, 1)


def _right(tables: FloatArray) -> FloatArray:
    return np.asarray(np.diagonal(parsed(tables), axis1=1, axis2=2), dtype=np.float64)


def checked_codes(
    gold: NDArray[np.integer], verdicts: NDArray[np.integer], label_count: int
) -> tuple[IntArray, IntArray]:
    """`gold` (0..L-1) and `verdicts` (-1..L-1) as int64. Raises ValueError on other codes or lengths."""
    truth, said = np.asarray(gold, dtype=np.int64), np.asarray(verdicts, dtype=np.int64)
    if truth.ndim != 1 or truth.shape != said.shape:
        raise ValueError(f"gold {truth.shape} and verdicts {said.shape} are not two equal columns")
    if len(truth) and (truth.min() < 0 or said.min() < -1 or max(truth.max(), said.max()) >= label_count):
        raise ValueError(f"codes lie between 0 and {label_count - 1}, verdicts may be -1")
    return truth, said
