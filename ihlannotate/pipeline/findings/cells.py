"""The four figures of a measure in some responses: judge alone, gold alone, corrected, PPI++."""

import numpy as np

from ihlannotate.phrases import Phrase
from ihlannotate.pipeline.findings.measures import Measure
from ihlannotate.pipeline.findings.population import Population
from ihlannotate.pipeline.findings.results import Figure
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.means import clustered_mean, ppi_level_mean
from ihlannotate.stats.prevalence import Prevalence, prevalence
from ihlannotate.stats.proportions import clustered_proportion

NO_VERDICT = Phrase("no verdict on this question")
NO_GOLD = Phrase("no gold response")
A_MEAN = Phrase("this correction is of shares, not of means")


def figure_of(found: Population, measure: Measure, *, replicates: int, seed: int) -> Figure:
    """The figures of a measure in a population."""
    make = _shares if measure.statistic == "share" else _means
    judge, gold = make(found, measure, replicates, seed)
    if not found.judged:
        nothing = Estimate.undefined(NO_VERDICT)
        judge = Prevalence(nothing, nothing, nothing)
    return Figure(
        judge=judge,
        gold=gold,
        n_judge=int(found.by_judge.sum()),
        n_gold=int(found.by_gold.sum()),
        n_both=int(found.both.sum()),
        n_elsewhere=int(found.elsewhere.sum()),
    )


def _shares(
    found: Population, _measure: Measure, _replicates: int, _seed: int
) -> tuple[Prevalence, Estimate]:
    truth, said, prompts = found.truth > 0, found.said > 0, found.prompts
    naive = clustered_proportion(said[found.by_judge], prompts[found.by_judge], empty=NO_VERDICT)
    gold = clustered_proportion(truth[found.by_gold], prompts[found.by_gold], empty=NO_GOLD)
    corrections = prevalence(
        truth[found.both].astype(np.int64),
        said[found.both].astype(np.int64),
        said[found.elsewhere].astype(np.int64),
        label=1,
        clusters_on_gold=prompts[found.both],
        clusters_elsewhere=prompts[found.elsewhere],
    )
    return Prevalence(naive, corrections.corrected, corrections.ppi), gold


def _means(found: Population, measure: Measure, replicates: int, seed: int) -> tuple[Prevalence, Estimate]:
    prompts = found.prompts
    naive, gold = (
        clustered_mean(values[chosen], prompts[chosen], empty=empty, replicates=replicates, seed=seed)
        for values, chosen, empty in (
            (found.said, found.by_judge, NO_VERDICT),
            (found.truth, found.by_gold, NO_GOLD),
        )
    )
    ppi = ppi_level_mean(
        found.truth[found.both],
        found.said[found.both],
        found.said[found.elsewhere],
        span=(min(measure.numbers), max(measure.numbers)),
        clusters=prompts[found.both],
        unlabelled_clusters=prompts[found.elsewhere],
    )
    return Prevalence(naive, Estimate.undefined(A_MEAN), ppi), gold
