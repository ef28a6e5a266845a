"""Aggregation into gold: tiers by majority vote, and the Dawid-Skene model of annotators' errors."""

from ihlannotate.stats.aggregation.model import DawidSkene, Start, StartFit, dawid_skene
from ihlannotate.stats.aggregation.votes import TIERS, Tier, Tiers, tiers

__all__ = ["TIERS", "DawidSkene", "Start", "StartFit", "Tier", "Tiers", "dawid_skene", "tiers"]
