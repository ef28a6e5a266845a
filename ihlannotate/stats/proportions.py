"""Simple proportions: Wilson's interval, and the effective size of a sample whose units share prompts."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from ihlannotate.phrases import Phrase
from ihlannotate.stats.bootstrap import FloatArray, cluster_codes
from ihlannotate.stats.estimate import Estimate

Clusters: TypeAlias = NDArray[np.integer] | None


def normal_quantile(confidence: float) -> float:
    """z of a two-sided interval: 1.96 for a `confidence` of .95. Raises ValueError outside (0, 1)."""
    if not 0 < confidence < 1:
        raise ValueError("confidence lies between 0 and 1")
    return float(ndtri((1 + confidence) / 2))


def wilson(x: float, n: float, confidence: float = 0.95) -> Estimate:
    """x/n with Wilson's score interval; undefined where n is 0. Both may be fractional (effective sizes).

    Raises ValueError where x is not within 0..n. Source: Newcombe 1998, Statistics in Medicine 17, table I.

    >>> interval = wilson(81, 263)
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.2553, 0.3662)
    """
    if not 0 <= x <= n:
        raise ValueError(f"{x} of {n} is not a proportion")
    if n == 0:
        return Estimate.undefined(Phrase("nothing to count: n is 0"))
    z = normal_quantile(confidence)
    share = x / n
    centre = (x + z * z / 2) / (n + z * z)
    half = z * np.sqrt(n * share * (1 - share) + z * z / 4) / (n + z * z)
    # At the ends the limit is the end itself, which rounding would miss by an ulp
    return Estimate(share, 0.0 if x == 0 else centre - half, 1.0 if x == n else centre + half)


def effective_size(
    hits: NDArray[np.bool_], clusters: Clusters = None, weights: FloatArray | None = None
) -> float:
    """How many independent units would tell as much about the share of `hits` (n) as these do.

    p(1-p) over the linearised variance of the (weighted) share, with units summed by cluster (n codes); at
    most n. Without clusters of several units and without weights it is n. Where there is no variation to
    measure clustering by (p is 0 or 1), each prompt counts once, or, unclustered, Kish's size of the weights.
    Source: Kish 1965, Survey Sampling, chapters 8 and 11 (design effect).
    """
    n = len(hits)
    codes = cluster_codes(clusters, n)
    if n == 0 or (codes is None and weights is None):
        return float(n)
    shares = np.ones(n) if weights is None else np.asarray(weights, dtype=np.float64)
    p = float(shares @ hits / shares.sum())
    by_unit = np.arange(n) if codes is None else codes
    groups = int(by_unit.max()) + 1
    # Of the hits and not of p, which rounding may leave a hair from 1
    if hits.all() or not hits.any() or groups == 1:
        sizes = np.bincount(by_unit, shares)
        return float(sizes.sum() ** 2 / (sizes**2).sum())
    influence = np.bincount(by_unit, shares * (hits - p)) / shares.sum()
    variance = float(influence @ influence) * groups / (groups - 1)
    return float(min(n, p * (1 - p) / variance)) if variance > 0 else float(n)


def clustered_proportion(
    hits: NDArray[np.bool_], clusters: Clusters = None, weights: FloatArray | None = None, *, empty: str
) -> Estimate:
    """The share of `hits` (n) with Wilson's interval at its effective size; undefined (`empty`) at n = 0.

    Plain Wilson where no two units share a prompt (`clusters`, n) and all count alike (`weights`, n).
    """
    if len(hits) == 0:
        return Estimate.undefined(empty)
    size = effective_size(hits, clusters, weights)
    share = float(np.average(hits, weights=weights))
    return wilson(min(share * size, size), size)
