"""Every figure of an agreement report as rows of one table, for CSV."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ihlannotate.pipeline.agreement.results import (
    AgreementReport,
    CriterionAgreement,
    Detail,
    Pair,
    SetAgreement,
)
from ihlannotate.pipeline.agreement.sequences import OwnThird
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.reliability import IntraAgreement, Reliability, SetReliability, Third

FIGURE_HEADER = (
    "criterion",
    "statistic",
    "of",
    "n",
    "value",
    "low",
    "high",
    "units",
    "pairable_units",
    "prompts",
    "replicates",
    "seed",
    "note",
)
PLACES = ("first third", "middle third", "last third")


class _Figure(NamedTuple):
    """`of` tells figures of one name apart: a level, an alias, two aliases, a slice. `n` is what it rests on."""

    statistic: str
    of: str
    n: int
    estimate: Estimate


def figure_rows(report: AgreementReport) -> Iterator[tuple[object, ...]]:
    """A row for each figure of a report, under FIGURE_HEADER; undefined values are empty and say why in `note`.

    Names are English in every language, so that programs can read them.
    """
    for levelled in report.criteria:
        yield from _rows(report, levelled.key, levelled.reliability, _of_criterion(levelled))
        for part in levelled.detail.slices if levelled.detail else ():
            name = f"{part.kind}: {part.name}"
            yield from _rows(report, levelled.key, part.reliability, _coefficients(part.reliability, name))
    for one in report.sets:
        yield from _rows(report, one.key, one.reliability, _of_sets(one))


def _rows(
    report: AgreementReport, key: str, found: Reliability | SetReliability, figures: Iterator[_Figure]
) -> Iterator[tuple[object, ...]]:
    for name, of, n, it in figures:
        yield (
            key,
            name,
            of,
            n,
            it.value,
            it.low,
            it.high,
            found.units,
            found.pairable_units,
            found.clusters,
            report.replicates,
            report.seed,
            it.note,
        )


def _coefficients(found: Reliability, of: str = "") -> Iterator[_Figure]:
    yield _Figure("percent agreement", of, found.pairable_units, found.percent_agreement)
    yield _Figure("Krippendorff's alpha", of, found.pairable_units, found.krippendorff_alpha)
    yield _Figure(f"Gwet's {found.gwet_kind}", of, found.units, found.gwet_ac)
    yield _Figure("Fleiss' kappa", of, found.units, found.fleiss_kappa)


def _of_criterion(one: CriterionAgreement) -> Iterator[_Figure]:
    found = one.reliability
    yield from _coefficients(found)
    for k, it in found.per_category:
        yield _Figure("alpha of one level", one.labels[k], found.pairable_units, it)
    for k, it in found.prevalence:
        yield _Figure("prevalence", one.labels[k], found.annotations, it)
    for alias, it in one.without:
        yield _Figure("alpha without annotator", alias, found.pairable_units, it)
    for pair in one.pairs:
        yield from _of_pair(pair)
    if one.detail:
        yield from _of_repeats("all annotators", one.detail.intra.pooled)
        for alias, repeats in one.detail.intra.per_annotator:
            yield from _of_repeats(alias, repeats)
        yield from _of_drift(one.detail, one.labels)


def _of_pair(pair: Pair) -> Iterator[_Figure]:
    who = f"{pair.a} and {pair.b}"
    yield _Figure("percent agreement of two", who, pair.n, pair.percent_agreement)
    yield _Figure("Cohen's kappa of two", who, pair.n, pair.cohen_kappa)
    yield _Figure("weighted kappa of two", who, pair.n, pair.weighted_kappa)


def _of_repeats(who: str, found: IntraAgreement) -> Iterator[_Figure]:
    yield _Figure("percent agreement of repeats", who, found.n, found.percent_agreement)
    yield _Figure("alpha of repeats", who, found.n, found.krippendorff_alpha)
    yield _Figure("Cohen's kappa of repeats", who, found.n, found.cohen_kappa)
    yield _Figure("weighted kappa of repeats", who, found.n, found.weighted_kappa)


def _of_drift(detail: Detail, labels: Sequence[str]) -> Iterator[_Figure]:
    thirds = detail.drift.thirds
    for place, third in zip(PLACES, thirds, strict=True):
        yield _Figure("alpha in a third", place, third.pairable_units, third.krippendorff_alpha)
        yield from _of_third(place, third, labels)
    n = sum(third.annotations for third in thirds)
    for label, slope in zip(labels, detail.drift.slopes, strict=True):
        yield _Figure("change of a share per 100 items", label, n, slope)
    yield _Figure("change of the mean per 100 items", "", n, detail.drift.slope)
    for alias, own in detail.own_thirds:
        for place, one in zip(PLACES, own, strict=True):
            yield from _of_third(f"{alias}, {place}", one, labels)


def _of_third(of: str, found: Third | OwnThird, labels: Sequence[str]) -> Iterator[_Figure]:
    for label, share in zip(labels, found.shares, strict=True):
        yield _Figure("share in a third", f"{of}: {label}", found.annotations, share)
    yield _Figure("mean in a third", of, found.annotations, found.mean)


def _of_sets(one: SetAgreement) -> Iterator[_Figure]:
    found = one.reliability
    yield _Figure("percent agreement of sets", "", found.pairable_units, found.percent_agreement)
    yield _Figure("mean MASI similarity", "", found.pairable_units, found.masi_agreement)
    yield _Figure("Krippendorff's alpha (MASI)", "", found.pairable_units, found.krippendorff_alpha)
    for k, it in found.per_label:
        yield _Figure("alpha of one label", one.labels[k], found.pairable_units, it)
    for k, it in found.prevalence:
        yield _Figure("prevalence", one.labels[k], found.annotations, it)
    for alias, it in one.without:
        yield _Figure("alpha without annotator", alias, found.pairable_units, it)
