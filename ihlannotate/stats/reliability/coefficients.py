"""Agreement coefficients of B samples at once: tallies or tables in, B values out, NaN where undefined."""

import numpy as np

from ihlannotate.stats.bootstrap import FloatArray
from ihlannotate.stats.reliability.tally import Tally
from ihlannotate.stats.weights import Level, Values, distances


def divide(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """`numerator / denominator`, NaN where the denominator is not positive."""
    shape = np.broadcast_shapes(numerator.shape, denominator.shape)
    out = np.full(shape, np.nan)
    np.divide(numerator, denominator, out=out, where=np.broadcast_to(denominator > 0, shape))
    return out


def alpha(coincidences: FloatArray, level: Level, values: Values = None) -> FloatArray:
    """Krippendorff's alpha (B) of coincidence matrices (B × V × V); undefined without variation.

    Source: Krippendorff 2011. The ordinal distance is taken anew for the marginals of each sample.
    """
    marginals = coincidences.sum(axis=2)
    squared = distances(marginals, level, values)
    observed = (coincidences * squared).sum(axis=(1, 2))
    expected = (marginals[:, :, None] * marginals[:, None, :] * squared).sum(axis=(1, 2))
    return 1.0 - divide((marginals.sum(axis=1) - 1) * observed, expected)


def category_alphas(coincidences: FloatArray) -> FloatArray:
    """Nominal alpha of each level against all others (B × V)."""
    marginals = coincidences.sum(axis=2)
    total = marginals.sum(axis=1, keepdims=True)
    apart = (coincidences * (1.0 - np.eye(coincidences.shape[1]))).sum(axis=2)
    # n_k (n - n_k), with n - n_k summed over the others so that it is exactly 0 where they are absent
    others = marginals @ (1.0 - np.eye(coincidences.shape[1]))
    return 1.0 - divide((total - 1) * apart, marginals * others)


def raw_agreement(tally: Tally) -> FloatArray:
    """Mean over pairable units of the share of pairs of annotations that agree (B)."""
    return divide(tally.agreement, tally.pairable)


def fleiss(tally: Tally) -> FloatArray:
    """Fleiss' kappa (B), for unequal numbers of annotations. Source: Gwet 2014, chapter 2."""
    shares = divide(tally.unit_shares, tally.rated[:, None])
    # 1 - p_e from products of distinct levels: exactly 0 where a single level is used
    spare = (shares * (shares @ (1.0 - np.eye(shares.shape[1])))).sum(axis=1)
    return 1.0 - divide(1.0 - raw_agreement(tally), spare)


def gwet(tally: Tally, weights: FloatArray) -> FloatArray:
    """Gwet's AC1 or AC2 (B) with the agreement `weights` (V × V); undefined for a criterion of one level.

    p_e = sum(weights)/(q(q-1)) · Σ π_k(1-π_k), q = levels of the criterion. Source: Gwet 2014, chapters 2 and
    3.
    """
    level_count = len(weights)
    if level_count < 2:
        return np.full(len(tally.rated), np.nan)
    shares = divide(tally.unit_shares, tally.rated[:, None])
    scale = weights.sum() / (level_count * (level_count - 1))
    by_chance = scale * (shares * (1.0 - shares)).sum(axis=1)
    return divide(divide(tally.weighted_agreement, tally.pairable) - by_chance, 1.0 - by_chance)


def cohen(tables: FloatArray, disagreement: FloatArray) -> FloatArray:
    """Cohen's kappa (B) of tables (B × V × V) with disagreement weights (V × V). Source: Cohen 1968."""
    rows, columns = tables.sum(axis=2), tables.sum(axis=1)
    observed = (tables * disagreement).sum(axis=(1, 2)) * tables.sum(axis=(1, 2))
    expected = ((rows @ disagreement) * columns).sum(axis=1)
    return 1.0 - divide(observed, expected)
