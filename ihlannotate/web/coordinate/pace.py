"""How far the annotators are, as frozen plain data: counts by annotator, nothing about what they answered."""

import datetime
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from ihlannotate.models.annotation import Revision
from ihlannotate.models.assignment import Assignment, Skip
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.sampling import to_rate

PACE_DAYS = 7
DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Taken:
    """The slots that an annotator has filled, and those they have in hand."""

    done: int
    in_hand: int


NOTHING = Taken(0, 0)


@dataclass(frozen=True)
class AnnotatorPace:
    """One annotator: annotations made, items in hand and skipped, and their even share of the study.

    Who is paused has no share: the others share alike what the study needs. A quota caps one's own.
    """

    alias: str
    name: str
    paused: bool
    done: int
    in_hand: int
    skipped: int
    share: int
    last: datetime.datetime | None
    median_seconds: float | None

    @property
    def percent(self) -> int:
        return min(100, round(100 * self.done / self.share)) if self.share else 0


@dataclass(frozen=True)
class Pace:
    """A study's slots (k for each response), how many are filled or in hand, and the pace of the last week.

    `days_left` is None while nothing was rated in the last week, or nothing is left.
    """

    responses: int
    slots: int
    filled: int
    in_hand: int
    last_week: int
    days_left: int | None
    annotators: tuple[AnnotatorPace, ...]

    @property
    def left(self) -> int:
        return self.slots - self.filled

    @property
    def share_filled(self) -> float | None:
        return self.filled / self.slots if self.slots else None

    @property
    def a_day(self) -> float:
        return self.last_week / PACE_DAYS


def pace_of(study: Study) -> Pace:
    """The pace of a study. Seven queries, each over an index or grouped by the database."""
    responses = to_rate(study).count()
    rows = (
        Assignment.objects.filter(study=study, occasion=1, annotator__isnull=False)
        .values_list("annotator")
        .annotate(
            done=Count("annotation", filter=Q(leased_until__isnull=True)),
            in_hand=Count("pk", filter=Q(leased_until__isnull=False)),
        )
        .order_by()
    )
    taken = {annotator: Taken(done, in_hand) for annotator, done, in_hand in rows}
    slots = responses * study.overlap
    filled = sum(row.done for row in taken.values())
    last_week = _rated_on_pages(study).filter(created_at__gte=timezone.now() - PACE_DAYS * DAY).count()
    left = slots - filled
    return Pace(
        responses=responses,
        slots=slots,
        filled=filled,
        in_hand=sum(row.in_hand for row in taken.values()),
        last_week=last_week,
        days_left=math.ceil(left * PACE_DAYS / last_week) if last_week and left > 0 else None,
        annotators=_annotators(study, taken, responses),
    )


def _rated_on_pages(study: Study) -> QuerySet[Revision]:
    """First submissions from a page that count: imported ratings have no duration and no pace."""
    return Revision.objects.filter(
        annotation__assignment__study=study,
        annotation__assignment__occasion=1,
        annotation__assignment__leased_until__isnull=True,
        number=1,
        seconds__isnull=False,
    )


def _annotators(study: Study, taken: Mapping[int, Taken], responses: int) -> tuple[AnnotatorPace, ...]:
    members = list(
        study.memberships.filter(role=Membership.Role.ANNOTATOR).select_related("user").order_by("alias")
    )
    skipped = dict(
        Skip.objects.filter(sheet__annotator__study=study)
        .values_list("sheet__annotator")
        .annotate(count=Count("pk"))
        .order_by()
    )
    last = dict(
        Revision.objects.filter(annotation__assignment__study=study)
        .values_list("annotation__assignment__annotator")
        .annotate(last=Max("created_at"))
        .order_by()
    )
    seconds = _seconds(study)
    at_work = sum(one.paused_at is None for one in members)
    share = math.ceil(responses * min(1.0, study.overlap / max(at_work, 1)))
    return tuple(
        AnnotatorPace(
            alias=one.alias,
            name=one.user.name if one.user else "",
            paused=one.paused_at is not None,
            done=taken.get(one.pk, NOTHING).done,
            in_hand=taken.get(one.pk, NOTHING).in_hand,
            skipped=skipped.get(one.pk, 0),
            share=0 if one.paused_at else share if one.quota is None else min(share, one.quota),
            last=last.get(one.pk),
            median_seconds=median(seconds.get(one.pk, ())),
        )
        for one in members
    )


def _seconds(study: Study) -> dict[int, list[tuple[int, int]]]:
    """Annotator -> (seconds, how many annotations took that long), grouped by the database."""
    rows = (
        _rated_on_pages(study)
        .values_list("annotation__assignment__annotator", "seconds")
        .annotate(count=Count("pk"))
        .order_by("annotation__assignment__annotator", "seconds")
    )
    found: dict[int, list[tuple[int, int]]] = {}
    for annotator, value, count in rows:
        found.setdefault(annotator, []).append((value, count))
    return found


def median(counted: Sequence[tuple[int, int]]) -> float | None:
    """The median of values given as (value, how often), ascending; None where there are none.

    >>> median([(10, 1), (20, 2), (90, 1)]), median([(10, 1), (20, 1)]), median([])
    (20.0, 15.0, None)
    """
    n = sum(count for _, count in counted)
    if not n:
        return None
    middle = {(n - 1) // 2, n // 2}
    found, seen = [], 0
    for value, count in counted:
        found += [value for place in middle if seen <= place < seen + count]
        seen += count
    return sum(found) / len(found)
