"""Calibration: do probabilities keep what they promise? Reliability curve, Brier score and calibration error."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ihlannotate.phrases import Phrase
from ihlannotate.stats.bootstrap import LIMITS, FloatArray, IntArray, percentile_estimate, resample_rows
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.proportions import clustered_proportion
from ihlannotate.stats.reliability.coefficients import divide

LEAST = 50  # where 5 bins have 10 items each: with fewer a bin's share is known to ±.3 at best
PER_BIN = 10
MOST_BINS = 10
EMPTY = Phrase("no item in this bin")


@dataclass(frozen=True)
class Bin:
    """The `n` items whose probability is above `low` (from it, in the first bin) and at most `high`.

    `predicted`: their mean probability, None in an empty bin; `observed`: the share that came true, with Wilson's
    interval at the effective size of the prompts.
    """

    low: float
    high: float
    n: int
    predicted: float | None
    observed: Estimate


@dataclass(frozen=True)
class Calibration:
    """How far probabilities are borne out by `n` items with a known outcome, from `clusters` prompts.

    `brier`: mean squared error, 0 to 1 for one event, 0 to 2 summed over levels. `ece`: expected calibration error,
    the mean of |predicted - observed| over `bins`, weighed by their n. Chance alone lifts it above 0:
    `ece_by_chance` is its mean and central 95% where all probabilities were true and outcomes independent (the
    yardstick for a small `ece`); the interval of `ece` is reflected about the value to take that out, so that the
    value may lie above it. With fewer than LEAST items all three are undefined, which their notes say, and there
    are no bins.
    """

    n: int
    clusters: int
    replicates: int
    seed: int
    brier: Estimate
    ece: Estimate
    ece_by_chance: Estimate
    bins: tuple[Bin, ...]


def why_too_few(n: int) -> str:
    """Why `n` items with a known outcome are too few to speak of calibration; empty where they are enough.

    >>> why_too_few(12)
    'items with a known outcome: 12; calibration is reported from 50 on'
    """
    if n >= LEAST:
        return ""
    return Phrase(
        "items with a known outcome: %(n)s; calibration is reported from %(least)s on", n=n, least=LEAST
    )


def calibration_of_scores(
    scores: FloatArray,
    outcomes: NDArray[np.integer],
    *,
    edges: Sequence[float] | None = None,
    clusters: NDArray[np.integer] | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> Calibration:
    """Calibration of the probability of one event: `scores` (n, in [0, 1]) against `outcomes` (n: 1, 0, -1 unknown).

    Items whose outcome is unknown are left out. Bins are those between `edges` (rising from 0 to 1), or, where that
    is None, of about equal count: PER_BIN items or more each, MOST_BINS at most, equal scores together. Brier and
    ece come with intervals from resampling prompts (`clusters`, n). Raises ValueError on scores that are no
    probabilities, other outcomes, other edges and columns of unequal length. Sources: Brier 1950; Naeini, Cooper and
    Hauskrecht 2015 (ece); Davison and Hinkley 1997, Bootstrap Methods, section 5.2 (basic interval); Bröcker and
    Smith 2007, Weather and Forecasting 22 (consistency resampling).
    """
    given, known = np.asarray(scores, dtype=np.float64), _codes(outcomes, 2)
    if given.ndim != 1 or given.shape != known.shape:
        raise ValueError("scores and outcomes are columns of one length")
    _check_probabilities(given)
    squares = (given - known) ** 2
    return _calibration(given, known == 1, squares, known >= 0, edges, clusters, replicates, seed)


def calibration_of_posteriors(
    posteriors: FloatArray,
    outcomes: NDArray[np.integer],
    *,
    edges: Sequence[float] | None = None,
    clusters: NDArray[np.integer] | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> Calibration:
    """Calibration of `posteriors` over levels (n × V, rows sum to 1) against the true levels, `outcomes` (n, -1
    unknown).

    Brier is summed over levels. Curve and ece are those of the most probable level (the first of equals): its
    probability against how often it is the true one. Everything else as for `calibration_of_scores`. It speaks of
    the items whose outcome is known: where those were picked for being contested, of contested ones. Source for the
    most probable level: Guo, Pleiss, Sun and Weinberger 2017.
    """
    given = np.asarray(posteriors, dtype=np.float64)
    if given.ndim != 2 or given.shape[1] == 0:
        raise ValueError("posteriors are a table of items by levels")
    known = _codes(outcomes, given.shape[1])
    if known.shape != given.shape[:1]:
        raise ValueError("each row of the posteriors has an outcome")
    _check_probabilities(given)
    if len(given) and np.abs(given.sum(axis=1) - 1).max() > 1e-6:
        raise ValueError("the probabilities of each item sum to 1")
    top = given.argmax(axis=1)
    true = np.eye(given.shape[1])[known]
    squares = ((given - true) ** 2).sum(axis=1)
    # Rounding may have left a probability a hair above 1
    promised = np.minimum(given[np.arange(len(given)), top], 1.0)
    return _calibration(promised, top == known, squares, known >= 0, edges, clusters, replicates, seed)


def _codes(outcomes: NDArray[np.integer], levels: int) -> IntArray:
    known = np.asarray(outcomes)
    if known.ndim != 1 or not np.issubdtype(known.dtype, np.integer):
        raise ValueError("outcomes are a column of whole numbers")
    if known.size and (known.min() < -1 or known.max() >= levels):
        raise ValueError(f"outcomes lie between -1 (unknown) and {levels - 1}")
    return known.astype(np.int64, copy=False)


def _check_probabilities(given: FloatArray) -> None:
    if given.size and not (np.isfinite(given).all() and given.min() >= 0 and given.max() <= 1 + 1e-9):
        raise ValueError("probabilities lie between 0 and 1")


def _calibration(
    promised: FloatArray,
    hits: NDArray[np.bool_],
    squares: FloatArray,
    known: NDArray[np.bool_],
    edges: Sequence[float] | None,
    clusters: NDArray[np.integer] | None,
    replicates: int,
    seed: int,
) -> Calibration:
    if clusters is not None and np.shape(clusters) != known.shape:
        raise ValueError(f"{len(known)} items need {len(known)} cluster codes, not {np.shape(clusters)}")
    limits = _equal_counts(promised[known]) if edges is None else _checked_edges(edges)
    promised, hits, squares = promised[known], hits[known], squares[known]
    prompts = None if clusters is None else np.asarray(clusters)[known]
    n = len(promised)
    if n < LEAST:
        undefined = Estimate.undefined(why_too_few(n))
        distinct = n if prompts is None else len(np.unique(prompts))
        return Calibration(n, distinct, replicates, seed, undefined, undefined, undefined, ())
    bin_of = np.searchsorted(limits[1:-1], promised)
    gaps = np.zeros((n, len(limits) - 1))
    gaps[np.arange(n), bin_of] = promised - hits
    sums = resample_rows(
        np.column_stack([np.ones(n), squares, gaps]), clusters=prompts, replicates=replicates, seed=seed
    )

    def estimate(value: FloatArray, draws: FloatArray) -> Estimate:
        return percentile_estimate(float(value[0]), draws, clusters=sums.clusters, undefined=why_too_few(0))

    sample = sums.total[None, :]
    return Calibration(
        n=n,
        clusters=sums.clusters,
        replicates=replicates,
        seed=seed,
        brier=estimate(_brier(sample), _brier(sums.replicates)),
        ece=_reflected(estimate(_ece(sample), _ece(sums.replicates))),
        ece_by_chance=_by_chance(promised, bin_of, replicates, seed),
        bins=tuple(
            _bin(limits[at], limits[at + 1], bin_of == at, promised, hits, prompts)
            for at in range(len(limits) - 1)
        ),
    )


def _brier(sums: FloatArray) -> FloatArray:
    return divide(sums[:, 1], sums[:, 0])


def _ece(sums: FloatArray) -> FloatArray:
    return divide(np.abs(sums[:, 2:]).sum(axis=1), sums[:, 0])


def _reflected(found: Estimate) -> Estimate:
    # A mean of absolute values is larger in resamples than in the sample, as in the sample than in truth
    if found.value is None or found.low is None or found.high is None:
        return found
    low, high = 2 * found.value - found.high, 2 * found.value - found.low
    return Estimate(found.value, min(max(low, 0.0), 1.0), min(max(high, 0.0), 1.0), found.note)


def _by_chance(promised: FloatArray, bin_of: IntArray, replicates: int, seed: int) -> Estimate:
    if replicates == 0:
        return Estimate.undefined(Phrase("no replicates"))
    rng = np.random.default_rng(seed)
    found = np.empty(replicates)
    for at in range(replicates):
        gaps = np.bincount(bin_of, weights=promised - (rng.random(len(promised)) < promised))
        found[at] = np.abs(gaps).sum() / len(promised)
    low, high = np.quantile(found, LIMITS)
    return Estimate(found.mean(), float(low), float(high))


def _bin(
    low: float,
    high: float,
    own: NDArray[np.bool_],
    promised: FloatArray,
    hits: NDArray[np.bool_],
    prompts: NDArray[np.integer] | None,
) -> Bin:
    n = int(own.sum())
    observed = clustered_proportion(hits[own], None if prompts is None else prompts[own], empty=EMPTY)
    return Bin(float(low), float(high), n, float(promised[own].mean()) if n else None, observed)


def _checked_edges(edges: Sequence[float]) -> FloatArray:
    limits = np.asarray(edges, dtype=np.float64)
    if (
        limits.ndim != 1
        or len(limits) < 2
        or limits[0] != 0
        or limits[-1] != 1
        or (np.diff(limits) <= 0).any()
    ):
        raise ValueError("edges of bins rise from 0 to 1")
    return limits


def _equal_counts(promised: FloatArray) -> FloatArray:
    """Edges of bins of about equal count, from the lowest to the highest probability."""
    if not len(promised):
        return np.array([0.0, 1.0])
    count = min(max(len(promised) // PER_BIN, 1), MOST_BINS)
    rising = np.sort(promised)
    last = np.arange(1, count + 1) * len(rising) // count - 1
    limits = np.unique(np.append(rising[0], rising[last]))
    return limits if len(limits) > 1 else np.repeat(limits, 2)
