"""A coordinator frees what somebody has in hand, or gives it to somebody else."""

import datetime
import uuid

import pytest
from django.utils import timezone

from ihlannotate.models.annotation import Annotation
from ihlannotate.models.assignment import Assignment, Sheet
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.annotating import submit
from ihlannotate.pipeline.annotating.submitting import State
from ihlannotate.pipeline.assigning import (
    in_hand,
    pause,
    reassign,
    release_item,
    set_quota,
    skip,
)
from ihlannotate.pipeline.refusals import Refused
from tests.factory import (
    REFUSED,
    keep_draft,
    last_event,
    lease_of,
    make_member,
    make_study,
    open_with,
    rate_all,
    rate_next,
    take_sheet,
)

pytestmark = pytest.mark.django_db


def test_what_is_in_hand_is_listed_without_saying_who_wrote_it(study: Study, alice: Membership) -> None:
    sheet = take_sheet(alice)
    [line] = in_hand(study)
    assert sheet.response
    assert (line.alias, line.response, line.repeat) == ("A1", sheet.response.code, False)
    assert line.since == sheet.created_at
    assert line.until > line.since


def test_a_freed_item_goes_to_others_and_its_draft_stays(
    study: Study, alice: Membership, bob: Membership
) -> None:
    sheet = take_sheet(alice)
    keep_draft(sheet, {"refusal": ["refused"]})
    release_item(assignment=lease_of(alice), actor=None)
    assert sheet.response
    assert last_event(study) == ("item.released", {"response": sheet.response.code, "from": "A1"})
    assert not in_hand(study)
    assert take_sheet(alice) != sheet
    assert sheet.response_id in rate_all(bob)
    assert Sheet.objects.get(pk=sheet.pk).draft


def test_a_reassigned_item_is_what_its_recipient_meets_next(
    study: Study, alice: Membership, bob: Membership
) -> None:
    sheet = take_sheet(alice)
    given = reassign(assignment=lease_of(alice), to=bob, actor=None)
    assert sheet.response
    assert last_event(study) == (
        "item.reassigned",
        {"response": sheet.response.code, "from": "A1", "to": "A2"},
    )
    assert given.response_id == sheet.response_id
    assert take_sheet(bob) == given
    assert submit(given, answers=REFUSED, submission=uuid.uuid4()).state is State.ACCEPTED
    assert Assignment.objects.filter(response=sheet.response_id).count() == 2


def test_who_has_an_item_in_hand_finishes_it_before_the_one_they_are_given(
    study: Study, alice: Membership, bob: Membership
) -> None:
    own = take_sheet(bob)
    while (sheet := take_sheet(alice)).response_id == own.response_id:
        submit(sheet, answers=REFUSED, submission=uuid.uuid4())
    given = reassign(assignment=lease_of(alice), to=bob, actor=None)
    assert take_sheet(bob) == own
    submit(own, answers=REFUSED, submission=uuid.uuid4())
    assert take_sheet(bob) == given


def test_who_lost_an_item_to_a_colleague_keeps_their_answers_as_a_draft() -> None:
    study = open_with(make_study(overlap=1), 1)
    alice, bob = make_member(study, "Alice"), make_member(study, "Bob")
    sheet = take_sheet(alice)
    reassign(assignment=lease_of(alice), to=bob, actor=None)
    assert submit(sheet, answers=REFUSED, submission=uuid.uuid4()).state is State.KEPT
    assert Sheet.objects.get(pk=sheet.pk).draft == REFUSED


def test_a_rated_item_is_neither_freed_nor_given_away(
    study: Study, alice: Membership, bob: Membership
) -> None:
    rate_next(alice)
    rated = Assignment.objects.get(annotator=alice)
    with pytest.raises(Refused, match="A1 has already rated this item"):
        release_item(assignment=rated, actor=None)
    with pytest.raises(Refused, match="A1 has already rated this item"):
        reassign(assignment=rated, to=bob, actor=None)
    assert Annotation.objects.get().assignment == rated


def test_an_item_that_nobody_has_is_neither_freed_nor_given_away(
    study: Study, alice: Membership, bob: Membership
) -> None:
    sheet = take_sheet(alice)
    lease = lease_of(alice)
    skip(sheet, reason="unclear")
    with pytest.raises(Refused, match="Nobody has this item in hand"):
        release_item(assignment=lease, actor=None)
    with pytest.raises(Refused, match="Nobody has this item in hand"):
        reassign(assignment=lease, to=bob, actor=None)


def test_nobody_is_given_what_they_have_met(study: Study, alice: Membership, bob: Membership) -> None:
    sheet = take_sheet(alice)
    while (other := take_sheet(bob)).response_id != sheet.response_id:
        submit(other, answers=REFUSED, submission=uuid.uuid4())
    skip(other, reason="conflict")
    with pytest.raises(Refused, match="A2 has met this item already"):
        reassign(assignment=lease_of(alice), to=bob, actor=None)
    with pytest.raises(Refused, match="A1 has met this item already"):
        reassign(assignment=lease_of(alice), to=alice, actor=None)
    assert lease_of(alice).response_id == sheet.response_id


def test_nobody_who_is_paused_or_full_or_elsewhere_is_given_an_item(
    study: Study, alice: Membership, bob: Membership
) -> None:
    take_sheet(alice)
    lease = lease_of(alice)
    set_quota(member=bob, quota=0, actor=None)
    with pytest.raises(Refused, match="quota"):
        reassign(assignment=lease, to=bob, actor=None)
    pause(member=bob, actor=None)
    with pytest.raises(Refused, match="A2 is paused"):
        reassign(assignment=lease, to=bob, actor=None)
    with pytest.raises(Refused, match="C1 is no annotator"):
        reassign(assignment=lease, to=make_member(study, "Carol"), actor=None)
    stranger = make_member(make_study(slug="other"), "Erin", role="annotator")
    with pytest.raises(Refused, match="no annotator of this study"):
        reassign(assignment=lease, to=stranger, actor=None)
    assert lease_of(alice) == lease


def test_a_silent_repeat_is_nobody_elses(alice: Membership, bob: Membership) -> None:
    sheet = rate_next(alice)
    Sheet.objects.create(annotator=alice, response=sheet.response, occasion=2)
    lease = Assignment.objects.create(
        study=alice.study,
        response_id=sheet.response_id,
        occasion=2,
        annotator=alice,
        position=0,
        leased_until=timezone.now() + datetime.timedelta(hours=1),
    )
    with pytest.raises(Refused, match="silent repeat"):
        reassign(assignment=lease, to=bob, actor=None)
    release_item(assignment=lease, actor=None)
    assert not Assignment.objects.filter(occasion=2).exists()
