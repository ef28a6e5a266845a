"""Counts from the database -> stats -> a result dataclass. Derived from the answers, never stored beside them.

`columns` fetches numbers, `ratings` makes compact arrays of them, `sequences` knows who worked in which order, `slices`
cuts the study into parts, `measuring` makes the report, `results` is what it holds, `versions` keeps it until something
changes; `figures` lists it for tables. `dividing` ranks the items that divide annotators, `tags` says why,
`disagreements` shows both.
"""

from ihlannotate.pipeline.agreement.disagreements import (
    UNTAGGED,
    Disagreements,
    DividedItem,
    Said,
    disagreements,
    said_of,
)
from ihlannotate.pipeline.agreement.dividing import Divided, divided
from ihlannotate.pipeline.agreement.figures import FIGURE_HEADER, figure_rows
from ihlannotate.pipeline.agreement.measuring import agreement, measured
from ihlannotate.pipeline.agreement.ratings import (
    Counts,
    Level,
    Ratings,
    counts_of,
    levelled_criteria,
    numbers_of,
    ratings_of,
    set_criteria,
)
from ihlannotate.pipeline.agreement.results import (
    AgreementReport,
    CriterionAgreement,
    Detail,
    Intra,
    LevelUse,
    Pair,
    SetAgreement,
    Slice,
)
from ihlannotate.pipeline.agreement.sequences import OwnThird
from ihlannotate.pipeline.agreement.tags import (
    Tag,
    TagCount,
    TaggedMeanwhile,
    tag_disagreement,
    tag_report,
)
from ihlannotate.pipeline.agreement.versions import data_version, kept

__all__ = [
    "FIGURE_HEADER",
    "UNTAGGED",
    "AgreementReport",
    "Counts",
    "CriterionAgreement",
    "Detail",
    "Disagreements",
    "Divided",
    "DividedItem",
    "Intra",
    "Level",
    "LevelUse",
    "OwnThird",
    "Pair",
    "Ratings",
    "Said",
    "SetAgreement",
    "Slice",
    "Tag",
    "TagCount",
    "TaggedMeanwhile",
    "agreement",
    "counts_of",
    "data_version",
    "disagreements",
    "divided",
    "figure_rows",
    "kept",
    "levelled_criteria",
    "measured",
    "numbers_of",
    "ratings_of",
    "said_of",
    "set_criteria",
    "tag_disagreement",
    "tag_report",
]
