"""Reliability of a criterion from counts: agreement, alpha, AC, kappa, prevalence, with their intervals."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ihlannotate.phrases import Phrase
from ihlannotate.stats.bootstrap import FloatArray, IntArray, Sums, percentile_estimate, resample
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.reliability.coefficients import (
    alpha,
    category_alphas,
    cohen,
    divide,
    fleiss,
    gwet,
    raw_agreement,
)
from ihlannotate.stats.reliability.tally import Tally, read_tally, tally_rows
from ihlannotate.stats.weights import KappaWeights, Level, Values, agreement, disagreement

NO_PAIRS = Phrase("no unit has two annotations")
NO_VARIATION = Phrase("no variation: all paired annotations are of one level")
ONE_LEVEL = Phrase("the criterion has only one level")
GWET_KINDS: dict[Level, str] = {
    "nominal": "AC1",
    "ordinal": Phrase("AC2 (ordinal weights)"),
    "interval": Phrase("AC2 (quadratic weights)"),
}


@dataclass(frozen=True)
class Reliability:
    """Agreement of annotators on one criterion.

    `units` have at least one annotation, `pairable_units` at least two; `clusters` is how many prompts (or,
    where nothing is clustered, units) were resampled with `seed`, `replicates` times. `per_category` gives
    for each level its index and the alpha of that level against the rest; `prevalence` its index and share of
    all annotations.
    """

    level: Level
    units: int
    pairable_units: int
    annotations: int
    clusters: int
    replicates: int
    seed: int
    percent_agreement: Estimate
    krippendorff_alpha: Estimate
    gwet_ac: Estimate
    gwet_kind: str
    fleiss_kappa: Estimate
    per_category: tuple[tuple[int, Estimate], ...]
    prevalence: tuple[tuple[int, Estimate], ...]


def checked_counts(counts: NDArray[np.integer]) -> IntArray:
    """`counts` (U × V) as int64. Raises ValueError where they are not a table of whole numbers from 0 up."""
    table = np.asarray(counts)
    if table.ndim != 2 or table.shape[1] == 0 or not np.issubdtype(table.dtype, np.integer):
        raise ValueError("counts are whole numbers, units by levels")
    if table.size and table.min() < 0:
        raise ValueError("counts cannot be negative")
    return table.astype(np.int64, copy=False)


def reliability(
    counts: NDArray[np.integer],
    *,
    level: Level,
    values: Values = None,
    clusters: NDArray[np.integer] | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> Reliability:
    """Every agreement coefficient of `counts` (U × V: annotations of each unit by level) with 95% intervals.

    `values` (V) are the numbers of interval levels; `clusters` (U) the prompt of each unit, None where each
    unit is its own. Units with fewer than two annotations take part in the resampling. Raises ValueError on
    counts that are not whole numbers from 0 up. Sources: Krippendorff 2011, Fleiss 1971, Gwet 2014; METHODS
    of this project.
    """
    table = checked_counts(counts)
    level_count = table.shape[1]
    weights = agreement(level, level_count, values)
    sums = resample(
        table,
        summarise=lambda patterns: tally_rows(patterns, weights),
        clusters=clusters,
        replicates=replicates,
        seed=seed,
    )
    return read_reliability(
        sums, level_count=level_count, level=level, values=values, replicates=replicates, seed=seed
    )


def read_reliability(
    sums: Sums, *, level_count: int, level: Level, values: Values, replicates: int, seed: int
) -> Reliability:
    """The Reliability of sums of the rows that `tally_rows` makes; arguments as of `reliability`."""
    weights = agreement(level, level_count, values)
    bootstrap = _Bootstrap(
        read_tally(sums.total[None, :], level_count), read_tally(sums.replicates, level_count), sums.clusters
    )
    sample = bootstrap.sample
    no_variation = why_no_variation(sample)
    no_gwet = ONE_LEVEL if sample.pairable[0] else NO_PAIRS
    return Reliability(
        level=level,
        units=int(sample.rated[0]),
        pairable_units=int(sample.pairable[0]),
        annotations=int(sample.annotations.sum()),
        clusters=sums.clusters,
        replicates=replicates,
        seed=seed,
        percent_agreement=bootstrap.estimate(raw_agreement, NO_PAIRS),
        krippendorff_alpha=bootstrap.estimate(lambda t: alpha(t.coincidences, level, values), no_variation),
        gwet_ac=bootstrap.estimate(lambda t: gwet(t, weights), no_gwet),
        gwet_kind=GWET_KINDS[level],
        fleiss_kappa=bootstrap.estimate(fleiss, no_variation),
        per_category=bootstrap.by_level(
            lambda t: category_alphas(t.coincidences), _why_no_category_alpha(sample)
        ),
        prevalence=bootstrap.by_level(_prevalence, [Phrase("no annotations")] * level_count),
    )


@dataclass(frozen=True)
class _Bootstrap:
    sample: Tally
    resampled: Tally
    clusters: int

    def estimate(self, statistic: Callable[[Tally], FloatArray], undefined: str) -> Estimate:
        return percentile_estimate(
            float(statistic(self.sample)[0]),
            statistic(self.resampled),
            clusters=self.clusters,
            undefined=undefined,
        )

    def by_level(
        self, statistic: Callable[[Tally], FloatArray], undefined: list[str]
    ) -> tuple[tuple[int, Estimate], ...]:
        values, draws = statistic(self.sample)[0], statistic(self.resampled)
        return tuple(
            (
                k,
                percentile_estimate(
                    float(value), draws[:, k], clusters=self.clusters, undefined=undefined[k]
                ),
            )
            for k, value in enumerate(values)
        )


def _prevalence(tally: Tally) -> FloatArray:
    return divide(tally.annotations, tally.annotations.sum(axis=1, keepdims=True))


def why_no_variation(sample: Tally) -> str:
    """Why a chance-corrected coefficient of this sample would be undefined."""
    return NO_VARIATION if sample.pairable[0] else NO_PAIRS


def _why_no_category_alpha(sample: Tally) -> list[str]:
    paired = sample.coincidences[0].sum(axis=1)
    unused = Phrase("no variation: no paired annotation is of this level")
    return [why_no_variation(sample) if not sample.pairable[0] or n else unused for n in paired]


def _sample(counts: NDArray[np.integer], weights: FloatArray | None = None) -> Tally:
    table = checked_counts(counts)
    level_count = table.shape[1]
    used = np.eye(level_count) if weights is None else weights
    sums = resample(table, summarise=lambda patterns: tally_rows(patterns, used), replicates=0)
    return read_tally(sums.total[None, :], level_count)


def _defined(value: FloatArray) -> float | None:
    return None if np.isnan(value[0]) else float(value[0])


def percent_agreement(counts: NDArray[np.integer]) -> float | None:
    """Mean over units of the share of pairs of annotations that agree; None where no unit has a pair.

    `counts` (U × V): annotations of each unit by level.

    >>> import numpy as np
    >>> percent_agreement(np.array([[2, 0], [1, 1]]))
    0.5
    """
    return _defined(raw_agreement(_sample(counts)))


def krippendorff_alpha(counts: NDArray[np.integer], level: Level, values: Values = None) -> float | None:
    """Krippendorff's alpha of `counts` (U × V); None without variation or without a unit of two annotations.

    The example is the table of Krippendorff 2011, page 8 (nominal .743, ordinal .815, interval .849).

    >>> import numpy as np
    >>> ratings = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]
    >>> counts = np.array([[sum(given[unit] == k for given in ratings) for k in "12345"]
    ...                    for unit in range(12)])
    >>> [round(krippendorff_alpha(counts, level), 3) for level in ("nominal", "ordinal", "interval")]
    [0.743, 0.815, 0.849]
    """
    return _defined(alpha(_sample(counts).coincidences, level, values))


def fleiss_kappa(counts: NDArray[np.integer]) -> float | None:
    """Fleiss' kappa of `counts` (U × V), also for unequal numbers of annotations; None if undefined."""
    return _defined(fleiss(_sample(counts)))


def gwet_ac(counts: NDArray[np.integer], level: Level = "nominal", values: Values = None) -> float | None:
    """Gwet's AC1 (nominal) or AC2 (ordinal or quadratic weights) of `counts` (U × V); None if undefined."""
    table = checked_counts(counts)
    weights = agreement(level, table.shape[1], values)
    return _defined(gwet(_sample(table, weights), weights))


def cohen_kappa(table: NDArray[np.integer] | FloatArray, weights: KappaWeights = None) -> float | None:
    """Cohen's kappa of a table (V × V: first annotator by second), None where chance leaves no disagreement.

    `weights` are disagreements: None, "linear", "quadratic", or a matrix (V × V) that is zero on the
    diagonal. Raises ValueError on a table that is not square. The example is Cohen 1968 (weights 0 1 3 / 1 0
    6 / 3 6 0).

    >>> import numpy as np
    >>> table = np.array([[88, 10, 2], [14, 40, 6], [18, 10, 12]])
    >>> round(cohen_kappa(table), 3)
    0.492
    >>> round(cohen_kappa(table, np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]])), 3)
    0.348
    """
    cells = np.asarray(table, dtype=np.float64)
    if cells.ndim != 2 or cells.shape[0] != cells.shape[1]:
        raise ValueError("a table of two annotators is square")
    return _defined(cohen(cells[None], disagreement(weights, len(cells))))
