"""Verdicts against gold -> a validation report. Verdicts never enter agreement or gold.

`verdicts` brings them in, `beside_gold` lays them beside a release's gold, `slices` cuts the study into parts,
`validating` makes the report, `conclusions` puts it into a sentence, `figures` lists it for tables, `errors` lists the
items on which judge and gold differ.
"""

from ihlannotate.pipeline.judging.beside_gold import judges_of
from ihlannotate.pipeline.judging.described import HowRead, describe_verdicts, how_read, verdict_file
from ihlannotate.pipeline.judging.errors import UNPARSED, JudgedItem, JudgedItems, judged_items
from ihlannotate.pipeline.judging.figures import FIGURE_HEADER, figure_rows
from ihlannotate.pipeline.judging.slices import LENGTH, SEALED, JudgeSlice
from ihlannotate.pipeline.judging.sorting import ImportedVerdicts, Wrong
from ihlannotate.pipeline.judging.upload import (
    CheckedVerdicts,
    Label,
    check_verdicts,
    columns_of,
    guess_verdict_columns,
    labels_of,
)
from ihlannotate.pipeline.judging.validating import (
    CriterionValidation,
    ValidationReport,
    validate_judge,
)
from ihlannotate.pipeline.judging.verdict_rows import Said
from ihlannotate.pipeline.judging.verdicts import (
    VerdictFile,
    import_verdicts,
    save_verdicts,
)

__all__ = [
    "FIGURE_HEADER",
    "LENGTH",
    "SEALED",
    "UNPARSED",
    "CheckedVerdicts",
    "CriterionValidation",
    "HowRead",
    "ImportedVerdicts",
    "JudgeSlice",
    "JudgedItem",
    "JudgedItems",
    "Label",
    "Said",
    "ValidationReport",
    "VerdictFile",
    "Wrong",
    "check_verdicts",
    "columns_of",
    "describe_verdicts",
    "figure_rows",
    "guess_verdict_columns",
    "how_read",
    "import_verdicts",
    "judged_items",
    "judges_of",
    "labels_of",
    "save_verdicts",
    "validate_judge",
    "verdict_file",
]
