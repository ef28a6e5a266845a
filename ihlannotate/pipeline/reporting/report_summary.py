"""What was found in sentences, each by a stated rule: the summary of a report."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.utils.translation import gettext as _

from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import AgreementReport, CriterionAgreement, SetAgreement
from ihlannotate.pipeline.findings import FindingsReport
from ihlannotate.pipeline.judging import ValidationReport
from ihlannotate.pipeline.refusals import translated
from ihlannotate.pipeline.reporting.blocks import Block, Listing, Prose, Section
from ihlannotate.pipeline.reporting.findings_plots import change_words, method_of
from ihlannotate.pipeline.reporting.words import agreement_reading, disagreeing, measure_words
from ihlannotate.readers.rubric import CriterionSpec

Specs = Mapping[str, CriterionSpec]


def summary(
    study: Study,
    specs: Specs,
    agreement: AgreementReport,
    judged: Sequence[ValidationReport],
    findings: FindingsReport | None,
) -> Section:
    """The summary of a report; of findings nothing where they are None."""
    sections = [Section(_("Do the annotators agree?"), _sentences(_agreed(agreement)))]
    concluded = [one for one in judged if one.conclusion]
    if concluded:
        sections.append(Section(_("May a judge replace an annotator?"), _sentences(_judged(concluded))))
    if findings:
        changes = _sentences(_changes(specs, findings))
        sections.append(Section(_("What does a condition change?"), (*changes, *_warnings(specs, findings))))
    return Section(_("Summary"), tuple(_about(study)), tuple(one for one in sections if one.blocks))


def _about(study: Study) -> Iterator[Block]:
    if study.description.strip():
        yield Prose(study.description.strip())
    yield Prose(_("Each sentence here follows from the figures by a rule that the methods state."))


def _agreed(report: AgreementReport) -> Iterator[str]:
    questions: list[CriterionAgreement | SetAgreement] = [*report.criteria, *report.sets]
    for one in questions:
        reading = agreement_reading(one.reliability.krippendorff_alpha).text
        yield _("“%(question)s”: %(reading)s") % {"question": one.title, "reading": reading}


def _judged(reports: Sequence[ValidationReport]) -> Iterator[str]:
    for one in reports:
        conclusion = translated(one.conclusion)
        yield _("%(judge)s: %(conclusion)s") % {"judge": one.judge, "conclusion": conclusion}


def _changes(specs: Specs, report: FindingsReport) -> Iterator[str]:
    for found in report.measures:
        what = measure_words(specs[found.measure.criterion], found.measure)
        for condition in dict.fromkeys(one.condition for one in found.effects):
            effects = [one for one in found.effects if one.condition == condition]
            shares, method = found.measure.statistic == "share", method_of(found)
            yield change_words(effects, what, shares=shares, method=method)


def _warnings(specs: Specs, report: FindingsReport) -> Iterator[Block]:
    for found in report.measures:
        runs = disagreeing(found)
        if runs:
            what = measure_words(specs[found.measure.criterion], found.measure)
            words = _(
                "“%(what)s”: the two corrections disagree for %(runs)s. Trust neither before you know why."
            )
            yield Prose(words % {"what": what, "runs": ", ".join(runs)}, style="warning")


def _sentences(said: Iterable[str]) -> tuple[Block, ...]:
    items = tuple(one if one.endswith(".") else f"{one}." for one in said)
    return (Listing(items),) if items else ()
