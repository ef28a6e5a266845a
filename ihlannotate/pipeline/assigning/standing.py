"""Where an annotator stands: what is in hand, what was met, and why nothing comes. Read, never written, here."""

import enum
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from ihlannotate.models.annotation import Annotation, Attempt
from ihlannotate.models.assignment import Assignment
from ihlannotate.models.known import KnownItem
from ihlannotate.models.study import Membership
from ihlannotate.pipeline.assigning.order import Standing, quota_reached


class Rest(enum.StrEnum):
    """Why there is no next item."""

    NOT_OPEN = "not open"
    CLOSED = "closed"
    PAUSED = "paused"
    QUOTA = "quota"
    DAILY_LIMIT = "daily limit"
    NOTHING_OPEN = "nothing open"


@dataclass(frozen=True)
class Here:
    """An annotator's standing, and the sheet that they have had in hand for longest (its id)."""

    standing: Standing
    in_hand: int | None


# One query for all of it, each part over the annotator's own rows by an index.
_STANDING = """
    SELECT
      (SELECT MIN(hand.id) FROM (
        SELECT s.id FROM ihlannotate_assignment a
        JOIN ihlannotate_sheet s
          ON s.annotator_id = a.annotator_id AND s.response_id = a.response_id AND s.occasion = a.occasion
        WHERE a.study_id = %(study)s AND a.annotator_id = %(member)s AND a.leased_until IS NOT NULL
        UNION ALL
        SELECT s.id FROM ihlannotate_sheet s
        JOIN ihlannotate_knownitem i ON i.id = s.known_id
        WHERE s.annotator_id = %(member)s AND s.known_id IS NOT NULL AND i.purpose = %(attention)s
          AND NOT EXISTS (SELECT 1 FROM ihlannotate_skip p WHERE p.sheet_id = s.id)
          AND COALESCE((
            SELECT t.withdrawn FROM ihlannotate_attempt t WHERE t.sheet_id = s.id ORDER BY t.number DESC LIMIT 1
          ), TRUE)
      ) hand),
      (SELECT COUNT(*) FROM ihlannotate_sheet s
       WHERE s.annotator_id = %(member)s AND s.response_id IS NOT NULL AND s.occasion = 1),
      (SELECT COUNT(*) FROM ihlannotate_assignment a WHERE a.annotator_id = %(member)s AND a.occasion = 1),
      last.repeat_id,
      (SELECT COUNT(*) FROM ihlannotate_sheet s
       WHERE s.annotator_id = %(member)s AND s.response_id IS NOT NULL AND s.occasion = 1
         AND s.id < last.repeat_id),
      last.attention_id,
      (SELECT COUNT(*) FROM ihlannotate_sheet s
       WHERE s.annotator_id = %(member)s AND s.response_id IS NOT NULL AND s.occasion = 1
         AND s.id < last.attention_id)
    FROM (SELECT
      (SELECT MAX(s.id) FROM ihlannotate_sheet s
       WHERE s.annotator_id = %(member)s AND s.response_id IS NOT NULL AND s.occasion = 2) AS repeat_id,
      (SELECT MAX(s.id) FROM ihlannotate_sheet s
       JOIN ihlannotate_knownitem i ON i.id = s.known_id
       WHERE s.annotator_id = %(member)s AND s.known_id IS NOT NULL AND i.purpose = %(attention)s
      ) AS attention_id
    ) last
"""


def standing_of(member: Membership) -> Here:
    """Where the annotator stands now. One query."""
    values: dict[str, int | str] = {
        "study": member.study_id,
        "member": member.pk,
        "attention": KnownItem.Purpose.ATTENTION.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, values)
        in_hand, met, taken, repeat, repeat_at, attention, attention_at = cursor.fetchone()
    standing = Standing(
        met=met,
        taken=taken,
        repeat_at=repeat_at if repeat else None,
        attention_at=attention_at if attention else None,
    )
    return Here(standing, in_hand)


def submitted_today(member: Membership) -> int:
    """How many items the annotator has submitted for the first time since midnight (settings.TIME_ZONE).

    Repeats and attention items count like any other: an annotator cannot tell them apart.
    """
    now = timezone.localtime(timezone=timezone.get_default_timezone())
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    rated = Annotation.objects.filter(
        assignment__annotator=member,
        assignment__occasion__in=(Assignment.FIRST, Assignment.REPEAT),
        assignment__leased_until=None,
        created_at__gte=midnight,
    )
    tried = Attempt.objects.filter(
        sheet__annotator=member,
        sheet__known__purpose=KnownItem.Purpose.ATTENTION,
        number=1,
        created_at__gte=midnight,
    )
    return rated.count() + tried.count()


def daily_limit_reached(member: Membership) -> bool:
    return member.daily_limit is not None and submitted_today(member) >= member.daily_limit


def nothing_for(member: Membership) -> Rest:
    """Why `next_sheet` had nothing for the annotator."""
    member = Membership.objects.select_related("study").get(pk=member.pk)
    if not member.study.is_open:
        return Rest.CLOSED if member.study.opened_at else Rest.NOT_OPEN
    if member.paused_at:
        return Rest.PAUSED
    if daily_limit_reached(member):
        return Rest.DAILY_LIMIT
    if quota_reached(standing_of(member).standing, member.quota):
        return Rest.QUOTA
    return Rest.NOTHING_OPEN
