"""Self-identification in a response is hidden from annotators; the stored text is never altered.

`folding` reads a text as its reader would, `names` finds a study's listed words in it, `forms` finds statements of
identity by how they are made, `bars` hides what was found, `report` lists it for the coordinator.
"""

from ihlannotate.pipeline.masking.bars import MASK, Bar, Masked, mask, masked
from ihlannotate.pipeline.masking.names import COMMON_NAMES
from ihlannotate.pipeline.masking.report import Hit, MaskingReport, WordCount, hits

__all__ = [
    "COMMON_NAMES",
    "MASK",
    "Bar",
    "Hit",
    "Masked",
    "MaskingReport",
    "WordCount",
    "hits",
    "mask",
    "masked",
]
