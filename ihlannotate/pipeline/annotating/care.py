"""Care for annotators: their pace, a break in time, and what they set for themselves. Nothing of it is judged."""

import datetime
import statistics
from collections.abc import Sequence
from itertools import pairwise

from django.db import transaction
from django.utils import timezone

from ihlannotate.models.event import record
from ihlannotate.models.study import Membership

PAUSE = datetime.timedelta(minutes=20)  # without a new item for so long, somebody has had a break
FEWEST = 5  # with fewer items there is no pace to speak of
PACED = 50  # items that the pace is taken from

Moments = Sequence[datetime.datetime]  # when items were handed out, newest first


def seconds_an_item(begun: Moments) -> float | None:
    """The median time from one item to the next, breaks left out; None with too few items."""
    gaps = [
        (later - earlier).total_seconds()
        for later, earlier in pairwise(begun[: PACED + 1])
        if later - earlier < PAUSE
    ]
    return statistics.median(gaps) if len(gaps) >= FEWEST else None


def working_since(begun: Moments, now: datetime.datetime) -> datetime.datetime:
    """Since when somebody has been at it without a break; `now` where they have just come back."""
    since = now
    for moment in begun:
        if since - moment > PAUSE:
            break
        since = moment
    return since


def suggest_break(member: Membership, begun: Moments) -> int:
    """For how many minutes the annotator has worked, if a break should be suggested now; else 0.

    A suggestion is remembered, and made again only after as much work.
    """
    after = datetime.timedelta(minutes=member.study.break_minutes)
    now = timezone.now()
    worked = now - working_since(begun, now)
    last = member.break_suggested_at
    if not after or worked < after or (last and now - last < min(after, worked)):
        return 0
    Membership.objects.filter(pk=member.pk).update(break_suggested_at=now)
    return int(worked.total_seconds() // 60)


@transaction.atomic
def set_care(member: Membership, *, daily_limit: int | None, blur_responses: bool) -> None:
    """Keep an annotator's own daily limit of items (None for none), and whether responses are covered at first.

    The log says that they changed it, not to what.
    """
    now = Membership.objects.select_for_update(no_key=True).get(pk=member.pk)
    changed = [
        name
        for name, value in (("daily_limit", daily_limit), ("blur_responses", blur_responses))
        if getattr(now, name) != value
    ]
    if changed:
        rows = Membership.objects.filter(pk=member.pk)
        rows.update(daily_limit=daily_limit, blur_responses=blur_responses)
        record(member.study, "care.changed", actor=member.user_id, data={"changed": changed})
