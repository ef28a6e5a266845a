"""Figures that exist only where something else holds, such as helpfulness given refusal: judge, gold and both."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ihlannotate.phrases import Phrase
from ihlannotate.stats.bootstrap import FloatArray, percentile_estimate, resample_rows
from ihlannotate.stats.estimate import Estimate, bounded
from ihlannotate.stats.prevalence import (
    GOLD_ALONE,
    GOLD_COVERS_ALL,
    GOLD_OF_ONE_PROMPT,
    NO_BETTER_THAN_CHANCE,
    NO_NEGATIVE,
    NO_POSITIVE,
    ppi_mean,
)
from ihlannotate.stats.proportions import Clusters, clustered_proportion
from ihlannotate.stats.reliability.coefficients import divide

BoolArray = NDArray[np.bool_]

NEVER_HOLDS = Phrase("the condition holds of no response")
NO_GOLD_HOLDS = Phrase("the condition holds of no response with gold")
NO_VARIATION = Phrase("all values are the same: nothing to resample, so no interval")
NONE_LEFT = Phrase("corrected for the judge's errors, the condition holds of no response")
_NO_WIDTH = 1e-9
_ROUNDING = 1e-12


@dataclass(frozen=True)
class ConditionalMean:
    """The mean of a value among the responses of which its condition holds: by the judge alone, by gold alone and by
    prediction-powered inference.

    `applicable` of the responses with gold fulfil the condition, by gold.
    """

    applicable: int
    naive: Estimate
    gold: Estimate
    ppi: Estimate


def conditional_mean(
    gold: FloatArray,
    judged_on_gold: FloatArray,
    judged_elsewhere: FloatArray,
    *,
    clusters_on_gold: Clusters = None,
    clusters_elsewhere: Clusters = None,
    weights_on_gold: FloatArray | None = None,
    weights_elsewhere: FloatArray | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> ConditionalMean:
    """The mean of a value given its condition, among all responses that a judge scored, three ways.

    `gold` (n), `judged_on_gold` (n) and `judged_elsewhere` (N) are values (0 and 1 for a share), NaN where the
    condition does not hold by gold or by the judge; a verdict that could not be read counts as NaN too. `naive` is
    the judge's mean over all n + N; `ppi` is solved for the gold mean from both, by one step from the gold mean of the
    estimating equation E[holds · (value - mean)] = 0, and `gold` where gold covers everything. Intervals: Wilson at
    the effective size for shares, the prompt bootstrap's percentiles for other means, normal for `ppi`. Clusters (n and
    N prompt codes from one list; both or neither) and weights (1/π on gold and 1/(1-π) elsewhere) as in `prevalence`.
    Raises ValueError on unequal lengths. Source: Angelopoulos, Duchi and Zrnic, arXiv 2311.01453.
    """
    truth, said, said_elsewhere = (
        np.asarray(values, dtype=np.float64) for values in (gold, judged_on_gold, judged_elsewhere)
    )
    if truth.ndim != 1 or truth.shape != said.shape or said_elsewhere.ndim != 1:
        raise ValueError(f"{truth.shape} gold values against {said.shape} of the judge")
    if (clusters_on_gold is None) != (clusters_elsewhere is None):
        raise ValueError("clusters are known for gold and elsewhere, or for neither")
    everywhere = None
    if clusters_on_gold is not None and clusters_elsewhere is not None:
        everywhere = np.concatenate([clusters_on_gold, clusters_elsewhere])
    by_judge = np.concatenate([said, said_elsewhere])
    by_gold = _mean(truth, clusters_on_gold, weights_on_gold, NO_GOLD_HOLDS, replicates, seed)
    numbers = np.concatenate([truth, by_judge])
    numbers = numbers[~np.isnan(numbers)]
    ppi = conditional_ppi(
        truth,
        said,
        said_elsewhere,
        span=(float(numbers.min()), float(numbers.max())) if len(numbers) else (0.0, 0.0),
        gold_alone=by_gold,
        clusters_on_gold=clusters_on_gold,
        clusters_elsewhere=clusters_elsewhere,
        weights_on_gold=weights_on_gold,
        weights_elsewhere=weights_elsewhere,
    )
    return ConditionalMean(
        applicable=int((~np.isnan(truth)).sum()),
        naive=_mean(by_judge, everywhere, None, NEVER_HOLDS, replicates, seed),
        gold=by_gold,
        ppi=ppi,
    )


def conditional_ppi(
    gold: FloatArray,
    judged_on_gold: FloatArray,
    judged_elsewhere: FloatArray,
    *,
    span: tuple[float, float],
    gold_alone: Estimate,
    clusters_on_gold: Clusters = None,
    clusters_elsewhere: Clusters = None,
    weights_on_gold: FloatArray | None = None,
    weights_elsewhere: FloatArray | None = None,
) -> Estimate:
    """The mean of a value given its condition by prediction-powered inference, bounded to `span`.

    Columns as in `conditional_mean`, so that what the judge gets wrong about the condition itself is corrected too. A
    ratio estimator: with w = 1 where the condition holds (else 0), v the value and m the gold mean, PPI++ of w(v - m)
    is divided by the share of gold on which the condition holds, added to m, and its interval follows by the delta
    method. Where nothing varies the interval is that of `gold_alone`; where nothing is elsewhere, that is what is left.
    Undefined where gold says nowhere that the condition holds. Sources: Angelopoulos, Duchi and Zrnic, arXiv 2311.01453
    (one-step estimator of an estimating equation); Cochran 1977, Sampling Techniques, chapter 6 (ratio estimators).
    """
    holds = ~np.isnan(gold)
    if not holds.any():
        return Estimate.undefined(NO_GOLD_HOLDS)
    if not len(judged_elsewhere):
        return replace(gold_alone, note=gold_alone.note or GOLD_ALONE)
    mean = float(np.average(gold[holds], weights=None if weights_on_gold is None else weights_on_gold[holds]))
    # Solved at the gold mean, where the sum over gold is 0: what is left is what the judge's verdicts add
    found = ppi_mean(
        _centred(gold, mean),
        _centred(judged_on_gold, mean),
        _centred(judged_elsewhere, mean),
        weights=weights_on_gold,
        unlabelled_weights=weights_elsewhere,
        clusters=clusters_on_gold,
        unlabelled_clusters=clusters_elsewhere,
    )
    share = float(np.average(holds, weights=weights_on_gold))
    if clusters_on_gold is not None and len(np.unique(clusters_on_gold[holds])) == 1:
        found = Estimate(found.value, None, None, GOLD_OF_ONE_PROMPT)

    def placed(step: float) -> float:
        return mean + step / share

    value = min(max(placed(found.value or 0.0), span[0]), span[1])
    if found.low is None or found.high is None:
        return Estimate(value, None, None, found.note)
    if found.high - found.low < _NO_WIDTH:
        return Estimate(value, gold_alone.low, gold_alone.high, gold_alone.note)
    return bounded(placed(found.value or 0.0), placed(found.low), placed(found.high), span=span)


def corrected_share(
    gold: FloatArray,
    judged_on_gold: FloatArray,
    judged_elsewhere: FloatArray,
    *,
    clusters_on_gold: Clusters = None,
    clusters_elsewhere: Clusters = None,
    weights_on_gold: FloatArray | None = None,
    weights_elsewhere: FloatArray | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> Estimate:
    """A share given its condition, corrected for the judge's errors about both: the Rogan-Gladen rate of "the condition
    holds and the value is 1" over that of "the condition holds", with the prompt bootstrap's percentile interval.

    Columns (0 and 1, NaN where the condition does not hold), clusters and weights as in `conditional_mean`. Undefined
    where either rate is, and where the condition is left with no response. Sources: Rogan and Gladen 1978, American
    Journal of Epidemiology 107, 71-76; Efron and Tibshirani 1993 (bootstrap of a ratio).
    """
    if not len(judged_elsewhere):
        return Estimate.undefined(GOLD_COVERS_ALL)
    labelled = [
        column for meets in (_meets, _is_one) for column in _outcomes(meets(gold), meets(judged_on_gold))
    ]
    others = [np.ones(len(judged_elsewhere)), _meets(judged_elsewhere), _is_one(judged_elsewhere)]
    on_gold, elsewhere = (
        np.column_stack(labelled).astype(np.float64),
        np.column_stack(others).astype(np.float64),
    )
    if weights_on_gold is not None:
        on_gold = on_gold * np.asarray(weights_on_gold)[:, None]
    if weights_elsewhere is not None:
        elsewhere = elsewhere * np.asarray(weights_elsewhere)[:, None]
    rows = np.zeros((len(on_gold) + len(elsewhere), 11))
    rows[: len(on_gold), :8], rows[len(on_gold) :, 8:] = on_gold, elsewhere
    clusters = None
    if clusters_on_gold is not None and clusters_elsewhere is not None:
        clusters = np.concatenate([clusters_on_gold, clusters_elsewhere])
    sums = resample_rows(rows, clusters=clusters, replicates=replicates, seed=seed)
    value, draws = (_ratio_of_corrected(one) for one in (sums.total[None, :], sums.replicates))
    return _with_width(
        percentile_estimate(
            float(value[0]), draws, clusters=sums.clusters, undefined=_why_uncorrected(sums.total)
        )
    )


def _meets(values: FloatArray) -> BoolArray:
    return ~np.isnan(values)


def _is_one(values: FloatArray) -> BoolArray:
    return np.equal(values, 1.0)


def _outcomes(truth: BoolArray, said: BoolArray) -> tuple[BoolArray, ...]:
    """Of one event: rightly said, true, rightly denied, false."""
    return truth & said, truth, ~truth & ~said, ~truth


def _corrected_rates(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Rogan-Gladen's rates (B, NaN where undefined) of the condition and of the value within it."""

    def rate(at: int, said: int) -> FloatArray:
        sensitivity = divide(sums[:, at], sums[:, at + 1])
        specificity = divide(sums[:, at + 2], sums[:, at + 3])
        divisor = specificity + sensitivity - 1
        known = np.where(divisor > _ROUNDING, divisor, np.nan)
        return np.clip((divide(sums[:, said], sums[:, 8]) + specificity - 1) / known, 0, 1)

    return rate(0, 9), rate(4, 10)


def _ratio_of_corrected(sums: FloatArray) -> FloatArray:
    condition, value = _corrected_rates(sums)
    return np.minimum(divide(value, np.where(condition > _ROUNDING, condition, 0.0)), 1.0)


def _why_uncorrected(total: FloatArray) -> str:
    if total[1] <= 0 or total[5] <= 0:
        return NO_POSITIVE
    if total[3] <= 0 or total[7] <= 0:
        return NO_NEGATIVE
    if np.isnan(_corrected_rates(total[None, :])).any():
        return NO_BETTER_THAN_CHANCE
    return NONE_LEFT


def _centred(values: FloatArray, mean: float) -> FloatArray:
    return np.where(np.isnan(values), 0.0, values - mean)


def _mean(
    values: FloatArray,
    clusters: Clusters,
    weights: FloatArray | None,
    undefined: str,
    replicates: int,
    seed: int,
) -> Estimate:
    holds = ~np.isnan(values)
    own = values[holds]
    prompts = None if clusters is None else np.asarray(clusters)[holds]
    shares = None if weights is None else np.asarray(weights, dtype=np.float64)[holds]
    if np.isin(own, (0.0, 1.0)).all():
        return clustered_proportion(own == 1, prompts, shares, empty=undefined)
    counted = np.ones(len(own)) if shares is None else shares
    sums = resample_rows(
        np.column_stack([counted, counted * own]), clusters=prompts, replicates=replicates, seed=seed
    )
    value, draws = (divide(rows[:, 1], rows[:, 0]) for rows in (sums.total[None, :], sums.replicates))
    return _with_width(
        percentile_estimate(float(value[0]), draws, clusters=sums.clusters, undefined=undefined)
    )


def _with_width(found: Estimate) -> Estimate:
    """The same without its interval where that has no width, which would claim certainty."""
    if found.low is not None and found.high is not None and found.high - found.low < _NO_WIDTH:
        return Estimate(found.value, None, None, NO_VARIATION)
    return found
