"""The items on which annotators differ in one question, ranked, and kept while nothing changes."""

from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from ihlannotate.models.rubric import Criterion
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement.columns import IntArray
from ihlannotate.pipeline.agreement.lots import lots
from ihlannotate.pipeline.agreement.ratings import Counts, counts_of, levelled_criteria
from ihlannotate.pipeline.agreement.versions import kept
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.stats.disagreement import disagreement_by_unit


@dataclass(frozen=True)
class Divided:
    """The divided items of one criterion, D of them, by falling entropy and ties by lot.

    `responses` are their database ids, `counts` their annotations by level (D × V) in as few bytes as hold them,
    because they are kept. What else is said of an item follows from its counts."""

    responses: IntArray
    counts: NDArray[np.integer]


def question(study: Study, key: str) -> tuple[CriterionSpec, int]:
    """The criterion with levels of that key, and its database id. Raises Refused where there is none."""
    spec = next((one for one in levelled_criteria(study) if one.key == key), None)
    if spec is None:
        raise Refused(_("“%(key)s” is no question with levels in this study.") % {"key": key[:80]})
    return spec, Criterion.objects.values_list("pk", flat=True).get(rubric=study.rubric_id, key=key)


def divided(study: Study, *, key: str) -> Divided:
    """The items on which annotators differ in `key`, ranked; kept by data version. Raises as `question`."""
    spec, criterion = question(study, key)
    return kept(study, f"divided on {key}", {}, lambda: _ranked(study, counts_of(study, spec, criterion)))


def _ranked(study: Study, found: Counts) -> Divided:
    # With few annotators most items are ties, and in the order of import they would tell the runs apart
    measured = disagreement_by_unit(found.counts)
    ranking = measured.ranking
    drawn = lots(study, "divided", found.responses[ranking])
    order = ranking[np.lexsort((drawn, -measured.bits[ranking]))]
    counts = found.counts[order]
    return Divided(found.responses[order], counts.astype(np.min_scalar_type(counts.max(initial=0))))
