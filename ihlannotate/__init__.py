"""ihlannotate: blind expert ratings of model responses, their agreement, gold labels and judge validation."""

__version__ = "0.1.0"
