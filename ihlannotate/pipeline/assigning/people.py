"""What coordinators do about assignments: quota, pause, and items that wait in somebody's hand."""

import datetime
from dataclasses import dataclass

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from ihlannotate.models.assignment import Assignment, Sheet
from ihlannotate.models.event import record
from ihlannotate.models.study import Membership, Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.assigning.order import quota_reached
from ihlannotate.pipeline.assigning.slots import give_back, locked, take_open_slot
from ihlannotate.pipeline.assigning.standing import standing_of
from ihlannotate.pipeline.refusals import Refused

MOST_QUOTA = 1_000_000


@dataclass(frozen=True)
class InHand:
    """An item that an annotator has in hand: its response's code, since when, until when. `repeat`: takes no slot."""

    assignment: int
    alias: str
    response: str
    repeat: bool
    since: datetime.datetime
    until: datetime.datetime


def in_hand(study: Study) -> list[InHand]:
    """What the study's annotators have in hand under a lease, by alias. Attention items have no lease."""
    sheets = Sheet.objects.filter(
        annotator=OuterRef("annotator"), response=OuterRef("response"), occasion=OuterRef("occasion")
    )
    leases = (
        Assignment.objects.filter(study=study, leased_until__isnull=False)
        .annotate(since=Subquery(sheets.values("created_at")[:1]))
        .order_by("annotator__alias", "pk")
        .values_list("pk", "annotator__alias", "response__code", "occasion", "since", "leased_until")
    )
    return [
        InHand(pk, alias, code, occasion == Assignment.REPEAT, since, until)
        for pk, alias, code, occasion, since, until in leases
        if until is not None
    ]


@transaction.atomic
def set_quota(*, member: Membership, quota: int | None, actor: User | None) -> None:
    """At most so many first ratings for an annotator, those in hand among them; None for no limit.

    What they have beyond it stays theirs. Raises Refused: study closed, no annotator, a number out of range.
    """
    member = _annotator(member)
    if quota is not None and not 0 <= quota <= MOST_QUOTA:
        raise Refused(_("A quota is a number of items from 0 to %(most)d.") % {"most": MOST_QUOTA})
    if quota == member.quota:
        return
    Membership.objects.filter(pk=member.pk).update(quota=quota)
    data = {"alias": member.alias, "from": member.quota, "to": quota}
    record(member.study, "member.quota_set", actor=actor, data=data)


@transaction.atomic
def pause(*, member: Membership, actor: User | None) -> None:
    """Hand nothing more to an annotator; what they have in hand is free at once. Their ratings and drafts stay.

    Pausing twice is pausing once. Raises Refused: study closed, no annotator.
    """
    member = _annotator(member)
    if member.paused_at:
        return
    Membership.objects.filter(pk=member.pk).update(paused_at=timezone.now())
    leases = Assignment.objects.select_for_update().filter(annotator=member, leased_until__isnull=False)
    freed = give_back(member.study, list(leases.values_list("pk", flat=True)))
    record(member.study, "member.paused", actor=actor, data={"alias": member.alias, "freed": freed})


@transaction.atomic
def resume(*, member: Membership, actor: User | None) -> None:
    """Hand items to an annotator again. Raises Refused: study closed, no annotator."""
    member = _annotator(member)
    if not member.paused_at:
        return
    Membership.objects.filter(pk=member.pk).update(paused_at=None)
    record(member.study, "member.resumed", actor=actor, data={"alias": member.alias})


def _annotator(member: Membership) -> Membership:
    """The membership, locked. Raises Refused where nothing is handed out to it, whatever anybody decides."""
    member = locked(member)
    if member.study.closed_at:
        raise Refused(_("This study is closed: nothing is handed out any more."))
    if member.role != Membership.Role.ANNOTATOR or member.user_id is None:
        raise Refused(_("%(alias)s is nobody to whom items are handed out.") % {"alias": member.alias})
    return member


@transaction.atomic
def release_item(*, assignment: Assignment, actor: User | None) -> None:
    """Free an item that an annotator has in hand; their draft stays on their sheet.

    Raises Refused: study closed, rated meanwhile, no longer in hand.
    """
    _lock(assignment)
    lease = _lease(assignment)
    holder = lease.annotator
    assert holder is not None
    give_back(lease.study, [lease.pk])
    data = {"response": lease.response.code, "from": holder.alias}
    record(lease.study, "item.released", actor=actor, data=data)


@transaction.atomic
def reassign(*, assignment: Assignment, to: Membership, actor: User | None) -> Sheet:
    """Give an item that one annotator has in hand to another, who meets it next; their new sheet.

    Raises Refused: study closed, rated meanwhile, no longer in hand, a silent repeat, or a recipient who is paused,
    has their quota, has met the item already, or is no annotator of this study.
    """
    to = _lock(assignment, to)
    lease = _lease(assignment)
    holder = lease.annotator
    assert holder is not None
    if lease.occasion != Assignment.FIRST:
        raise Refused(_("This is a silent repeat of %(alias)s’s own rating.") % {"alias": holder.alias})
    _check_recipient(to, lease)
    give_back(lease.study, [lease.pk])
    if not take_open_slot(to, lease.response_id):
        raise Refused(_("This item has just been handed to somebody else."))
    sheet = Sheet.objects.create(annotator=to, response_id=lease.response_id)
    data = {"response": lease.response.code, "from": holder.alias, "to": to.alias}
    record(lease.study, "item.reassigned", actor=actor, data=data)
    return sheet


def _lock(assignment: Assignment, *others: Membership) -> Membership:
    """Lock the rows of who has the item and of the others, in one order for everybody; the last of the others.

    Where there are none, the holder. Raises Refused when nobody has it.
    """
    holder = Membership.objects.filter(assignments=assignment.pk).first()
    if holder is None:
        raise Refused(_("Nobody has this item in hand any more."))
    people = {one.pk: one for one in (holder, *others)}
    held = {pk: locked(people[pk]) for pk in sorted(people)}
    return held[others[-1].pk if others else holder.pk]


def _lease(assignment: Assignment) -> Assignment:
    """The assignment as it is now, with the membership rows locked; refused unless it is in hand."""
    rows = Assignment.objects.select_for_update(of=("self",)).select_related("study", "response", "annotator")
    lease = rows.filter(pk=assignment.pk, annotator__isnull=False).first()
    if lease is None:
        raise Refused(_("Nobody has this item in hand any more."))
    assert lease.annotator is not None
    if not lease.study.is_open:
        raise Refused(_("This study is closed: nothing is handed out any more."))
    if lease.leased_until is None:
        raise Refused(_("%(alias)s has already rated this item.") % {"alias": lease.annotator.alias})
    return lease


def _check_recipient(to: Membership, lease: Assignment) -> None:
    said = {"alias": to.alias}
    if to.study_id != lease.study_id or to.role != Membership.Role.ANNOTATOR or to.user_id is None:
        raise Refused(_("%(alias)s is no annotator of this study.") % said)
    if to.paused_at:
        raise Refused(_("%(alias)s is paused. Let them resume first, or choose somebody else.") % said)
    if quota_reached(standing_of(to).standing, to.quota):
        raise Refused(_("%(alias)s has all the items of their quota. Raise it first.") % said)
    met = Sheet.objects.filter(annotator=to, response=lease.response_id).exists()
    if met or Assignment.objects.filter(annotator=to, response=lease.response_id).exists():
        raise Refused(_("%(alias)s has met this item already, and nobody rates an item twice.") % said)
