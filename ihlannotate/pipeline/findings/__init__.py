"""Refusal and helpfulness by model and condition, by the judge, by gold, and by the judge corrected by gold.

`measures` reads from the rubric what is counted, `columns` fetches gold, verdicts and runs, `population` says which
responses count for a measure, `cells` makes its figures, `pairing` what a condition changes, `measuring` the report,
`results` is what it holds, `figures` lists it for tables.
"""

from ihlannotate.pipeline.findings.figures import FIGURE_HEADER, figure_rows
from ihlannotate.pipeline.findings.measures import Measure, measures_of
from ihlannotate.pipeline.findings.measuring import findings
from ihlannotate.pipeline.findings.results import (
    Cell,
    Comparison,
    Effect,
    Figure,
    FindingsReport,
    MeasureFindings,
    Slice,
)

__all__ = [
    "FIGURE_HEADER",
    "Cell",
    "Comparison",
    "Effect",
    "Figure",
    "FindingsReport",
    "Measure",
    "MeasureFindings",
    "Slice",
    "figure_rows",
    "findings",
    "measures_of",
]
