"""The four figures of a measure in some responses: judge alone, gold alone, corrected, PPI++."""

import numpy as np

from ihlannotate.phrases import Phrase
from ihlannotate.pipeline.findings.columns import BoolArray
from ihlannotate.pipeline.findings.measures import Measure
from ihlannotate.pipeline.findings.population import FloatArray, Population
from ihlannotate.pipeline.findings.results import Figure
from ihlannotate.stats.conditional import conditional_ppi, corrected_share
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.means import clustered_mean, ppi_level_mean
from ihlannotate.stats.prevalence import Prevalence, prevalence
from ihlannotate.stats.proportions import clustered_proportion

NO_VERDICT = Phrase("no verdict on this question")
NO_GOLD = Phrase("no gold response")
A_MEAN = Phrase("this correction is of shares, not of means")


def figure_of(found: Population, measure: Measure, *, replicates: int, seed: int) -> Figure:
    """The figures of a measure in a population."""

    def alone(values: FloatArray, chosen: BoolArray, weights: FloatArray | None, empty: Phrase) -> Estimate:
        own, prompts = values[chosen], found.prompts[chosen]
        shares = None if weights is None else weights[chosen]
        if measure.statistic == "share":
            return clustered_proportion(own > 0, prompts, shares, empty=empty)
        return clustered_mean(own, prompts, shares, empty=empty, replicates=replicates, seed=seed)

    gold = alone(found.truth, found.by_gold, found.weights, NO_GOLD)
    corrected = ppi = naive = Estimate.undefined(NO_VERDICT)
    if found.judged:
        naive = alone(found.said, found.by_judge, None, NO_VERDICT)
        correct = _given if measure.condition else _always
        corrected, ppi = correct(found, measure, gold, replicates, seed)
    return Figure(
        judge=Prevalence(naive, corrected, ppi, gold),
        n_judge=int(found.by_judge.sum()),
        n_gold=int(found.by_gold.sum()),
        n_both=int(found.both.sum()),
        n_elsewhere=int((found.elsewhere & ~found.both).sum()),
    )


def span_of(measure: Measure) -> tuple[float, float]:
    """The least and the largest value that a measure can have."""
    return (min(measure.numbers), max(measure.numbers)) if measure.numbers else (0.0, 1.0)


def _always(
    found: Population, measure: Measure, _gold: Estimate, _replicates: int, _seed: int
) -> tuple[Estimate, Estimate]:
    """Both corrections of a measure without a condition."""
    truth, said, elsewhere = found.truth[found.both], found.said[found.both], found.said[found.elsewhere]
    on_gold, beyond = found.prompts[found.both], found.prompts[found.elsewhere]
    weights = None if found.weights is None else found.weights[found.both]
    if measure.statistic == "share":
        shares = prevalence(
            (truth > 0).astype(np.int64),
            (said > 0).astype(np.int64),
            (elsewhere > 0).astype(np.int64),
            label=1,
            clusters_on_gold=on_gold,
            clusters_elsewhere=beyond,
            weights_on_gold=weights,
        )
        return shares.corrected, shares.ppi
    mean = ppi_level_mean(
        truth,
        said,
        elsewhere,
        span=span_of(measure),
        weights=weights,
        clusters=on_gold,
        unlabelled_clusters=beyond,
    )
    return Estimate.undefined(A_MEAN), mean


def _given(
    found: Population, measure: Measure, gold: Estimate, replicates: int, seed: int
) -> tuple[Estimate, Estimate]:
    """Both corrections of a measure with a condition: of the value, and of where the condition holds."""
    columns = found.truth[found.both], found.said[found.both], found.said[found.elsewhere]
    on_gold, beyond = found.prompts[found.both], found.prompts[found.elsewhere]
    weights = None if found.weights is None else found.weights[found.both]
    ppi = conditional_ppi(
        *columns,
        span=span_of(measure),
        gold_alone=gold,
        clusters_on_gold=on_gold,
        clusters_elsewhere=beyond,
        weights_on_gold=weights,
    )
    if measure.statistic == "mean":
        return Estimate.undefined(A_MEAN), ppi
    corrected = corrected_share(
        *columns,
        clusters_on_gold=on_gold,
        clusters_elsewhere=beyond,
        weights_on_gold=weights,
        replicates=replicates,
        seed=seed,
    )
    return corrected, ppi
