"""The results of a study as its report tells them: agreement, gold, judges, findings, and what is behind them."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from markdown_it import MarkdownIt

from ihlannotate.models.gold import GoldRelease
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import (
    AgreementReport,
    CriterionAgreement,
    SetAgreement,
    levelled_criteria,
)
from ihlannotate.pipeline.findings import FindingsReport
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.reporting.agreement_plots import Shown, overview_plot, plot_named
from ihlannotate.pipeline.reporting.agreement_tables import agreement_tables
from ihlannotate.pipeline.reporting.blocks import Block, Listing, Prose, Section
from ihlannotate.pipeline.reporting.conditions import asked_where
from ihlannotate.pipeline.reporting.findings_plots import plots_of
from ihlannotate.pipeline.reporting.findings_tables import findings_tables
from ihlannotate.pipeline.reporting.release_tables import release_tables
from ihlannotate.pipeline.reporting.report_judges import Judged, JudgeResults
from ihlannotate.pipeline.reporting.words import (
    agreement_meaning,
    agreement_reading,
    disagreeing,
    measure_words,
    one_sided,
)
from ihlannotate.readers.rubric import CriterionSpec

# How the names of those tables end that stand in the text; the others stand in the appendix.
IN_TEXT = ("-runs", "-effects")
PLOTS_BEHIND = ("use", "without", "drift_agreement")  # of a question, in the appendix
LIMITS = "## Known limits"
TEXTS = ("text", "code_inline")


class Results:
    """What the verbs found of one study, and the sections of the report that tell it."""

    def __init__(
        self,
        study: Study,
        release: GoldRelease,
        agreement: AgreementReport,
        judged: Sequence[Judged],
        findings: FindingsReport | None,
    ) -> None:
        self.study, self.release, self.agreement, self.findings = study, release, agreement, findings
        self.rubric = spec_of(study.rubric)
        self.specs = {one.key: one for one in self.rubric.criteria}
        self._agreement_tables = agreement_tables(agreement, self.specs)
        self.judges = [
            JudgeResults(found, self.specs, number=number) for number, found in enumerate(judged, start=1)
        ]
        self._findings_tables = findings_tables(findings, self.specs) if findings else ()

    @property
    def _questions(self) -> list[CriterionAgreement | SetAgreement]:
        return [*self.agreement.criteria, *self.agreement.sets]

    def of_agreement(self) -> Section:
        """How far annotators agree on each question."""
        readings = [
            (
                one.title,
                one.reliability.krippendorff_alpha,
                agreement_reading(one.reliability.krippendorff_alpha),
            )
            for one in self._questions
        ]
        return Section(
            _("Agreement"),
            (overview_plot(readings), self._agreement_tables[0]),
            tuple(Section(one.title, tuple(self._question(one))) for one in self._questions),
        )

    def _question(self, found: CriterionAgreement | SetAgreement) -> Iterator[Block]:
        measured = found.reliability
        reading = agreement_reading(measured.krippendorff_alpha)
        condition = asked_where(self.rubric, self.specs[found.key])
        of_sets = isinstance(found, SetAgreement)
        said = [
            f"{reading.text}.",
            reading.hint,
            agreement_meaning(measured.percent_agreement, sets=of_sets),
            f"{condition[:1].upper()}{condition[1:]}." if condition else "",
        ]
        yield Prose(" ".join(one for one in said if one))
        if isinstance(found, CriterionAgreement):
            caution = one_sided(found, self.specs[found.key])
            if caution:
                yield Prose(caution)
            plot = plot_named(self._shown(found), "levels")
            if plot:
                yield plot

    def _shown(self, found: CriterionAgreement) -> Shown:
        assert found.detail is not None  # it was asked for
        return Shown(found, found.detail, tuple(one.label for one in self.specs[found.key].options))

    def of_gold(self) -> Section:
        """The tiers of the labels, how far their posteriors can be trusted, and what they can't tell."""
        tables = release_tables(self.release, levelled_criteria(self.study))
        return Section(
            _("Gold labels"),
            (
                Prose(
                    _(
                        "Gold release %(number)s is a snapshot that never changes; its SHA-256 covers every label."
                    )
                    % {"number": self.release.number}
                ),
                *tables,
            ),
            (Section(_("Known limits"), (Listing(limits(self.release.datasheet), lang="en"),)),),
        )

    def of_judges(self) -> Section:
        """Each judge held against gold."""
        if not self.judges:
            return Section(_("Automated judges"), (Prose(_("No judge has given verdicts in this study.")),))
        return Section(_("Automated judges"), sections=tuple(one.section() for one in self.judges))

    def of_findings(self) -> Section:
        """What was found by model and condition; before unblinding, that there is nothing yet."""
        if self.findings is None:
            sealed = _(
                "The study is sealed: nothing is computed by model or condition before it is unblinded."
            )
            return Section(_("Findings"), (Prose(sealed),))
        report = self.findings
        by = _("The judge is %(judge)s.") % {"judge": report.judge} if report.judge else ""
        return Section(
            _("Findings"),
            (
                Prose(
                    " ".join(
                        one
                        for one in (by, _("By the judge, by gold, and by the judge corrected by gold."))
                        if one
                    )
                ),
            ),
            tuple(
                Section(
                    self._measure_title(self.specs[found.measure.criterion], at),
                    tuple(self._measure(report, at)),
                )
                for at, found in enumerate(report.measures)
            ),
        )

    def _measure_title(self, spec: CriterionSpec, at: int) -> str:
        assert self.findings is not None
        what = measure_words(spec, self.findings.measures[at].measure)
        if what == spec.title:
            return what
        return _("“%(answer)s” (%(question)s)") % {"question": spec.title, "answer": what}

    def _measure(self, report: FindingsReport, at: int) -> Iterator[Block]:
        found = report.measures[at]
        spec = self.specs[found.measure.criterion]
        condition = asked_where(self.rubric, spec)
        if condition:
            yield Prose(f"{condition[:1].upper()}{condition[1:]}.")
        for run in disagreeing(found):
            yield Prose(
                _("%(run)s: the two corrections disagree. Trust neither before you know why.") % {"run": run},
                style="warning",
            )
        yield from (drawn.plot for drawn in plots_of(report, at, measure_words(spec, found.measure)))
        stem = f"findings-{at + 1}-"
        own = [one for one in self._findings_tables if one.name.startswith(stem)]
        yield from (one for one in own if one.name.endswith(IN_TEXT))

    def behind(self) -> tuple[Section, ...]:
        """The appendix: what stands behind the figures of the text."""
        sections = [
            Section(
                _("Further tables and figures: agreement"),
                tuple(self._behind_agreement()),
                appendix=True,
            ),
            Section(
                _("Further tables: judges"),
                tuple(block for one in self.judges for block in one.behind()),
                appendix=True,
            ),
            Section(
                _("Further tables: findings"),
                tuple(one for one in self._findings_tables if not one.name.endswith(IN_TEXT)),
                appendix=True,
            ),
        ]
        return tuple(one for one in sections if one.blocks)

    def _behind_agreement(self) -> Iterator[Block]:
        yield from self._agreement_tables[1:]
        for found in self.agreement.criteria:
            drawn = (plot_named(self._shown(found), name) for name in PLOTS_BEHIND)
            yield from (plot for plot in drawn if plot)


def limits(datasheet: str) -> tuple[str, ...]:
    """The limits that a release's datasheet states, as plain texts.

    >>> limits("## Known limits\\n\\n- Of a\\\\_b.\\n\\n## Versions\\n\\n- No.")
    ('Of a_b.',)
    """
    section = datasheet.partition(LIMITS)[2].partition("\n## ")[0]
    parser = MarkdownIt("commonmark", {"html": False})
    lines = [line.removeprefix("- ") for line in section.splitlines() if line.startswith("- ")]
    return tuple(
        "".join(
            token.content
            for inline in parser.parseInline(line)
            for token in inline.children or ()
            if token.type.startswith(TEXTS)
        )
        for line in lines
    )
