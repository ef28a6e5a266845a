"""Reliability: how far annotators agree, from counts (units by level) or ratings (annotators by unit)."""

from ihlannotate.stats.reliability.annotators import PairAgreement, leave_one_out, pairwise, rating_counts
from ihlannotate.stats.reliability.drift import Drift, Third, drift
from ihlannotate.stats.reliability.intra import IntraAgreement, IntraAnnotator, intra_annotator
from ihlannotate.stats.reliability.masi import masi_distances
from ihlannotate.stats.reliability.sets import (
    SetReliability,
    coded_sets,
    leave_one_out_sets,
    set_reliability,
)
from ihlannotate.stats.reliability.slices import reliability_by_slice, slices_of
from ihlannotate.stats.reliability.summary import (
    Reliability,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    percent_agreement,
    reliability,
)

__all__ = [
    "Drift",
    "IntraAgreement",
    "IntraAnnotator",
    "PairAgreement",
    "Reliability",
    "SetReliability",
    "Third",
    "coded_sets",
    "cohen_kappa",
    "drift",
    "fleiss_kappa",
    "gwet_ac",
    "intra_annotator",
    "krippendorff_alpha",
    "leave_one_out",
    "leave_one_out_sets",
    "masi_distances",
    "pairwise",
    "percent_agreement",
    "rating_counts",
    "reliability",
    "reliability_by_slice",
    "set_reliability",
    "slices_of",
]
