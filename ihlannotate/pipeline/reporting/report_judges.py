"""Judges in a report: each held against gold, what its scores are worth, and the tables behind that."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.text import slugify
from django.utils.translation import gettext as _

from ihlannotate.models.judge import Judge
from ihlannotate.pipeline.judging import CriterionValidation, ValidationReport
from ihlannotate.pipeline.judging.score_results import ScoreReport
from ihlannotate.pipeline.refusals import translated
from ihlannotate.pipeline.reporting.blocks import Block, Facts, Prose, Section
from ihlannotate.pipeline.reporting.judge_plots import rates_of, rates_plot
from ihlannotate.pipeline.reporting.judge_tables import judge_tables
from ihlannotate.pipeline.reporting.score_plots import curves_of, threshold_plot
from ihlannotate.pipeline.reporting.score_tables import score_tables
from ihlannotate.pipeline.reporting.score_words import level_words, score_sentence, threshold_sentence
from ihlannotate.pipeline.reporting.words import judge_reading
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.writers.tables import Table

# How the names of those tables end that stand in the text; the others stand in the appendix.
OF_VERDICTS = ("figures", "confusion", "annotators", "alt-test", "prevalence")
OF_SCORES = ("calibration", "decisions")


@dataclass(frozen=True)
class Judged:
    """What was found of one judge: against gold, and of its scores on each criterion on which it gave any."""

    judge: Judge
    report: ValidationReport
    scores: tuple[ScoreReport, ...]


class JudgeResults:
    """One judge's part of a report; `number` tells judges apart in the tables' names."""

    def __init__(self, found: Judged, specs: Mapping[str, CriterionSpec], *, number: int) -> None:
        self.found, self.specs, self.number = found, specs, number
        tables = list(judge_tables(found.report, specs, number=number))
        for one in found.scores:
            tables += score_tables(one, self._label(one), number=number)
        self.tables: Mapping[str, Table] = {one.name: one for one in tables}

    def _label(self, scores: ScoreReport) -> str:
        options = self.specs[scores.criterion].options
        return next(option.label for option in options if option.value == scores.level)

    def _named(self, key: str, ends: tuple[str, ...]) -> list[Table]:
        names = (
            f"judge-{self.number}-{form}-{end}" for end in ends for form in dict.fromkeys((slugify(key), key))
        )
        return [self.tables[name] for name in names if name in self.tables]

    def section(self) -> Section:
        """The judge's section, a part for each criterion."""
        scores = {one.criterion: one for one in self.found.scores}
        return Section(
            self.found.judge.name,
            tuple(self._about()),
            tuple(
                Section(
                    one.title,
                    tuple(self._validation(one)),
                    (self._scores(scores[one.key]),) if one.key in scores else (),
                )
                for one in self.found.report.criteria
            ),
        )

    def _about(self) -> Iterator[Block]:
        if self.found.report.conclusion:
            yield Prose(translated(self.found.report.conclusion), style="lead")
        said = self.found.judge.settings.items()
        stated = tuple((name, str(value)) for name, value in said if isinstance(value, str | int | float))
        if stated:
            yield Facts(stated)

    def _validation(self, found: CriterionValidation) -> Iterator[Block]:
        reading = judge_reading(found)
        yield Prose(" ".join(one for one in (reading.text, reading.hint) if one))
        yield from self._named(found.key, OF_VERDICTS)
        labels = [option.label for option in self.specs[found.key].options]
        yield rates_plot(rates_of(found, labels))

    def _scores(self, found: ScoreReport) -> Section:
        label = self._label(found)
        sentences = (
            score_sentence(found, label),
            level_words(found.chosen, label),
            threshold_sentence(found, label),
        )
        threshold = threshold_plot(found)
        return Section(
            _("Scores"),
            (
                Prose(" ".join(sentences)),
                *self._named(found.criterion, OF_SCORES),
                *curves_of(found),
                *((threshold,) if threshold else ()),
            ),
        )

    def behind(self) -> Iterator[Table]:
        """The tables that the text leaves out."""
        keys = [one.key for one in self.found.report.criteria]
        shown = {one.name for key in keys for one in self._named(key, (*OF_VERDICTS, *OF_SCORES))}
        yield from (one for name, one in self.tables.items() if name not in shown)
