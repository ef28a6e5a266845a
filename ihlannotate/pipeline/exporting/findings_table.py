"""Rows of findings: every model and condition by the judge, by gold and by both, and what a condition changes."""

from collections.abc import Iterator, Sequence
from typing import cast

from ihlannotate.models.study import Study
from ihlannotate.pipeline.findings import findings
from ihlannotate.pipeline.findings.figures import figure_rows
from ihlannotate.writers import Column, Sheet
from ihlannotate.writers.base import Cell

# Those of pipeline.findings.figures.FIGURE_HEADER.
COLUMNS = (
    Column("measure", width=24, help="What is measured."),
    Column("given", width=24, help="The answers among which it is measured; empty for all responses."),
    Column(
        "part",
        width=24,
        help="The part of the study (rule group, complexity, language); empty for all of it.",
    ),
    Column("model", width=18, help="The model that wrote the responses."),
    Column("condition", width=18, help="The condition under which it was asked."),
    Column("statistic", width=14, help="Share or mean; difference between conditions, paired by prompt."),
    Column("method", width=14, help="By the judge alone (naive), by gold alone, corrected, or by PPI++."),
    Column("n", "integer", help="Responses, or pairs of them, with gold."),
    Column("n_elsewhere", "integer", help="Responses that only the judge rated."),
    Column("value", "number", help="Point estimate; empty where undefined."),
    Column("low", "number", help="Lower limit of the 95% interval."),
    Column("high", "number", help="Upper limit of the 95% interval."),
    Column("p", "number", help="p value of the test of a difference."),
    Column("p_holm", "number", help="The same, adjusted by Holm over the models."),
    Column("judge", width=18, help="Name of the automated judge."),
    Column("release", "integer", help="Number of the gold release."),
    Column("replicates", "integer", help="Bootstrap replicates over prompts."),
    Column("seed", "integer", help="Seed of the bootstrap."),
    Column("note", width=50, help="Why a value is undefined, or what the interval rests on."),
)


def findings_figures(study: Study) -> Sheet:
    """The findings of an unblinded study with its first judge by name, as `findings` gives them."""

    def rows() -> Iterator[Sequence[Cell]]:
        for row in figure_rows(findings(study)):
            yield cast(Sequence[Cell], row)

    return Sheet("findings", COLUMNS, rows())
