"""The next item for an annotator: `order` decides, this asks the database what it needs for that and carries it out.

A fixed number of queries, each an index seek, however large the study is.
"""

from collections import Counter
from collections.abc import Collection, Sequence

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from ihlannotate.models.assignment import Assignment, Sheet
from ihlannotate.models.study import Membership
from ihlannotate.pipeline.assigning.extras import extra_sheet
from ihlannotate.pipeline.assigning.order import (
    PARTNERS_FROM,
    WINDOW,
    Candidate,
    Partners,
    quota_reached,
    ranked,
)
from ihlannotate.pipeline.assigning.slots import (
    expire_leases,
    lease_end,
    locked,
    take_open_slot,
    take_up_again,
)
from ihlannotate.pipeline.assigning.standing import daily_limit_reached, standing_of

# Plain SQL: building such a query takes longer than running it, once for every item that is handed out.
# `apart` is 0, or the spread: then what answers one of the newest prompts stays out. Whether there is another prompt
# at all is asked first: where there is none, all open slots would be read in vain.
_WINDOW = """
    SELECT a.response_id, r.prompt_id, a.position
    FROM ihlannotate_assignment a
    JOIN ihlannotate_response r ON r.id = a.response_id
    WHERE a.study_id = %(study)s AND a.annotator_id IS NULL AND a.position >= %(start)s
      AND NOT EXISTS (
        SELECT 1 FROM ihlannotate_sheet s
        WHERE s.annotator_id = %(member)s AND s.response_id = a.response_id
      )
      AND NOT EXISTS (
        SELECT 1 FROM ihlannotate_assignment m
        WHERE m.annotator_id = %(member)s AND m.response_id = a.response_id
      )
      AND (%(apart)s = 0 OR EXISTS (
        SELECT 1 FROM ihlannotate_prompt p WHERE p.study_id = %(study)s AND p.id NOT IN (
          SELECT COALESCE(r.prompt_id, 0) FROM ihlannotate_sheet s
          LEFT JOIN ihlannotate_response r ON r.id = s.response_id
          WHERE s.annotator_id = %(member)s ORDER BY s.id DESC LIMIT %(apart)s
        )
      ))
      AND r.prompt_id NOT IN (
        SELECT COALESCE(r.prompt_id, 0) FROM ihlannotate_sheet s
        LEFT JOIN ihlannotate_response r ON r.id = s.response_id
        WHERE s.annotator_id = %(member)s ORDER BY s.id DESC LIMIT %(apart)s
      )
    ORDER BY a.position, a.response_id
    LIMIT %(limit)s
"""
_GROUP = """
    SELECT a.response_id, r.prompt_id, a.position
    FROM ihlannotate_response r
    JOIN ihlannotate_assignment a ON a.response_id = r.id
    WHERE r.prompt_id = %(prompt)s AND a.annotator_id IS NULL
      AND NOT EXISTS (
        SELECT 1 FROM ihlannotate_sheet s
        WHERE s.annotator_id = %(member)s AND s.response_id = a.response_id
      )
      AND NOT EXISTS (
        SELECT 1 FROM ihlannotate_assignment m
        WHERE m.annotator_id = %(member)s AND m.response_id = a.response_id
      )
    ORDER BY a.response_id
    LIMIT %(limit)s
"""
_PARTNERS = """
    SELECT a.annotator_id, COUNT(*), 0
    FROM (
      SELECT s.response_id FROM ihlannotate_sheet s
      WHERE s.annotator_id = %(member)s AND s.response_id IS NOT NULL AND s.occasion = 1
      ORDER BY s.id DESC LIMIT %(newest)s
    ) mine
    JOIN ihlannotate_assignment a ON a.response_id = mine.response_id AND a.occasion = 1
    WHERE a.annotator_id <> %(member)s
    GROUP BY a.annotator_id
    UNION ALL
    SELECT m.id, 0, 1 FROM ihlannotate_membership m
    WHERE m.study_id = %(study)s AND m.role = %(role)s AND m.id <> %(member)s
      AND m.paused_at IS NULL AND m.user_id IS NOT NULL
"""


@transaction.atomic
def next_sheet(member: Membership) -> Sheet | None:
    """The annotator's next sheet; None when there is nothing for them (`nothing_for` says why).

    In this order: what is in hand, an attention item or a repeat that is due, a new item with a lease on a slot, and
    last an earlier item whose lease ran out.
    """
    member = locked(member)
    if not member.study.is_open or member.paused_at:
        return None
    here = standing_of(member)
    in_hand = _in_hand(member, here.in_hand) if here.in_hand else None
    if in_hand or daily_limit_reached(member):
        return in_hand
    prompts = _prompts_met(member)
    recent = () if member.study.grouped else tuple(prompts)
    extra = extra_sheet(member, here.standing, recent)
    if extra:
        return extra
    expire_leases(member.study)
    full = quota_reached(here.standing, member.quota)
    new = None if full else _new(member, recent, prompts[0] if member.study.grouped and prompts else None)
    return new or _lapsed(member, full=full)


def _in_hand(member: Membership, pk: int) -> Sheet | None:
    """The sheet that the annotator has in hand; coming back to it renews its lease."""
    lease = Assignment.objects.filter(
        annotator=member,
        response=OuterRef("response"),
        occasion=OuterRef("occasion"),
        leased_until__isnull=False,
    )
    sheet = Sheet.objects.annotate(lease=Subquery(lease.values("leased_until")[:1])).get(pk=pk)
    if sheet.response_id is None:
        return sheet
    now, end = timezone.now(), lease_end(member.study)
    if sheet.lease and sheet.lease - now > (end - now) / 2:
        return sheet
    # Somebody may be handing out this very slot, if its lease has run out: then it is no longer mine to renew.
    mine = Assignment.objects.filter(
        annotator=member, response=sheet.response_id, occasion=sheet.occasion, leased_until__isnull=False
    )
    free_to_lock = mine.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
    if not free_to_lock.exists():
        return None
    mine.update(leased_until=end)
    return sheet


def _prompts_met(member: Membership) -> list[int]:
    """The prompts of the annotator's newest sheets, newest first: as many as the spread; of a group, the last one."""
    sheets = Sheet.objects.filter(annotator=member).order_by("-pk")
    if member.study.grouped:
        first = sheets.filter(response__isnull=False, occasion=Assignment.FIRST)
        return list(first.values_list("response__prompt_id", flat=True)[:1])
    prompts = sheets.values_list("response__prompt_id", flat=True)[: member.study.spread]
    return [one for one in prompts if one is not None]


def _new(member: Membership, recent: Sequence[int], group: int | None) -> Sheet | None:
    """A sheet with a lease on a slot of an item that the annotator has not met."""
    candidates = _candidates(member, recent, group)
    partners = _partners(member) if any(one.begun_by for one in candidates) else Partners()
    for one in ranked(candidates, seed=member.seed, recent_prompts=recent, partners=partners, group=group):
        if take_open_slot(member, one.response_id):
            return Sheet.objects.create(annotator=member, response_id=one.response_id)
    return None


def _candidates(member: Membership, recent: Sequence[int], group: int | None) -> list[Candidate]:
    """The first WINDOW items from the annotator's cursor on that have an open slot and are new to them.

    With them the rest of the group that they are in; and, where the spread keeps all of these away, what lies beyond.
    """
    found = _ask(member, _WINDOW, start=member.cursor, apart=0)
    if not found and member.cursor:
        # A slot that was freed while this annotator's cursor moved on would lie behind it.
        found = _ask(member, _WINDOW, start=0, apart=0)
    if not found:
        return []
    first = min(position for _response, _prompt, position in found)
    if first != member.cursor:
        Membership.objects.filter(pk=member.pk).update(cursor=first)
    if group is not None:
        found += _ask(member, _GROUP, prompt=group)
    if recent and all(prompt in recent for _response, prompt, _position in found):
        found += _ask(member, _WINDOW, start=first, apart=member.study.spread)
    return _begun(member, found)


def _ask(member: Membership, sql: str, **values: int) -> list[tuple[int, int, int]]:
    """Rows of (response, prompt, position), one an open slot, at most for WINDOW items."""
    limit = WINDOW * member.study.overlap
    given = {"member": member.pk, "study": member.study_id, "limit": limit, **values}
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())


def _begun(member: Membership, found: Collection[tuple[int, int, int]]) -> list[Candidate]:
    """The items behind these open slots; of those that have fewer than all, who took the others."""
    slots = Counter(response for response, _prompt, _position in found)
    fewer = [response for response, count in slots.items() if count < member.study.overlap]
    begun: dict[int, list[int]] = {}
    if fewer:
        taken = Assignment.objects.filter(response__in=fewer, occasion=1, annotator__isnull=False)
        for response, annotator in taken.values_list("response_id", "annotator_id"):
            begun.setdefault(response, []).append(annotator)
    unique = {row[0]: row for row in reversed(list(found))}
    return [Candidate(*row, begun_by=tuple(sorted(begun.get(row[0], ())))) for row in unique.values()]


def _partners(member: Membership) -> Partners:
    """The study's other annotators, and with whom this one shares how many of their newest items."""
    values: dict[str, int | str] = {
        "member": member.pk,
        "study": member.study_id,
        "newest": PARTNERS_FROM,
        "role": Membership.Role.ANNOTATOR.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PARTNERS, values)
        rows = cursor.fetchall()
    present = frozenset(annotator for annotator, _shared, there in rows if there)
    return Partners(present, {annotator: shared for annotator, shared, there in rows if not there})


def _lapsed(member: Membership, *, full: bool) -> Sheet | None:
    """An earlier sheet whose lease ran out, taken up again: only when nothing new is left to hand out.

    With the quota full, only repeats, which count towards none.
    """
    mine = Assignment.objects.filter(
        annotator=member, response=OuterRef("response"), occasion=OuterRef("occasion")
    )
    open_slots = Assignment.objects.filter(response=OuterRef("response"), annotator=None)
    repeat = Q(occasion=Assignment.REPEAT)
    sheets = Sheet.objects.filter(
        ~Exists(mine),
        repeat if full else repeat | Exists(open_slots),
        annotator=member,
        response__isnull=False,
        skip=None,
    )
    for sheet in sheets.order_by("pk"):
        sheet.annotator = member
        if take_up_again(sheet):
            return sheet
    return None
