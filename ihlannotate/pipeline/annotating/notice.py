"""The study's content notice, which each annotator reads once before the first item."""

from django.utils import timezone

from ihlannotate.models.study import Membership


def must_read_notice(member: Membership) -> bool:
    """Whether the study has a content notice that this member has not acknowledged; not once it is closed."""
    study = member.study
    return bool(study.content_notice) and member.noticed_at is None and study.closed_at is None


def acknowledge_notice(member: Membership) -> None:
    """Remember when the member read the content notice; the first time counts."""
    Membership.objects.filter(pk=member.pk, noticed_at=None).update(noticed_at=timezone.now())
