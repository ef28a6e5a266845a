"""Every figure of a validation report as rows of one table, for CSV."""

from collections.abc import Iterator
from typing import NamedTuple

from ihlannotate.pipeline.judging.validating import CriterionValidation, ValidationReport
from ihlannotate.stats.estimate import Estimate

FIGURE_HEADER = (
    "criterion",
    "statistic",
    "of",
    "n",
    "value",
    "low",
    "high",
    "release",
    "replicates",
    "seed",
    "note",
)


class _Figure(NamedTuple):
    """`of` tells figures of one name apart: a level, an alias, a part. `n` is what it rests on, None where unsaid."""

    statistic: str
    of: str
    n: int | None
    value: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""


def figure_rows(report: ValidationReport) -> Iterator[tuple[object, ...]]:
    """A row for each figure of a report, under FIGURE_HEADER; undefined values are empty and say why in `note`.

    Names are English in every language, so that programs can read them.
    """
    how = (report.release, report.replicates, report.seed)
    for one in report.criteria:
        for it in _of_criterion(one):
            yield (one.key, it.statistic, it.of, it.n, it.value, it.low, it.high, *how, it.note)


def _figure(statistic: str, of: str, n: int | None, it: Estimate) -> _Figure:
    return _Figure(statistic, of, n, it.value, it.low, it.high, str(it.note))


def _of_criterion(one: CriterionValidation) -> Iterator[_Figure]:
    found = one.report
    yield _Figure("unparsed verdicts", "", found.n, found.unparsed)
    yield _Figure("verdicts without gold", "", None, one.without_gold)
    yield _Figure("verdicts where the question does not apply", "", None, one.inapplicable)
    yield _figure("accuracy", "", found.n, found.accuracy)
    yield _figure("Cohen's kappa", "", found.n, found.cohen_kappa)
    yield _figure("weighted kappa", "", found.parsed_only.n, found.weighted_kappa)
    yield _figure("Krippendorff's alpha", "", found.n, found.krippendorff_alpha)
    yield _figure("MCC", "", found.n, found.mcc)
    yield _figure("macro F1", "", found.n, found.macro_f1)
    yield _figure("accuracy, parsed only", "", found.parsed_only.n, found.parsed_only.accuracy)
    yield _figure("Cohen's kappa, parsed only", "", found.parsed_only.n, found.parsed_only.cohen_kappa)
    yield from _of_levels(one)
    yield from _of_annotators(one)
    for part in one.slices:
        name = f"{part.kind}: {part.name}"
        yield _figure("accuracy of a part", name, part.found.n, part.found.accuracy)
        yield _figure("Cohen's kappa of a part", name, part.found.n, part.found.cohen_kappa)


def _of_levels(one: CriterionValidation) -> Iterator[_Figure]:
    found = one.report
    columns = (*found.confusion.labels, "unparsed")
    for gold, row in zip(found.confusion.labels, found.confusion.matrix, strict=True):
        for verdict, count in zip(columns, row, strict=True):
            yield _Figure("confusion", f"gold {gold}, judge {verdict}", found.n, count)
    for errors in found.per_label:
        yield _figure("sensitivity", errors.label, None, errors.sensitivity)
        yield _figure("specificity", errors.label, None, errors.specificity)
        yield _figure("precision", errors.label, None, errors.precision)
        yield _figure("F1", errors.label, None, errors.f1)
    for label, rate in one.prevalence:
        yield _figure("prevalence, judge alone", label, None, rate.naive)
        yield _figure("prevalence, corrected", label, None, rate.corrected)
        yield _figure("prevalence, PPI++", label, None, rate.ppi)
        yield _figure("prevalence, gold alone", label, one.report.n, rate.gold)


def _of_annotators(one: CriterionValidation) -> Iterator[_Figure]:
    ceiling, test = one.ceiling, one.alt_test
    yield _figure("annotators' mean accuracy", "", None, ceiling.human_accuracy)
    yield _figure("annotators' mean kappa", "", None, ceiling.human_kappa)
    yield _figure("judge's mean accuracy against the others", "", None, ceiling.judge_accuracy)
    yield _figure("judge's mean kappa against the others", "", None, ceiling.judge_kappa)
    yield _figure("judge minus annotators, accuracy", "", None, ceiling.accuracy_difference)
    for line in ceiling.per_annotator:
        yield _figure("annotator's accuracy", one.aliases[line.annotator], line.n, line.human_accuracy)
        yield _figure("annotator's kappa", one.aliases[line.annotator], line.n, line.human_kappa)
    tested = test.annotators_tested
    yield _Figure("winning rate", "", tested, test.winning_rate, note=str(test.note))
    yield _Figure("advantage probability", "", tested, test.advantage_probability, note=str(test.note))
