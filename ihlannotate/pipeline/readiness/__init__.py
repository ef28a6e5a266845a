"""Becoming ready: training with known answers, qualification, and attention items among the real ones."""

from ihlannotate.pipeline.readiness.gate import must_train
from ihlannotate.pipeline.readiness.known import (
    ImportedKnown,
    KnownLine,
    bring_back,
    import_known,
    known_items,
    retire,
    said_of,
)
from ihlannotate.pipeline.readiness.reports import (
    AttentionResult,
    TrainingResult,
    attention_report,
    training_results,
)
from ihlannotate.pipeline.readiness.scoring import KeyedAnswer, Score
from ihlannotate.pipeline.readiness.training import (
    Feedback,
    Standing,
    another_round,
    feedback_on,
    is_training,
    may_attempt,
    next_training_sheet,
    qualify_if_passed,
    submit_training,
    training_of,
    waive,
)

__all__ = [
    "AttentionResult",
    "Feedback",
    "ImportedKnown",
    "KeyedAnswer",
    "KnownLine",
    "Score",
    "Standing",
    "TrainingResult",
    "another_round",
    "attention_report",
    "bring_back",
    "feedback_on",
    "import_known",
    "is_training",
    "known_items",
    "may_attempt",
    "must_train",
    "next_training_sheet",
    "qualify_if_passed",
    "retire",
    "said_of",
    "submit_training",
    "training_of",
    "training_results",
    "waive",
]
