"""How much of a study is rated: how many slots there are and how many are filled. For coordinators."""

from dataclasses import dataclass

from ihlannotate.models.assignment import Assignment
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.sampling import to_rate


@dataclass(frozen=True)
class Coverage:
    """`responses` to rate and `slots`, k for each, laid out or not; a slot is filled when it holds an annotation."""

    responses: int
    slots: int
    slots_filled: int
    annotators: int


def coverage_of(study: Study) -> Coverage:
    """The study's counts as they stand."""
    responses = to_rate(study).count()
    filled = Assignment.objects.filter(
        study=study, slot__isnull=False, annotator__isnull=False, leased_until=None
    )
    annotators = Membership.objects.filter(study=study, role=Membership.Role.ANNOTATOR)
    return Coverage(
        responses=responses,
        slots=responses * study.overlap,
        slots_filled=filled.count(),
        annotators=annotators.count(),
    )
