"""What a condition changes: the same prompts answered twice, rates and means compared in pairs, Holm over a family."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from ihlannotate.phrases import Phrase
from ihlannotate.stats.bootstrap import FloatArray, Sums, cluster_codes, percentile_estimate, resample_rows
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.proportions import Clusters, clustered_proportion, wilson
from ihlannotate.stats.reliability.coefficients import divide

NO_PAIR = Phrase("no prompt was answered under both conditions")
SHARED_PROMPTS = Phrase("several pairs share a prompt, and McNemar's test takes pairs for independent")
WEIGHED = Phrase("pairs of a sample are weighed, and McNemar's test counts them all alike")
ALIKE = Phrase("all prompts differ by the same amount: nothing to resample, so no interval")
ALIKE_RATES = Phrase(
    "all prompts differ by the same amount: the interval is what Wilson's limit lets other prompts change"
)

_NO_WIDTH = 1e-9


@dataclass(frozen=True)
class McNemar:
    """McNemar's test of pairs: `first_only` say yes under the first condition alone, `second_only` under the second.

    `exact` is the two-sided conditional P value, `mid_p` the same with half the weight of what was observed: closer to
    its level, and the usual recommendation. Both are None where the note says why.
    """

    first_only: int
    second_only: int
    exact: float | None
    mid_p: float | None
    note: str = ""


@dataclass(frozen=True)
class PairedEffect:
    """`pairs` of one prompt under two conditions, from `clusters` prompts: each side, and second minus first.

    `p_value`: the two-sided bootstrap P value, the level at which the interval of `difference` just leaves 0 out,
    and no less than 2/(replicates + 1); None where the difference has no interval from resampling. `mcnemar`: for
    rates only.
    """

    pairs: int
    clusters: int
    replicates: int
    seed: int
    first: Estimate
    second: Estimate
    difference: Estimate
    p_value: float | None
    mcnemar: McNemar | None


def mcnemar(first_only: int, second_only: int) -> McNemar:
    """McNemar's test from the two counts of pairs that differ; without any, both P values are 1.

    Raises ValueError on negative counts. Sources: McNemar 1947; Fagerland, Lydersen and Laake 2013, BMC Medical
    Research Methodology 13:91 (mid-p).

    >>> found = mcnemar(1, 7)
    >>> round(found.exact, 4), round(found.mid_p, 4)
    (0.0703, 0.0391)
    """
    least, differing = min(first_only, second_only), first_only + second_only
    if least < 0:
        raise ValueError("pairs are counted from 0")
    if differing == 0:
        return McNemar(0, 0, 1.0, 1.0)
    exact = min(1.0, 2 * _at_most(least, differing))
    # Where both counts are equal the two tails share what was observed, so that half of it is left over
    observed = _at_most(least, differing) - _at_most(least - 1, differing)
    mid_p = 1 - observed / 2 if first_only == second_only else exact - observed
    return McNemar(first_only, second_only, exact, mid_p)


def paired_rates(
    first: NDArray[np.bool_],
    second: NDArray[np.bool_],
    *,
    clusters: Clusters = None,
    weights: FloatArray | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> PairedEffect:
    """Compare how often pairs say yes: `first` (n) under one condition, `second` (n) under the other.

    The rates have Wilson's interval at the effective size that shared prompts (`clusters`, n codes) leave, the
    difference the percentile interval of the prompt bootstrap; where all prompts differ alike, which would leave no
    width, Wilson's upper limit at 0 is the share that may differ otherwise. McNemar's test is computed where each
    pair has a prompt of its own, and no `weights` (n, inverse inclusion probabilities of pairs that were sampled).
    Raises ValueError on columns that are not boolean or differ in length.
    """
    one, other = np.asarray(first), np.asarray(second)
    if not one.dtype == other.dtype == np.bool_:
        raise ValueError("rates are of columns of true and false")
    sums = _resampled(one, other, clusters, weights, replicates, seed)
    first_only, second_only = int((one & ~other).sum()), int((~one & other).sum())
    tested = mcnemar(first_only, second_only)
    if len(one) == 0:
        tested = McNemar(0, 0, None, None, NO_PAIR)
    elif cluster_codes(clusters, len(one)) is not None:
        tested = McNemar(first_only, second_only, None, None, SHARED_PROMPTS)
    elif weights is not None:
        tested = McNemar(first_only, second_only, None, None, WEIGHED)
    difference, p_value = _difference(sums)
    if difference.value is not None and difference.note == ALIKE:
        difference = _by_wilson(difference.value, sums.clusters)
    return PairedEffect(
        pairs=len(one),
        clusters=sums.clusters,
        replicates=replicates,
        seed=seed,
        first=clustered_proportion(one, clusters, weights, empty=NO_PAIR),
        second=clustered_proportion(other, clusters, weights, empty=NO_PAIR),
        difference=difference,
        p_value=p_value,
        mcnemar=tested,
    )


def paired_means(
    first: FloatArray,
    second: FloatArray,
    *,
    clusters: Clusters = None,
    weights: FloatArray | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> PairedEffect:
    """Compare means in pairs: `first` (n numbers) under one condition, `second` (n) under the other.

    All three figures have the percentile interval of one prompt bootstrap (`clusters`, n codes; None: each pair has
    a prompt of its own; `weights` as in `paired_rates`). Raises ValueError on numbers that are not finite and on
    columns of different length. Source of the P value: Liu and Singh 1997, Journal of the American Statistical
    Association 92, 266-277.
    """
    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        raise ValueError("both sides of each pair are finite numbers")
    sums = _resampled(one, other, clusters, weights, replicates, seed)
    difference, p_value = _difference(sums)
    return PairedEffect(
        pairs=len(one),
        clusters=sums.clusters,
        replicates=replicates,
        seed=seed,
        first=_mean(sums, 1),
        second=_mean(sums, 2),
        difference=difference,
        p_value=p_value,
        mcnemar=None,
    )


def holm(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """P values adjusted for the family they form, in the same order; None stays None and counts for nothing.

    Those at most .05 are rejected with a chance of at most .05 that any of them should not be. Raises ValueError on
    what is no P value. Source: Holm 1979, Scandinavian Journal of Statistics 6, 65-70.

    >>> holm([.01, None, .04, .03])
    (0.03, None, 0.06, 0.06)
    """
    found: list[float | None] = [None] * len(p_values)
    rising = sorted((p, at) for at, p in enumerate(p_values) if p is not None)
    reached = 0.0
    for rank, (p, at) in enumerate(rising):
        if not 0 <= p <= 1:
            raise ValueError(f"{p} is no P value")
        reached = max(reached, min(1.0, p * (len(rising) - rank)))
        found[at] = reached
    return tuple(found)


def _at_most(heads: int, tosses: int) -> float:
    """The chance of at most so many heads of a fair coin: the binomial tail as an incomplete beta function."""
    return float(betainc(tosses - heads, heads + 1, 0.5)) if heads >= 0 else 0.0


def _resampled(
    first: NDArray[np.generic],
    second: NDArray[np.generic],
    clusters: Clusters,
    weights: FloatArray | None,
    replicates: int,
    seed: int,
) -> Sums:
    """Sums of how many pairs, both sides and second minus first."""
    if first.ndim != 1 or first.shape != second.shape:
        raise ValueError(f"{first.shape} and {second.shape} are not two columns of pairs")
    one, other = first.astype(np.float64), second.astype(np.float64)
    rows = np.column_stack([np.ones(len(one)), one, other, other - one])
    if weights is not None:
        rows *= np.asarray(weights, dtype=np.float64)[:, None]
    return resample_rows(rows, clusters=clusters, replicates=replicates, seed=seed)


def _by_wilson(difference: float, prompts: int) -> Estimate:
    share = wilson(0, prompts).high or 0.0
    reach = share * (1 + abs(difference))
    return Estimate(difference, max(difference - reach, -1.0), min(difference + reach, 1.0), ALIKE_RATES)


def _mean(sums: Sums, column: int) -> Estimate:
    value, draws = _shares(sums.total[None, :], column), _shares(sums.replicates, column)
    return percentile_estimate(float(value[0]), draws, clusters=sums.clusters, undefined=NO_PAIR)


def _shares(rows: FloatArray, column: int) -> FloatArray:
    return divide(rows[:, column], rows[:, 0])


def _difference(sums: Sums) -> tuple[Estimate, float | None]:
    found = _mean(sums, 3)
    if found.value is None or found.low is None or found.high is None:
        return found, None
    if found.high - found.low < _NO_WIDTH:
        return Estimate(found.value, None, None, ALIKE), None
    # Differences that cancel out leave a last digit, which is no difference
    draws = _shares(sums.replicates, 3)
    least = min(int((draws < _NO_WIDTH).sum()), int((draws > -_NO_WIDTH).sum()))
    return found, min(1.0, 2 * (1 + least) / (len(draws) + 1))
