"""Rows of what was settled and what judges said: gold labels, verdicts, agreement and the rubric they rest on."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from ihlannotate.models.gold import GoldLabel
from ihlannotate.models.judge import Verdict
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import agreement
from ihlannotate.pipeline.exporting.origins import BATCH, CODE, PROMPT, origins_of
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.releasing import latest_release
from ihlannotate.stats.estimate import Estimate
from ihlannotate.writers import Column, Sheet
from ihlannotate.writers.base import Cell

Row = Sequence[Cell]
TIER = Column(
    "tier",
    width=13,
    help="unanimous, majority, adjudicated, contested, single, or inapplicable: some annotators were asked, but by "
    "gold the question does not apply.",
)


def gold(study: Study) -> Sheet:
    origins = origins_of(study)
    columns = (
        CODE,
        *origins.shown(),
        Column("criterion", width=16, help="Key of the criterion in the rubric."),
        Column(
            "value",
            width=16,
            help="The gold level; empty where contested, where reasonable lawyers differ or where the question does "
            "not apply.",
        ),
        TIER,
        Column("n", "integer", help="How many annotators answered."),
        Column("posterior", "number", help="Probability of the gold level under Dawid and Skene's model."),
        Column("counts", width=30, help="How many annotators chose each level."),
        Column("posteriors", width=40, help="Probability of each level."),
        PROMPT,
    )
    release = latest_release(study)
    labels = (
        GoldLabel.objects.filter(release=release)
        .order_by("criterion__position", "response__code")
        .values_list(
            "response_id",
            "response__code",
            "criterion__key",
            "value",
            "tier",
            "n",
            "counts",
            "posterior",
            "response__prompt__text",
        )
    )

    def rows() -> Iterator[Row]:
        stream = labels.iterator(chunk_size=2000)
        while batch := list(islice(stream, BATCH)):
            known = origins.of([row[0] for row in batch])
            for response, code, key, value, tier, n, counts, posterior, prompt in batch:
                yield (
                    code,
                    *known.get(response, ()),
                    key,
                    value,
                    tier,
                    n,
                    posterior.get(value),
                    _shares(counts),
                    _shares(posterior),
                    prompt,
                )

    return Sheet("gold", columns, rows())


def lines_of(datasheet: str) -> Sheet:
    """A datasheet as a table, for formats that hold nothing else."""
    column = Column("line", width=120, help="A line of the release's datasheet, which is Markdown.")
    return Sheet("datasheet", (column,), ((line,) for line in datasheet.splitlines()))


def _shares(values: Mapping[str, float]) -> str:
    return "; ".join(f"{level}: {value:.6g}" for level, value in values.items())


def verdicts(study: Study) -> Sheet:
    origins = origins_of(study)
    columns = (
        CODE,
        *origins.shown(),
        Column("judge", width=18, help="Name of the automated judge."),
        Column("criterion", width=16, help="Key of the criterion in the rubric."),
        Column(
            "value", width=16, help="The level that the verdict means; empty where it could not be parsed."
        ),
        Column("raw", width=24, help="The verdict as the judge gave it."),
        Column("parsed", "flag", help="Whether the verdict is a level of the criterion."),
        Column("score", "number", help="The judge's score, where it gave one."),
        Column("rationale", width=50, help="The judge's reasons, where it gave them."),
    )
    verdicts = (
        Verdict.objects.filter(judge__study=study)
        .order_by("judge__name", "criterion__position", "response__code")
        .values_list(
            "response_id",
            "response__code",
            "judge__name",
            "criterion__key",
            "value",
            "raw",
            "score",
            "rationale",
        )
    )

    def rows() -> Iterator[Row]:
        stream = verdicts.iterator(chunk_size=2000)
        while batch := list(islice(stream, BATCH)):
            known = origins.of([row[0] for row in batch])
            for response, code, judge, key, value, raw, score, rationale in batch:
                yield (code, *known.get(response, ()), judge, key, value, raw, bool(value), score, rationale)

    return Sheet("verdicts", columns, rows())


def agreement_figures(study: Study) -> Sheet:
    columns = (
        Column("criterion", width=16, help="Key of the criterion in the rubric."),
        Column("statistic", width=22, help="Name of the coefficient."),
        Column("of", width=18, help="The level it is about, where it is about one."),
        Column("value", "number", help="Point estimate; empty where undefined."),
        Column("low", "number", help="Lower limit of the 95% interval."),
        Column("high", "number", help="Upper limit of the 95% interval."),
        Column("units", "integer", help="Responses with at least one annotation."),
        Column("note", width=50, help="Why a value is undefined, or what the interval rests on."),
    )

    def rows() -> Iterator[Row]:
        for one in agreement(study, detail=False).criteria:
            found = one.reliability
            named: list[tuple[str, str, Estimate]] = [
                ("percent agreement", "", found.percent_agreement),
                ("Krippendorff's alpha", "", found.krippendorff_alpha),
                (f"Gwet's {found.gwet_kind}", "", found.gwet_ac),
                ("Fleiss' kappa", "", found.fleiss_kappa),
                *(("alpha of one level", one.labels[k], estimate) for k, estimate in found.per_category),
                *(("prevalence", one.labels[k], estimate) for k, estimate in found.prevalence),
            ]
            for name, level, estimate in named:
                yield (
                    one.key,
                    name,
                    level,
                    estimate.value,
                    estimate.low,
                    estimate.high,
                    found.units,
                    estimate.note,
                )

    return Sheet("agreement", columns, rows())


def rubric(study: Study) -> Sheet:
    columns = (
        Column("criterion", width=16, help="Key of the criterion."),
        Column("question", width=40, help="The question as annotators read it."),
        Column("kind", width=10, help="choice, scale, flag, many or text."),
        Column("level", width=10, help="Measurement level that the statistics use."),
        Column("asked_if", width=30, help="The earlier answers under which it is asked."),
        Column("value", width=18, help="A level's value."),
        Column("label", width=24, help="The level as annotators read it."),
        Column("meaning", width=70, help="The level's described anchor."),
    )

    def rows() -> Iterator[Row]:
        for one in spec_of(study.rubric).criteria:
            shown = "; ".join(f"{key}: {' or '.join(values)}" for key, values in one.show_if.items())
            start: tuple[Any, ...] = (one.key, one.title, one.kind, one.level or "", shown)
            for option in one.options:
                yield (*start, option.value, option.label, option.help)
            if not one.options:
                yield (*start, "", "", one.help)

    return Sheet("rubric", columns, rows())
