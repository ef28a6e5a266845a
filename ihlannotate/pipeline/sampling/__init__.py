"""Which responses experts will see: a sample drawn once, in a draft, with known probabilities."""

from ihlannotate.pipeline.sampling.classes import MOST_TIMES, Oversampled, classes_of
from ihlannotate.pipeline.sampling.drawing import FIELDS, USUAL, draw_sample, may_draw
from ihlannotate.pipeline.sampling.standing import (
    NOT_DRAWN,
    SEEN,
    SampleReport,
    has_sample,
    not_drawn,
    sample_of,
    to_rate,
    unknown_to_sample,
    weights_of,
)

__all__ = [
    "FIELDS",
    "MOST_TIMES",
    "NOT_DRAWN",
    "SEEN",
    "USUAL",
    "Oversampled",
    "SampleReport",
    "classes_of",
    "draw_sample",
    "has_sample",
    "may_draw",
    "not_drawn",
    "sample_of",
    "to_rate",
    "unknown_to_sample",
    "weights_of",
]
