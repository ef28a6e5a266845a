"""Becoming ready: training with known answers, qualification, and attention items among the real ones."""

from ihlannotate.pipeline.readiness.gate import must_train

__all__ = ["must_train"]
