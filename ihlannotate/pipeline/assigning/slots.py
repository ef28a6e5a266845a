"""Slots in the database: laid out when a study opens, leased, freed, kept. The only writer of Assignment and Sheet.

Every verb here locks the annotator's membership row first (SQLite: the whole database), so two tabs of one person
never race; two persons race for a slot row, which only one of them gets.
"""

import datetime
import random
from collections.abc import Sequence

from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from ihlannotate.models.assignment import Assignment, Sheet, Skip
from ihlannotate.models.item import Response
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.assigning.order import WINDOW, Candidate, ranked
from ihlannotate.pipeline.refusals import Refused

# Plain SQL: building this query took longer than running it, once for every item that is handed out.
_CANDIDATES = """
    SELECT a.response_id, r.prompt_id, a.position
    FROM ihlannotate_assignment a
    JOIN ihlannotate_response r ON r.id = a.response_id
    WHERE a.study_id = %s AND a.annotator_id IS NULL AND a.position >= %s
      AND NOT EXISTS (
        SELECT 1 FROM ihlannotate_sheet s WHERE s.annotator_id = %s AND s.response_id = a.response_id
      )
      AND NOT EXISTS (
        SELECT 1 FROM ihlannotate_assignment m WHERE m.annotator_id = %s AND m.response_id = a.response_id
      )
    ORDER BY a.position, a.response_id
    LIMIT %s
"""


@transaction.atomic
def lay_out_slots(study: Study) -> int:
    """Give every response of the study its place in the random order and its k slots; how many slots are new.

    Slots that imported annotations already took are left as they are.
    """
    _lay_out_positions(study)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO ihlannotate_assignment (study_id, response_id, occasion, slot, position)
            SELECT r.study_id, r.id, 1, k.slot, r.position
            FROM ihlannotate_response r
            CROSS JOIN (
                WITH RECURSIVE k(slot) AS (SELECT 1 UNION ALL SELECT slot + 1 FROM k WHERE slot < %s)
                SELECT slot FROM k
            ) k
            WHERE r.study_id = %s AND NOT EXISTS (
                SELECT 1 FROM ihlannotate_assignment a WHERE a.response_id = r.id AND a.slot = k.slot
            )
            """,
            [study.overlap, study.pk],
        )
        return int(cursor.rowcount)


def _lay_out_positions(study: Study) -> None:
    """Responses without a position follow those that have one, in an order drawn from the study's seed."""
    responses = Response.objects.filter(study=study)
    new = list(responses.filter(position=None).order_by("pk").values_list("pk", flat=True))
    last = responses.aggregate(Max("position"))["position__max"]
    start = 0 if last is None else last + 1
    random.Random(f"{study.seed}:{start}").shuffle(new)  # noqa: S311 (an order that can be made again, no secret)
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE ihlannotate_response SET position = %s WHERE id = %s",
            [(start + place, pk) for place, pk in enumerate(new)],
        )


def locked(member: Membership) -> Membership:
    """The membership with its study and rubric as they are now.

    Until the transaction ends its row is locked, and the study's state is held: what was open stays open.
    """
    Study.hold(member.study_id)
    rows = Membership.objects.select_for_update(of=("self",), no_key=True).select_related("study__rubric")
    return rows.get(pk=member.pk)


@transaction.atomic
def next_sheet(member: Membership) -> Sheet | None:
    """The sheet an annotator has in hand, or a new one with a lease on a slot; None when nothing is open for them.

    A fixed number of queries, each an index seek, however large the study is.
    """
    member = locked(member)
    if not member.study.is_open:
        return None
    in_hand = _in_hand(member)
    if in_hand:
        return in_hand
    expire_leases(member.study)
    candidates = _candidates(member, member.cursor)
    if not candidates and member.cursor:
        # A slot that was freed while this annotator's cursor moved on would lie behind it.
        candidates = _candidates(member, 0)
    if not candidates:
        return _lapsed(member)
    first = min(one.position for one in candidates)
    if first != member.cursor:
        Membership.objects.filter(pk=member.pk).update(cursor=first)
    for one in ranked(candidates, seed=member.seed, recent_prompts=_recent_prompts(member)):
        if _take_open_slot(member, one.response_id):
            return Sheet.objects.create(annotator=member, response_id=one.response_id)
    return None


def _lapsed(member: Membership) -> Sheet | None:
    """An earlier sheet whose lease ran out, taken up again: only when nothing new is left to hand out."""
    mine = Assignment.objects.filter(
        annotator=member, response=OuterRef("response"), occasion=OuterRef("occasion")
    )
    open_slots = Assignment.objects.filter(response=OuterRef("response"), annotator=None)
    sheets = Sheet.objects.filter(~Exists(mine), Exists(open_slots), annotator=member, occasion=1, skip=None)
    for sheet in sheets.order_by("pk"):
        if _take_open_slot(member, sheet.response_id):
            return sheet
    return None


def _in_hand(member: Membership) -> Sheet | None:
    """The sheet that the annotator holds a lease for; coming back to it renews the lease."""
    lease = Assignment.objects.filter(annotator=member, leased_until__isnull=False).order_by("-pk").first()
    if lease is None:
        return None
    if lease.leased_until and lease.leased_until < timezone.now() + _lease(member.study) / 2:
        still_mine = Assignment.objects.filter(pk=lease.pk, annotator=member)
        if not still_mine.update(leased_until=timezone.now() + _lease(member.study)):
            return None
    sheets = Sheet.objects.filter(annotator=member, response=lease.response_id, occasion=lease.occasion)
    return sheets.first()


def _lease(study: Study) -> datetime.timedelta:
    return datetime.timedelta(minutes=study.lease_minutes)


def _candidates(member: Membership, start: int) -> list[Candidate]:
    """The first WINDOW items from a position on that have an open slot and are new to them."""
    with connection.cursor() as cursor:
        cursor.execute(
            _CANDIDATES, [member.study_id, start, member.pk, member.pk, WINDOW * member.study.overlap]
        )
        unique = {row[0]: Candidate(*row) for row in cursor.fetchall()}
    return list(unique.values())[:WINDOW]


def _recent_prompts(member: Membership) -> set[int]:
    sheets = Sheet.objects.filter(annotator=member).order_by("-pk")
    return set(sheets.values_list("response__prompt_id", flat=True)[: member.study.spread])


def _take_open_slot(member: Membership, response_id: int) -> bool:
    """Lease an open slot of the response to the annotator, if there is one that nobody else is taking."""
    slots = Assignment.objects.filter(response=response_id, occasion=1, annotator=None).order_by("slot")
    slot = slots.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked).first()
    if slot is None:
        return False
    slot.annotator = member
    slot.leased_until = timezone.now() + _lease(member.study)
    slot.save(update_fields=["annotator", "leased_until"])
    return True


def retake(sheet: Sheet) -> Assignment | None:
    """The assignment behind a sheet; when its lease ran out, an open slot of the same response, if there is one."""
    mine = Assignment.objects.select_for_update().filter(
        response=sheet.response_id, annotator=sheet.annotator_id, occasion=sheet.occasion
    )
    assignment = mine.first()
    if assignment is None and sheet.occasion == 1 and _take_open_slot(sheet.annotator, sheet.response_id):
        assignment = mine.first()
    return assignment


def expire_leases(study: Study) -> int:
    """Free the slots whose lease has run out; how many there were. Their sheets keep the drafts."""
    expired = Assignment.objects.filter(study=study, leased_until__lt=timezone.now())
    # A lease whose annotator is submitting at this moment is locked: it is left to them.
    unused = expired.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
    return _free(study, list(unused.values_list("pk", flat=True)))


def free(assignment: Assignment) -> None:
    """Give back a slot that was leased and not used."""
    _free(assignment.study, [assignment.pk])


def _free(study: Study, ids: Sequence[int]) -> int:
    """A freed slot moves to where the front-runner stands, so that it lies ahead of everybody."""
    if not ids:
        return 0
    front = study.memberships.aggregate(Max("cursor"))["cursor__max"] or 0
    slots = Assignment.objects.filter(pk__in=ids, slot__isnull=False, leased_until__isnull=False)
    return slots.update(annotator=None, leased_until=None, position=front)


@transaction.atomic
def skip(sheet: Sheet, *, reason: str, comment: str = "") -> None:
    """Pass over the item on a sheet; its slot is free again and the annotator will not meet it a second time.

    Raises Refused when the item was already rated, the study is not open, or the reason is none of Skip.Reason.
    Skipping twice is skipping once.
    """
    if reason not in Skip.Reason.values:
        raise Refused("Choose one of the reasons for skipping this item.")
    if not locked(sheet.annotator).study.is_open:
        raise Refused("This study is closed: nothing can be changed any more.")
    assignment = Assignment.objects.filter(
        response=sheet.response_id, annotator=sheet.annotator_id, occasion=sheet.occasion
    ).first()
    if assignment and Assignment.objects.filter(pk=assignment.pk, annotation__isnull=False).exists():
        raise Refused(
            "You have already rated this item, so it can't be skipped. You can still revise your rating."
        )
    Skip.objects.get_or_create(sheet=sheet, defaults={"reason": reason, "comment": comment})
    if assignment:
        free(assignment)
