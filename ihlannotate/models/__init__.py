"""Nouns, one file an aggregate. Submodules only: a class imported here would slip past the secret-room rule."""

from ihlannotate.models import (
    annotation,
    assignment,
    discussion,
    event,
    gold,
    guess,
    item,
    job,
    judge,
    known,
    provenance,
    rubric,
    sample,
    study,
    user,
)

__all__ = [
    "annotation",
    "assignment",
    "discussion",
    "event",
    "gold",
    "guess",
    "item",
    "job",
    "judge",
    "known",
    "provenance",
    "rubric",
    "sample",
    "study",
    "user",
]
