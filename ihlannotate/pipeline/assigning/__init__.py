"""Next item for an annotator, leases, order: `order` decides without a database, the others carry it out."""

from ihlannotate.pipeline.assigning.coverage import Coverage, coverage_of
from ihlannotate.pipeline.assigning.hand_out import next_sheet
from ihlannotate.pipeline.assigning.order import extras_expected
from ihlannotate.pipeline.assigning.people import (
    InHand,
    in_hand,
    pause,
    reassign,
    release_item,
    resume,
    set_quota,
)
from ihlannotate.pipeline.assigning.slots import (
    expire_leases,
    free,
    is_rated,
    lay_out_slots,
    locked,
    retake,
    skip,
)
from ihlannotate.pipeline.assigning.standing import Rest, nothing_for, submitted_today

__all__ = [
    "Coverage",
    "InHand",
    "Rest",
    "coverage_of",
    "expire_leases",
    "extras_expected",
    "free",
    "in_hand",
    "is_rated",
    "lay_out_slots",
    "locked",
    "next_sheet",
    "nothing_for",
    "pause",
    "reassign",
    "release_item",
    "resume",
    "retake",
    "set_quota",
    "skip",
    "submitted_today",
]
