"""Whether an annotator still has to train before real items open to them."""

from ihlannotate.models.known import KnownItem
from ihlannotate.models.study import Membership


def must_train(member: Membership) -> bool:
    """Whether the study has training in use and the member has neither passed it nor been excused from it.

    One query; none for those who are qualified, and none after closing.
    """
    if member.qualified_at is not None or member.study.closed_at is not None:
        return False
    return KnownItem.objects.filter(
        study=member.study_id, purpose=KnownItem.Purpose.TRAINING, retired_at=None
    ).exists()
