"""The human ceiling: annotators and judge against the same reference, the vote of the other annotators."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ihlannotate.phrases import Phrase
from ihlannotate.stats import verdict_tables as measure
from ihlannotate.stats.bootstrap import FloatArray, IntArray, percentile_estimate, resample
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.proportions import Clusters, clustered_proportion
from ihlannotate.stats.reliability.annotators import checked_ratings, rating_counts
from ihlannotate.stats.reliability.coefficients import cohen, divide
from ihlannotate.stats.weights import disagreement

NO_REFERENCE = Phrase("no rated response on which most of the other annotators agree")
NO_VARIATION = Phrase("no variation: reference and rater use one and the same label")


@dataclass(frozen=True)
class AnnotatorCeiling:
    """An annotator (row of the ratings) and the judge, both against the majority of the other annotators.

    `n` responses were rated by this annotator and have such a majority.
    """

    annotator: int
    n: int
    human_accuracy: Estimate
    human_kappa: Estimate
    judge_accuracy: Estimate
    judge_kappa: Estimate


@dataclass(frozen=True)
class HumanCeiling:
    """How well annotators do against each other's majority, and the judge against the same.

    All but `per_annotator` are means over annotators; `accuracy_difference` is the judge's minus the humans'.
    """

    human_accuracy: Estimate
    human_kappa: Estimate
    judge_accuracy: Estimate
    judge_kappa: Estimate
    accuracy_difference: Estimate
    per_annotator: tuple[AnnotatorCeiling, ...]


@dataclass(frozen=True)
class _Figures:
    """Accuracy and kappa of B samples (B × R), NaN where undefined."""

    human_accuracy: FloatArray
    human_kappa: FloatArray
    judge_accuracy: FloatArray
    judge_kappa: FloatArray


@dataclass(frozen=True)
class _Bootstrap:
    sample: _Figures
    drawn: _Figures
    clusters: int

    def mean(self, figure: Callable[[_Figures], FloatArray], undefined: str) -> Estimate:
        """Mean of a figure over the annotators for whom it is defined."""
        value, draws = _defined_mean(figure(self.sample)), _defined_mean(figure(self.drawn))
        return percentile_estimate(float(value[0]), draws, clusters=self.clusters, undefined=undefined)

    def kappa(self, figure: Callable[[_Figures], FloatArray], annotator: int, undefined: str) -> Estimate:
        """A figure of one annotator."""
        value, draws = figure(self.sample)[0, annotator], figure(self.drawn)[:, annotator]
        return percentile_estimate(float(value), draws, clusters=self.clusters, undefined=undefined)


def human_ceiling(
    ratings: NDArray[np.integer],
    verdicts: NDArray[np.integer],
    *,
    level_count: int,
    clusters: Clusters = None,
    replicates: int = 1000,
    seed: int = 0,
) -> HumanCeiling:
    """Score each annotator, and the judge on the same responses, by the majority of the others.

    `ratings` (R × U, -1 missing) and `verdicts` (U, -1 unparsed, which is always wrong) are level indices.
    The reference is what more than half of the other annotators of a response gave, one other annotator being
    enough; responses without one are left out. Accuracy by annotator has Wilson's interval at the effective
    size that shared prompts (`clusters`, U) leave; means and kappas (unweighted) have prompt bootstrap
    intervals. Raises ValueError on codes that are no levels or unequal lengths.
    """
    table = checked_ratings(ratings, level_count)
    said = checked_ratings(np.asarray(verdicts)[None, :], level_count)[0]
    if table.shape[1] != len(said):
        raise ValueError(f"{table.shape[1]} rated responses against {len(said)} verdicts")
    useful = (table >= 0).sum(axis=0) >= 2
    table, said = table[:, useful], said[useful]
    groups = None if clusters is None else np.asarray(clusters)[useful]
    sums = resample(
        np.column_stack([table.T, said]),
        summarise=lambda patterns: _table_rows(patterns[:, :-1].T, patterns[:, -1], level_count),
        clusters=groups,
        replicates=replicates,
        seed=seed,
    )
    bootstrap = _Bootstrap(
        _figures(sums.total[None, :], len(table), level_count),
        _figures(sums.replicates, len(table), level_count),
        sums.clusters,
    )
    per_annotator = _per_annotator(table, said, _references(table, level_count), groups, bootstrap)
    no_kappa = NO_VARIATION if any(one.n for one in per_annotator) else NO_REFERENCE
    return HumanCeiling(
        human_accuracy=bootstrap.mean(lambda figures: figures.human_accuracy, NO_REFERENCE),
        human_kappa=bootstrap.mean(lambda figures: figures.human_kappa, no_kappa),
        judge_accuracy=bootstrap.mean(lambda figures: figures.judge_accuracy, NO_REFERENCE),
        judge_kappa=bootstrap.mean(lambda figures: figures.judge_kappa, no_kappa),
        accuracy_difference=bootstrap.mean(
            lambda figures: figures.judge_accuracy - figures.human_accuracy, NO_REFERENCE
        ),
        per_annotator=per_annotator,
    )


def _per_annotator(
    ratings: IntArray, verdicts: IntArray, references: IntArray, clusters: Clusters, bootstrap: _Bootstrap
) -> tuple[AnnotatorCeiling, ...]:
    found = []
    for annotator, (given, reference) in enumerate(zip(ratings, references, strict=True)):
        scored = (given >= 0) & (reference >= 0)
        own = None if clusters is None else np.asarray(clusters)[scored]
        no_kappa = NO_VARIATION if scored.any() else NO_REFERENCE
        found.append(
            AnnotatorCeiling(
                annotator=annotator,
                n=int(scored.sum()),
                human_accuracy=clustered_proportion((given == reference)[scored], own, empty=NO_REFERENCE),
                human_kappa=bootstrap.kappa(lambda figures: figures.human_kappa, annotator, no_kappa),
                judge_accuracy=clustered_proportion((verdicts == reference)[scored], own, empty=NO_REFERENCE),
                judge_kappa=bootstrap.kappa(lambda figures: figures.judge_kappa, annotator, no_kappa),
            )
        )
    return tuple(found)


def _references(ratings: IntArray, level_count: int) -> IntArray:
    """For each annotator, the level that more than half of the others gave (R × U), -1 or -1."""
    everyone = rating_counts(ratings, level_count)
    found = np.full(ratings.shape, -1, np.int64)
    for annotator, given in enumerate(ratings):
        others = everyone.copy()
        rated = np.flatnonzero(given >= 0)
        others[rated, given[rated]] -= 1
        decided = 2 * others.max(axis=1) > others.sum(axis=1)
        found[annotator] = np.where(decided, others.argmax(axis=1), -1)
    return found


def _table_rows(ratings: IntArray, verdicts: IntArray, level_count: int) -> FloatArray:
    """One-hot tables of reference by rating and by verdict for each annotator (U × R·2·V·(V+1))."""
    width = level_count + 1
    tables = np.zeros((ratings.shape[1], len(ratings), 2, level_count * width))
    for annotator, reference in enumerate(_references(ratings, level_count)):
        given = ratings[annotator]
        units = np.flatnonzero((given >= 0) & (reference >= 0))
        rows = reference[units] * width
        tables[units, annotator, 0, rows + given[units]] = 1
        tables[units, annotator, 1, rows + np.where(verdicts[units] < 0, level_count, verdicts[units])] = 1
    return tables.reshape(len(tables), len(ratings) * 2 * level_count * width)


def _figures(sums: FloatArray, annotators: int, level_count: int) -> _Figures:
    tables = sums.reshape(-1, 2, level_count, level_count + 1)
    human, judge = tables[:, 0], tables[:, 1]
    plain = disagreement(None, level_count + 1)
    shape = (len(sums), annotators)
    return _Figures(
        human_accuracy=measure.accuracy(human).reshape(shape),
        human_kappa=cohen(measure.squared(human), plain).reshape(shape),
        judge_accuracy=measure.accuracy(judge).reshape(shape),
        judge_kappa=cohen(measure.squared(judge), plain).reshape(shape),
    )


def _defined_mean(values: FloatArray) -> FloatArray:
    defined = ~np.isnan(values)
    return divide(np.where(defined, values, 0.0).sum(axis=1), defined.sum(axis=1).astype(np.float64))
