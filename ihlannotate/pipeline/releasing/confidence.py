"""How much each annotation counts in the model: by the confidence that came with it, where the study wants that."""

import numpy as np
from numpy.typing import NDArray

from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import Ratings, ratings_of
from ihlannotate.pipeline.agreement.ratings import LEVELLED
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.readers.rubric import CriterionSpec

FloatArray = NDArray[np.float64]


def confidence_question(study: Study) -> CriterionSpec | None:
    """The question how sure annotators are: the first that is about themselves and has ordered levels."""
    for one in spec_of(study.rubric).criteria:
        if one.self_report and one.kind in LEVELLED and one.level in ("ordinal", "interval"):
            return one
    return None


def level_weights(question: CriterionSpec) -> tuple[float, ...]:
    """What an annotation counts at each level of confidence, from the lowest: 1/V, 2/V … 1 of V levels."""
    levels = len(question.options)
    return tuple((place + 1) / levels for place in range(levels))


class Confidence:
    """The confidence behind a study's annotations, read once for all its criteria."""

    def __init__(self, study: Study, question: CriterionSpec, criterion_id: int) -> None:
        self._weights = np.array([*level_weights(question), 1.0])  # the last for -1: nothing was said
        self._said = ratings_of(study, question, criterion_id)
        self._rows = {who: row for row, who in enumerate(self._said.annotators)}

    def of(self, ratings: Ratings) -> FloatArray:
        """The weight of each of these ratings (R × U). One that came without a confidence counts in full."""
        weights = np.ones(ratings.codes.shape)
        said = self._said
        if not len(said.responses):
            return weights
        at = np.minimum(np.searchsorted(said.responses, ratings.responses), len(said.responses) - 1)
        there = said.responses[at] == ratings.responses
        for row, who in enumerate(ratings.annotators):
            if who in self._rows:
                own = said.codes[self._rows[who], at]
                weights[row] = self._weights[np.where(there, own, -1)]
        return weights
