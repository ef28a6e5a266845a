"""What was rated, taken back and given up stays on record, while its slot goes on."""

import uuid

import pytest

from ihlannotate.models.annotation import Annotation
from ihlannotate.models.assignment import Assignment, Sheet
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.annotating import submit, withdraw
from ihlannotate.pipeline.annotating.submitting import State
from ihlannotate.pipeline.assigning import (
    expire_leases,
    reassign,
    skip,
)
from tests.factory import (
    REFUSED,
    lease_of,
    make_member,
    make_study,
    open_with,
    rate_all,
    rate_next,
    run_out,
)

pytestmark = pytest.mark.django_db


def given_up(study: Study, member: Membership) -> Sheet:
    """The sheet of an item that the annotator rated, took back and did not rate again in time."""
    sheet = rate_next(member)
    assert withdraw(member) == sheet
    run_out(sheet)
    assert expire_leases(study) == 1
    return sheet


def numbered(sheet: Sheet) -> list[int | None]:
    slots = Assignment.objects.filter(response=sheet.response_id, slot__isnull=False)
    return sorted(slots.values_list("slot", flat=True))


def test_what_was_taken_back_and_given_up_stays_on_record_and_its_slot_goes_on(
    study: Study, alice: Membership, bob: Membership
) -> None:
    sheet = given_up(study, alice)
    record = Annotation.objects.get().assignment
    assert (record.occasion, record.slot, record.annotator) == (Assignment.GIVEN_UP, None, alice)
    assert record.leased_until is None
    assert numbered(sheet) == [1, 2]
    frank = make_member(study, "Frank", role="annotator")
    assert sheet.response_id in rate_all(bob)
    assert sheet.response_id in rate_all(frank)
    assert numbered(sheet) == [1, 2]


def test_what_was_given_up_is_not_offered_as_new_but_comes_back_last(study: Study, alice: Membership) -> None:
    sheet = given_up(study, alice)
    rated = rate_all(alice)
    assert rated[-1] == sheet.response_id
    assert len(rated) == 6
    annotation = Annotation.objects.get(assignment__response=sheet.response_id)
    assert list(annotation.revisions.order_by("number").values_list("number", "withdrawn")) == [
        (1, False),
        (2, True),
        (3, False),
    ]
    assert annotation.assignment.occasion == Assignment.FIRST
    assert numbered(sheet) == [1, 2]


def test_what_was_given_up_can_be_given_up_again(study: Study, alice: Membership) -> None:
    sheet = given_up(study, alice)
    submit(sheet, answers=REFUSED, submission=uuid.uuid4())
    assert Annotation.objects.get().assignment.slot
    assert withdraw(alice) == sheet
    run_out(sheet)
    expire_leases(study)
    assert Annotation.objects.get().assignment.occasion == Assignment.GIVEN_UP
    assert numbered(sheet) == [1, 2]


def test_what_was_given_up_stays_a_draft_when_others_have_its_slots() -> None:
    study = open_with(make_study(overlap=1), 1)
    alice, bob = make_member(study, "Alice"), make_member(study, "Bob")
    sheet = given_up(study, alice)
    rate_next(bob)
    assert submit(sheet, answers=REFUSED, submission=uuid.uuid4()).state is State.KEPT
    assert Annotation.objects.filter(assignment__occasion=Assignment.FIRST).count() == 1


def test_what_was_taken_back_can_be_skipped(study: Study, alice: Membership) -> None:
    sheet = rate_next(alice)
    withdraw(alice)
    skip(sheet, reason="conflict")
    assert Annotation.objects.get().assignment.occasion == Assignment.GIVEN_UP
    assert numbered(sheet) == [1, 2]
    assert sheet.response_id not in rate_all(alice)


def test_what_was_taken_back_is_freed_and_given_away_like_any_item(
    study: Study, alice: Membership, bob: Membership
) -> None:
    sheet = rate_next(alice)
    withdraw(alice)
    given = reassign(assignment=lease_of(alice), to=bob, actor=None)
    assert given.response_id == sheet.response_id
    assert numbered(sheet) == [1, 2]
