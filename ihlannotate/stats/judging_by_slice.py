"""A judge's accuracy and kappa on parts of the data (a tier, a language, a model), all from the same replicates."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ihlannotate.phrases import Phrase
from ihlannotate.stats import verdict_tables as measure
from ihlannotate.stats.bootstrap import FloatArray, IntArray, percentile_estimate
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.parts import resample_subsets
from ihlannotate.stats.proportions import clustered_proportion
from ihlannotate.stats.reliability.coefficients import cohen
from ihlannotate.stats.weights import disagreement

EMPTY = Phrase("no response of this part has both gold and a verdict")
NO_VARIATION = Phrase("no variation: in this part gold and judge use one and the same label")


@dataclass(frozen=True)
class JudgedSlice:
    """A judge on one part: `n` responses of `clusters` prompts, of which `unparsed` verdicts count as wrong."""

    n: int
    unparsed: int
    clusters: int
    accuracy: Estimate
    cohen_kappa: Estimate


def judge_by_slice(
    gold: NDArray[np.integer],
    verdicts: NDArray[np.integer],
    slices: NDArray[np.bool_],
    *,
    label_count: int,
    clusters: NDArray[np.integer] | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> tuple[JudgedSlice, ...]:
    """The figures of each of `slices` (S × n: whether the response belongs), in their order.

    `gold` (n codes), `verdicts` (n codes, -1 unparsed) and `clusters` (n) as for `judge_report`; gold is taken as it
    is. Slices may overlap and may be empty. One bootstrap of all prompts serves every slice; where it leaves accuracy
    no width (all right or all wrong), the interval is Wilson's at the effective size. Raises ValueError on codes that
    are no labels and on slices of another length. Source: Särndal, Swensson and Wretman 1992, Model Assisted Survey
    Sampling, chapter 10 (domains).
    """
    truth, said = measure.checked_codes(gold, verdicts, label_count)
    chosen = np.asarray(slices, dtype=np.bool_)
    width = label_count + 1
    cells = np.where(said < 0, label_count, said) + truth * width

    def summarise(patterns: IntArray) -> FloatArray:
        return np.eye(label_count * width)[patterns[:, 0]]

    found = resample_subsets(
        cells[:, None],
        subsets=chosen,
        summarise=summarise,
        clusters=clusters,
        replicates=replicates,
        seed=seed,
    )
    plain = disagreement(None, width)
    read = []
    for sums, member in zip(found, chosen, strict=True):
        shape = (-1, label_count, width)
        tables = measure.Tables(sums.total.reshape(shape), sums.replicates.reshape(shape), sums.clusters)
        read.append(
            JudgedSlice(
                n=int(member.sum()),
                unparsed=int((said[member] < 0).sum()),
                clusters=sums.clusters,
                accuracy=_accuracy(
                    tables, truth[member] == said[member], None if clusters is None else clusters[member]
                ),
                cohen_kappa=tables.estimate(
                    lambda t: cohen(measure.squared(t), plain), NO_VARIATION if member.any() else EMPTY
                ),
            )
        )
    return tuple(read)


def _accuracy(
    tables: measure.Tables, hits: NDArray[np.bool_], clusters: NDArray[np.integer] | None
) -> Estimate:
    value = float(measure.accuracy(tables.sample)[0])
    draws = measure.accuracy(tables.resampled)
    drawn = percentile_estimate(value, draws, clusters=tables.clusters, undefined=EMPTY)
    if drawn.low is None or drawn.low != drawn.high:
        return drawn
    # Without width an interval would claim certainty
    return clustered_proportion(hits, clusters, empty=EMPTY)
