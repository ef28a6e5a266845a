"""Slots in the database: laid out when a study opens, leased, given back, kept.

Every verb here locks the annotator's membership row first (SQLite: the whole database), so two tabs of one person
never race; two persons race for a slot row, which only one of them gets.
"""

import datetime
import random
from collections.abc import Sequence

from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from ihlannotate.models.annotation import Annotation, Attempt
from ihlannotate.models.assignment import Assignment, Sheet, Skip
from ihlannotate.models.item import Response
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.refusals import Refused


@transaction.atomic
def lay_out_slots(study: Study) -> int:
    """Give every response of the study its place in the random order and its k slots; how many slots are new.

    Slots that imported annotations already took are left as they are; what the sample left out gets none.
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
            ) AND NOT EXISTS (
                SELECT 1 FROM ihlannotate_inclusion i WHERE i.response_id = r.id AND NOT i.chosen
            )
            """,
            [study.overlap, study.pk],
        )
        return int(cursor.rowcount)


def _lay_out_positions(study: Study) -> None:
    """Responses without a position follow those that have one, in an order drawn from the study's seed.

    A grouped study draws the order of the prompts, and the responses to each follow one another.
    """
    responses = Response.objects.filter(study=study)
    rows = list(responses.filter(position=None).order_by("pk").values_list("pk", "prompt_id"))
    last = responses.aggregate(Max("position"))["position__max"]
    start = 0 if last is None else last + 1
    random.Random(f"{study.seed}:{start}").shuffle(rows)  # noqa: S311 (an order that can be made again, no secret)
    if study.grouped:
        # The first of each prompt's responses gives the prompt its place; sorting keeps the order among them.
        places = {prompt: place for place, (_pk, prompt) in reversed(list(enumerate(rows)))}
        rows.sort(key=lambda row: places[row[1]])
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE ihlannotate_response SET position = %s WHERE id = %s",
            [(start + place, pk) for place, (pk, _prompt) in enumerate(rows)],
        )


def locked(member: Membership) -> Membership:
    """The membership with its study and rubric as they are now.

    Until the transaction ends its row is locked, and the study's state is held: what was open stays open.
    """
    Study.hold(member.study_id)
    rows = Membership.objects.select_for_update(of=("self",), no_key=True).select_related("study__rubric")
    return rows.get(pk=member.pk)


def lease_end(study: Study) -> datetime.datetime:
    """When a lease that begins now ends."""
    return timezone.now() + datetime.timedelta(minutes=study.lease_minutes)


def take_open_slot(member: Membership, response_id: int) -> bool:
    """Lease an open slot of the response to the annotator, if there is one that nobody else is taking."""
    slot = _open_slot(response_id)
    if slot is None:
        return False
    slot.annotator = member
    slot.leased_until = lease_end(member.study)
    slot.save(update_fields=["annotator", "leased_until"])
    return True


def _open_slot(response_id: int) -> Assignment | None:
    slots = Assignment.objects.filter(response=response_id, occasion=1, annotator=None).order_by("slot")
    return slots.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked).first()


def retake(sheet: Sheet) -> Assignment | None:
    """The assignment behind a response's sheet; when it was given back, a lease anew, if there is an open slot.

    A silent repeat takes no slot, so that it can always be taken up again. None for a known item, which has none.
    """
    if sheet.response_id is None:
        return None
    mine = _mine(sheet).select_for_update()
    return mine.first() or (mine.first() if take_up_again(sheet) else None)


def take_up_again(sheet: Sheet) -> bool:
    """Lease what the sheet's annotator gave back; whether a slot was open.

    Where they had rated the item and taken that back, the record of it becomes the assignment again, so that the
    annotation goes on with a further revision; it takes the place of the slot's open row.
    """
    assert sheet.response_id is not None
    until = lease_end(sheet.annotator.study)
    record = Assignment.objects.filter(
        response=sheet.response_id, annotator=sheet.annotator_id, occasion=Assignment.GIVEN_UP
    )
    if sheet.occasion == Assignment.REPEAT:
        if not record.update(occasion=Assignment.REPEAT, leased_until=until):
            lease_repeat(sheet.annotator, sheet.response_id)
        return True
    if not record.exists():
        return take_open_slot(sheet.annotator, sheet.response_id)
    slot = _open_slot(sheet.response_id)
    if slot is None:
        return False
    slot.delete()
    record.update(occasion=Assignment.FIRST, slot=slot.slot, position=slot.position, leased_until=until)
    return True


def lease_repeat(member: Membership, response_id: int) -> Assignment:
    """A lease on a silent repeat, beside the slots."""
    return Assignment.objects.create(
        study_id=member.study_id,
        response_id=response_id,
        occasion=Assignment.REPEAT,
        annotator=member,
        position=0,
        leased_until=lease_end(member.study),
    )


def expire_leases(study: Study) -> int:
    """Free what is held by leases that have run out; how many there were. Their sheets keep the drafts."""
    expired = Assignment.objects.filter(study=study, leased_until__lt=timezone.now())
    # A lease whose annotator is submitting at this moment is locked: it is left to them.
    unused = expired.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
    return give_back(study, list(unused.values_list("pk", flat=True)))


def free(assignment: Assignment) -> None:
    """Give back what was leased and not used."""
    give_back(assignment.study, [assignment.pk])


def give_back(study: Study, ids: Sequence[int]) -> int:
    """End these leases; how many there were.

    A freed slot moves to where the front-runner stands, so that it lies ahead of everybody. A repeat's row goes. An
    annotation that was taken back stays with its row as the record of it, and the slot goes on in a row of its own.
    """
    if not ids:
        return 0
    leases = Assignment.objects.filter(pk__in=ids, leased_until__isnull=False)
    rated = Exists(Annotation.objects.filter(assignment=OuterRef("pk")))
    found = list(leases.annotate(rated=rated).values_list("pk", "response_id", "slot", "rated"))
    front = study.memberships.aggregate(Max("cursor"))["cursor__max"] or 0
    unrated = leases.filter(pk__in=[pk for pk, _response, _slot, rated in found if not rated])
    unrated.filter(slot__isnull=True).delete()
    unrated.update(annotator=None, leased_until=None, position=front)
    records = [(pk, response, slot) for pk, response, slot, rated in found if rated]
    if records:
        kept = leases.filter(pk__in=[pk for pk, _response, _slot in records])
        kept.update(occasion=Assignment.GIVEN_UP, slot=None, leased_until=None)
        Assignment.objects.bulk_create(
            Assignment(study=study, response_id=response, slot=slot, position=front)
            for _pk, response, slot in records
            if slot is not None
        )
    return len(found)


@transaction.atomic
def skip(sheet: Sheet, *, reason: str, comment: str = "") -> None:
    """Pass over the item on a sheet; its slot is free again and the annotator will not meet it a second time.

    Raises Refused when the item was already rated, the study is not open, or the reason is none of Skip.Reason.
    Skipping twice is skipping once.
    """
    if reason not in Skip.Reason.values:
        raise Refused(_("Choose one of the reasons for skipping this item."))
    if not locked(sheet.annotator).study.is_open:
        raise Refused(_("This study is closed: nothing can be changed any more."))
    if is_rated(sheet):
        raise Refused(
            _("You have already rated this item, so it can't be skipped. You can still revise your rating.")
        )
    Skip.objects.get_or_create(sheet=sheet, defaults={"reason": reason, "comment": comment})
    if sheet.response_id and (assignment := _mine(sheet).first()):
        free(assignment)


def is_rated(sheet: Sheet) -> bool:
    """Whether what the annotator submitted on the sheet counts: there is something, and they did not take it back."""
    if sheet.response_id is None:
        newest = Attempt.objects.filter(sheet=sheet).order_by("-number").first()
        return newest is not None and not newest.withdrawn
    return _mine(sheet).filter(annotation__isnull=False, leased_until__isnull=True).exists()


def _mine(sheet: Sheet) -> QuerySet[Assignment]:
    return Assignment.objects.filter(
        response=sheet.response_id, annotator=sheet.annotator_id, occasion=sheet.occasion
    )
