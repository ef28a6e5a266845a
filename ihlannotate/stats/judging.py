"""A judge held against gold: accuracy, agreement and errors by label, unparsed verdicts scored both ways."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ihlannotate.phrases import Phrase, joined
from ihlannotate.stats import verdict_tables as measure
from ihlannotate.stats.bootstrap import FloatArray
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.proportions import Clusters, clustered_proportion
from ihlannotate.stats.reliability.coefficients import alpha, cohen
from ihlannotate.stats.verdict_tables import Tables
from ihlannotate.stats.weights import Level, Values, disagreement

NO_GOLD = Phrase("no response with gold was judged")
NO_VARIATION = Phrase("no variation: gold and judge use one and the same label")
NONE_PARSED = Phrase("no verdict could be parsed")


@dataclass(frozen=True)
class Confusion:
    """Gold by verdict: a row for each of `labels`, a column for each and a last one for unparsed verdicts."""

    labels: tuple[str, ...]
    matrix: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class LabelErrors:
    """One label against the rest. An unparsed verdict misses the label that gold has and claims no other."""

    label: str
    sensitivity: Estimate
    specificity: Estimate
    precision: Estimate
    f1: Estimate


@dataclass(frozen=True)
class ParsedOnly:
    """The headline figures with the unparsed verdicts dropped; `n` are left."""

    n: int
    accuracy: Estimate
    cohen_kappa: Estimate


@dataclass(frozen=True)
class JudgeReport:
    """A judge against gold on `n` responses, of which `unparsed` verdicts could not be read.

    An unparsed verdict counts as a label of its own that is always wrong, except in `parsed_only`, and in
    what needs a place on a scale (`weighted_kappa`, alpha of ordinal and interval levels), where it is left
    out and the note says so. `weighted_kappa` has quadratic weights and is undefined, with the note
    "nominal", for nominal levels.
    """

    n: int
    unparsed: int
    clusters: int
    replicates: int
    seed: int
    confusion: Confusion
    accuracy: Estimate
    cohen_kappa: Estimate
    weighted_kappa: Estimate
    krippendorff_alpha: Estimate
    mcc: Estimate
    macro_f1: Estimate
    parsed_only: ParsedOnly
    per_label: tuple[LabelErrors, ...]


@dataclass(frozen=True)
class _Case:
    """What the parts of a report share."""

    gold: NDArray[np.int64]
    verdicts: NDArray[np.int64]
    tables: Tables
    clusters: Clusters

    def proportion(
        self,
        hits: NDArray[np.bool_],
        among: NDArray[np.bool_],
        statistic: Callable[[FloatArray], FloatArray],
        undefined: str,
    ) -> Estimate:
        """The share of `hits` `among` some responses: Wilson, or bootstrap to carry gold's doubt."""
        clusters = None if self.clusters is None else np.asarray(self.clusters)[among]
        by_wilson = clustered_proportion(hits[among], clusters, empty=undefined)
        if not self.tables.gold_is_drawn:
            return by_wilson
        drawn = self.tables.estimate(statistic, undefined)
        # Without any doubt about gold the bootstrap of 0 or 1 has no width, which would claim certainty
        return by_wilson if drawn.low is None or drawn.low == drawn.high else drawn


def judge_report(
    gold: NDArray[np.integer],
    verdicts: NDArray[np.integer],
    *,
    labels: Sequence[str],
    level: Level,
    values: Values = None,
    posterior: FloatArray | None = None,
    clusters: Clusters = None,
    replicates: int = 1000,
    seed: int = 0,
) -> JudgeReport:
    """Hold `verdicts` (n codes, -1 unparsed) against `gold` (n codes); codes are indices of `labels` (L).

    Simple proportions have Wilson intervals at the effective size that shared prompts (`clusters`, n) leave,
    all else the percentile interval of the prompt bootstrap. `posterior` (n × L), the probability of each
    true label, makes every replicate draw gold anew and gives all figures bootstrap intervals. `values` (L)
    serve interval levels. Raises ValueError on codes that are no labels or a posterior that is no
    distribution. Sources: METHODS of this project; Cohen 1960, Gorodkin 2004, Krippendorff 2011.
    """
    truth, said = measure.checked_codes(gold, verdicts, len(labels))
    tables = measure.verdict_tables(
        truth,
        said,
        label_count=len(labels),
        posterior=_checked_posterior(posterior, len(truth), len(labels)),
        clusters=clusters,
        replicates=replicates,
        seed=seed,
    )
    case = _Case(truth, said, tables, clusters)
    unparsed = int((said < 0).sum())
    everything = np.ones(len(truth), np.bool_)
    plain = disagreement(None, len(labels) + 1)
    return JudgeReport(
        n=len(truth),
        unparsed=unparsed,
        clusters=tables.clusters,
        replicates=replicates,
        seed=seed,
        confusion=Confusion(tuple(labels), tuple(tuple(int(n) for n in row) for row in tables.sample[0])),
        accuracy=case.proportion(truth == said, everything, measure.accuracy, NO_GOLD),
        cohen_kappa=tables.estimate(lambda t: cohen(measure.squared(t), plain), _reason(truth, NO_VARIATION)),
        weighted_kappa=_weighted_kappa(tables, level, values, unparsed, len(truth)),
        krippendorff_alpha=_alpha(tables, level, values, unparsed, len(truth)),
        mcc=tables.estimate(
            lambda t: measure.matthews(measure.squared(t)),
            _reason(truth, Phrase("no variation: gold or judge uses one label only")),
        ),
        macro_f1=tables.estimate(measure.macro_f1, NO_GOLD),
        parsed_only=_parsed_only(case, len(labels)),
        per_label=tuple(_label_errors(case, k, label) for k, label in enumerate(labels)),
    )


def _checked_posterior(posterior: FloatArray | None, n: int, label_count: int) -> FloatArray | None:
    if posterior is None:
        return None
    shares = np.asarray(posterior, dtype=np.float64)
    if shares.shape != (n, label_count):
        raise ValueError(f"a posterior of {n} responses and {label_count} labels has shape {shares.shape}")
    # Said the other way round, NaN would pass
    if n and not (shares.min() >= 0 and np.abs(shares.sum(axis=1) - 1).max() <= 1e-6):
        raise ValueError("each row of a posterior sums to 1")
    return shares


def _reason(responses: NDArray[np.int64], reason: str) -> str:
    return reason if len(responses) else NO_GOLD


def _on_scale(estimate: Estimate, unparsed: int) -> Estimate:
    if not unparsed:
        return estimate
    left_out = Phrase("%(unparsed)s unparsed left out: no place on the scale", unparsed=unparsed)
    return replace(estimate, note=joined(estimate.note, left_out))


def _scale_reason(unparsed: int, n: int) -> str:
    if n == 0:
        return NO_GOLD
    return NONE_PARSED if unparsed == n else NO_VARIATION


def _weighted_kappa(tables: Tables, level: Level, values: Values, unparsed: int, n: int) -> Estimate:
    if level == "nominal":
        return Estimate.undefined(Phrase("nominal"))
    # Ordinal kappa weighs by ranks, whatever numbers the levels carry
    weights = disagreement("quadratic", tables.sample.shape[1], values if level == "interval" else None)
    found = tables.estimate(lambda t: cohen(measure.parsed(t), weights), _scale_reason(unparsed, n))
    return _on_scale(found, unparsed)


def _alpha(tables: Tables, level: Level, values: Values, unparsed: int, n: int) -> Estimate:
    if level == "nominal":
        return tables.estimate(
            lambda t: alpha(measure.coincidences(measure.squared(t)), level),
            NO_VARIATION if n else NO_GOLD,
        )
    found = tables.estimate(
        lambda t: alpha(measure.coincidences(measure.parsed(t)), level, values), _scale_reason(unparsed, n)
    )
    return _on_scale(found, unparsed)


def _parsed_only(case: _Case, label_count: int) -> ParsedOnly:
    read = case.verdicts >= 0
    plain = disagreement(None, label_count)
    undefined = _reason(case.gold, NONE_PARSED)
    return ParsedOnly(
        n=int(read.sum()),
        accuracy=case.proportion(
            case.gold == case.verdicts, read, lambda t: measure.accuracy(measure.parsed(t)), undefined
        ),
        cohen_kappa=case.tables.estimate(
            lambda t: cohen(measure.parsed(t), plain), NO_VARIATION if read.any() else undefined
        ),
    )


def _label_errors(case: _Case, k: int, label: str) -> LabelErrors:
    truth, said = case.gold == k, case.verdicts == k
    return LabelErrors(
        label=label,
        sensitivity=case.proportion(
            said,
            truth,
            lambda t: measure.sensitivity(t)[:, k],
            _reason(case.gold, Phrase("gold never has this label")),
        ),
        specificity=case.proportion(
            ~said,
            ~truth,
            lambda t: measure.specificity(t)[:, k],
            _reason(case.gold, Phrase("gold has no other label")),
        ),
        precision=case.proportion(
            truth,
            said,
            lambda t: measure.precision(t)[:, k],
            _reason(case.gold, Phrase("the judge never gives this label")),
        ),
        f1=case.tables.estimate(
            lambda t: measure.f1(t)[:, k],
            _reason(case.gold, Phrase("neither gold nor the judge has this label")),
        ),
    )
