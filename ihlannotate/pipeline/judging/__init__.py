"""Verdicts against gold -> a validation report. Verdicts never enter agreement or gold.

`verdicts` brings them in, `beside_gold` lays them beside a release's gold, `slices` cuts the study into parts,
`validating` makes the report, `conclusions` puts it into a sentence, `figures` lists it for tables, `errors` lists the
items on which judge and gold differ.
"""

from ihlannotate.pipeline.judging.beside_gold import judges_of
from ihlannotate.pipeline.judging.errors import UNPARSED, JudgedItem, JudgedItems, judged_items
from ihlannotate.pipeline.judging.figures import FIGURE_HEADER, figure_rows
from ihlannotate.pipeline.judging.slices import LENGTH, SEALED, JudgeSlice
from ihlannotate.pipeline.judging.validating import (
    CriterionValidation,
    ValidationReport,
    validate_judge,
)
from ihlannotate.pipeline.judging.verdict_rows import Said
from ihlannotate.pipeline.judging.verdicts import (
    ImportedVerdicts,
    VerdictFile,
    import_verdicts,
    save_verdicts,
)

__all__ = [
    "FIGURE_HEADER",
    "LENGTH",
    "SEALED",
    "UNPARSED",
    "CriterionValidation",
    "ImportedVerdicts",
    "JudgeSlice",
    "JudgedItem",
    "JudgedItems",
    "Said",
    "ValidationReport",
    "VerdictFile",
    "figure_rows",
    "import_verdicts",
    "judged_items",
    "judges_of",
    "save_verdicts",
    "validate_judge",
]
