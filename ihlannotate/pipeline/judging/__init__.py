"""Verdicts against gold -> a validation report. Verdicts never enter agreement or gold."""

from ihlannotate.pipeline.judging.validating import (
    CriterionValidation,
    ValidationReport,
    judges_of,
    validate_judge,
)
from ihlannotate.pipeline.judging.verdicts import (
    ImportedVerdicts,
    Said,
    VerdictFile,
    import_verdicts,
    save_verdicts,
)

__all__ = [
    "CriterionValidation",
    "ImportedVerdicts",
    "Said",
    "ValidationReport",
    "VerdictFile",
    "import_verdicts",
    "judges_of",
    "save_verdicts",
    "validate_judge",
]
