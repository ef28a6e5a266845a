"""What a condition changes within a model: the same prompts under two conditions, compared in pairs."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ihlannotate.pipeline.findings.cells import NO_VERDICT, span_of
from ihlannotate.pipeline.findings.columns import Answered, BoolArray, IntArray
from ihlannotate.pipeline.findings.measures import Measure
from ihlannotate.pipeline.findings.population import FloatArray, Population
from ihlannotate.pipeline.findings.results import Comparison, Effect
from ihlannotate.stats.conditional import conditional_ppi
from ihlannotate.stats.effects import PairedEffect, holm, paired_means, paired_rates
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.means import ppi_level_mean


def effects_of(
    answered: Answered, found: Population, measure: Measure, *, replicates: int, seed: int
) -> tuple[Effect, ...]:
    """An effect for each model that answered under the baseline and under another condition.

    A pair counts where both its sides do: for what is given a refusal, where both refused. P values are adjusted over
    the models, apart for each condition.
    """
    made: dict[str, list[Effect]] = defaultdict(list)
    index = {name: at for at, name in enumerate(answered.names)}
    for (model, condition), run in index.items():
        baseline = index.get((model, answered.baseline))
        if condition == answered.baseline or baseline is None:
            continue
        first, second = _pairs(answered, baseline, run)
        made[condition].append(
            _effect(found, measure, (model, condition), (first, second), replicates=replicates, seed=seed)
        )
    return tuple(effect for family in made.values() for effect in _adjusted(family))


def _pairs(answered: Answered, one: int, other: int) -> tuple[IntArray, IntArray]:
    """Rows of both runs that answer the same prompt; repeated answers pair in their order, what is over is left out."""
    by_prompt: dict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for side, run in enumerate((one, other)):
        for row in np.flatnonzero(answered.runs == run).tolist():
            by_prompt[int(answered.prompts[row])][side].append(row)
    both = [pair for sides in by_prompt.values() for pair in zip(*sides, strict=False)]
    rows = np.array(both, dtype=np.int64).reshape(-1, 2)
    return rows[:, 0], rows[:, 1]


def _effect(
    found: Population,
    measure: Measure,
    name: tuple[str, str],
    rows: tuple[IntArray, IntArray],
    *,
    replicates: int,
    seed: int,
) -> Effect:
    first, second = rows
    prompts = found.prompts[first]

    weights = _weights(found, rows)

    def compared(values: FloatArray, counts: BoolArray, weighed: FloatArray | None) -> Comparison:
        chosen = counts[first] & counts[second]
        sides = values[first][chosen], values[second][chosen]
        shares = None if weighed is None else weighed[chosen]
        made = _paired(measure, sides, prompts[chosen], shares, replicates, seed)
        mid_p = made.mcnemar.mid_p if made.mcnemar else None
        return Comparison(made, made.p_value if mid_p is None else mid_p, None)

    by_gold = compared(found.truth, found.by_gold, weights)
    return Effect(
        *name,
        naive=compared(found.said, found.by_judge, None),
        gold=by_gold,
        ppi=_ppi(found, measure, rows, by_gold.effect.difference),
    )


def _paired(
    measure: Measure,
    sides: tuple[FloatArray, FloatArray],
    prompts: IntArray,
    weights: FloatArray | None,
    replicates: int,
    seed: int,
) -> PairedEffect:
    one, other = sides
    if measure.statistic == "share":
        return paired_rates(
            one > 0, other > 0, clusters=prompts, weights=weights, replicates=replicates, seed=seed
        )
    return paired_means(one, other, clusters=prompts, weights=weights, replicates=replicates, seed=seed)


def _weights(found: Population, rows: tuple[IntArray, IntArray]) -> FloatArray | None:
    """One over the chance that both sides of a pair were drawn; the conditions are strata apart, or nearly so."""
    return None if found.weights is None else found.weights[rows[0]] * found.weights[rows[1]]


def _ppi(found: Population, measure: Measure, rows: tuple[IntArray, IntArray], by_gold: Estimate) -> Estimate:
    if not found.judged:
        return Estimate.undefined(NO_VERDICT)
    first, second = rows
    labelled = found.both[first] & found.both[second]
    scored = found.both | found.elsewhere
    others = scored[first] & scored[second]
    weights = _weights(found, rows)
    if weights is None:
        others &= ~labelled
    else:
        weights = weights[labelled]
    # NaN on a side where the condition does not hold, and so of the pair
    truth, said = found.truth[second] - found.truth[first], found.said[second] - found.said[first]
    columns = truth[labelled], said[labelled], said[others]
    on_gold, beyond = found.prompts[first][labelled], found.prompts[first][others]
    least, most = span_of(measure)
    span = (least - most, most - least)
    if measure.condition:
        return conditional_ppi(
            *columns,
            span=span,
            gold_alone=by_gold,
            clusters_on_gold=on_gold,
            clusters_elsewhere=beyond,
            weights_on_gold=weights,
        )
    return ppi_level_mean(*columns, span=span, weights=weights, clusters=on_gold, unlabelled_clusters=beyond)


def _adjusted(family: Sequence[Effect]) -> list[Effect]:
    naive, gold = holm([one.naive.p for one in family]), holm([one.gold.p for one in family])
    return [
        replace(one, naive=replace(one.naive, p_holm=by_judge), gold=replace(one.gold, p_holm=by_gold))
        for one, by_judge, by_gold in zip(family, naive, gold, strict=True)
    ]
