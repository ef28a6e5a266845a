"""Next item for an annotator, leases, order: `order` decides without a database, `slots` carries it out."""

from ihlannotate.pipeline.assigning.coverage import Coverage, coverage_of
from ihlannotate.pipeline.assigning.slots import (
    expire_leases,
    free,
    lay_out_slots,
    locked,
    next_sheet,
    retake,
    skip,
)

__all__ = [
    "Coverage",
    "coverage_of",
    "expire_leases",
    "free",
    "lay_out_slots",
    "locked",
    "next_sheet",
    "retake",
    "skip",
]
