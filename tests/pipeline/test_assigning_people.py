"""Quota, pause and daily limit; why nothing comes; leavers and late joiners."""

import datetime
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from ihlannotate import append_only
from ihlannotate.models.annotation import Annotation
from ihlannotate.models.assignment import Assignment, Sheet
from ihlannotate.models.event import Event
from ihlannotate.models.known import KnownItem
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.annotating import submit
from ihlannotate.pipeline.annotating.submitting import State
from ihlannotate.pipeline.assigning import (
    Rest,
    expire_leases,
    in_hand,
    next_sheet,
    nothing_for,
    pause,
    reassign,
    release_item,
    resume,
    set_quota,
    submitted_today,
)
from ihlannotate.pipeline.founding import imported_annotator
from ihlannotate.pipeline.lifecycle import close_study
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
    run_out,
    take_sheet,
)

pytestmark = pytest.mark.django_db


def test_a_quota_is_the_most_that_an_annotator_gets(study: Study, alice: Membership) -> None:
    set_quota(member=alice, quota=2, actor=None)
    assert len(rate_all(alice)) == 2
    assert nothing_for(alice) is Rest.QUOTA
    assert last_event(study)[0] == "annotation.submitted"
    set_quota(member=alice, quota=None, actor=None)
    assert last_event(study) == ("member.quota_set", {"alias": "A1", "from": 2, "to": None})
    assert len(rate_all(alice)) == 4


def test_what_is_in_hand_counts_towards_the_quota_and_stays(study: Study, alice: Membership) -> None:
    sheet = take_sheet(alice)
    set_quota(member=alice, quota=0, actor=None)
    assert take_sheet(alice) == sheet
    submit(sheet, answers=REFUSED, submission=uuid.uuid4())
    assert next_sheet(alice) is None


def test_a_lapsed_item_does_not_break_the_quota(study: Study, alice: Membership) -> None:
    abandoned = take_sheet(alice)
    run_out(abandoned)
    expire_leases(study)
    set_quota(member=alice, quota=1, actor=None)
    assert abandoned.response_id not in rate_all(alice)
    assert Assignment.objects.filter(annotator=alice).count() == 1


@pytest.mark.parametrize("quota", [-1, 2_000_000])
def test_a_quota_is_a_number_of_items(alice: Membership, quota: int) -> None:
    with pytest.raises(Refused, match="number of items"):
        set_quota(member=alice, quota=quota, actor=None)


def test_a_quota_that_does_not_change_is_no_event(study: Study, alice: Membership) -> None:
    set_quota(member=alice, quota=None, actor=None)
    assert last_event(study)[0] == "member.added"


def test_an_annotators_own_daily_limit_ends_the_day(study: Study, alice: Membership) -> None:
    Membership.objects.filter(pk=alice.pk).update(daily_limit=2)
    assert len(rate_all(alice)) == 2
    assert nothing_for(alice) is Rest.DAILY_LIMIT
    append_only.uninstall(connection)
    Annotation.objects.update(created_at=timezone.now() - datetime.timedelta(days=1))
    assert submitted_today(alice) == 0
    assert len(rate_all(alice)) == 2


def test_attention_items_count_towards_the_daily_limit_like_any_other() -> None:
    study = open_with(make_study(overlap=1, attention_every=1), 5)
    KnownItem.objects.create(
        study=study,
        name="check",
        purpose="attention",
        position=1,
        prompt="A request.",
        response="No.",
        key={},
    )
    alice = make_member(study, "Alice")
    Membership.objects.filter(pk=alice.pk).update(daily_limit=2)
    assert len(rate_all(alice)) == 2
    assert Annotation.objects.count() == 1


def test_a_day_begins_at_midnight_of_the_settings_time_zone(
    settings: Any, alice: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    rate_next(alice)
    append_only.uninstall(connection)
    made = datetime.datetime(2026, 3, 1, 22, 30, tzinfo=datetime.UTC)
    Annotation.objects.update(created_at=made)
    monkeypatch.setattr(timezone, "now", lambda: made + datetime.timedelta(hours=1))
    assert submitted_today(alice) == 1
    settings.TIME_ZONE = "Europe/Zurich"
    assert submitted_today(alice) == 0


def test_nothing_comes_for_a_reason(study: Study, alice: Membership) -> None:
    draft = make_study(slug="draft")
    assert nothing_for(make_member(draft, "Alice")) is Rest.NOT_OPEN
    rate_all(alice)
    assert nothing_for(alice) is Rest.NOTHING_OPEN
    pause(member=alice, actor=None)
    assert nothing_for(alice) is Rest.PAUSED
    close_study(study, actor=None)
    assert nothing_for(alice) is Rest.CLOSED


def test_a_paused_annotator_gets_nothing_and_what_they_had_is_free(
    study: Study, alice: Membership, bob: Membership
) -> None:
    rate_next(alice)
    sheet = take_sheet(alice)
    keep_draft(sheet, {"refusal": ["refused"]})
    pause(member=alice, actor=None)
    assert last_event(study) == ("member.paused", {"alias": "A1", "freed": 1})
    assert next_sheet(alice) is None
    assert not in_hand(study)
    assert Annotation.objects.filter(assignment__annotator=alice).count() == 1
    assert Sheet.objects.get(pk=sheet.pk).draft == {"refusal": ["refused"]}
    assert sheet.response_id in rate_all(bob)


def test_who_resumes_gets_items_again(study: Study, alice: Membership) -> None:
    pause(member=alice, actor=None)
    pause(member=alice, actor=None)
    resume(member=alice, actor=None)
    assert last_event(study) == ("member.resumed", {"alias": "A1"})
    assert Event.objects.filter(verb="member.paused").count() == 1
    resume(member=alice, actor=None)
    assert Event.objects.filter(verb="member.resumed").count() == 1
    assert len(rate_all(alice)) == 6


def test_what_is_sent_after_a_pause_is_kept_while_the_slot_is_open(study: Study, alice: Membership) -> None:
    sheet = take_sheet(alice)
    pause(member=alice, actor=None)
    assert submit(sheet, answers=REFUSED, submission=uuid.uuid4()).state is State.ACCEPTED


def test_the_others_finish_what_a_leaver_left(study: Study, alice: Membership, bob: Membership) -> None:
    for _ in range(3):
        rate_next(alice)
    take_sheet(alice)
    pause(member=alice, actor=None)
    rate_all(bob)
    erin = make_member(study, "Erin", role="annotator")
    assert len(rate_all(erin)) == 3
    assert not Assignment.objects.filter(annotator=None).exists()


def test_a_late_joiner_begins_with_what_is_still_open(
    study: Study, alice: Membership, bob: Membership
) -> None:
    for _ in range(4):
        rate_next(alice)
    full = rate_all(bob)[:4]
    frank = make_member(study, "Frank", role="annotator")
    got = rate_all(frank)
    taken = set(Assignment.objects.filter(annotator=alice).values_list("response", flat=True)) & set(full)
    assert len(got) == 2
    assert not taken & set(got)


def test_a_late_joiner_completes_what_others_have_begun_first() -> None:
    study = open_with(make_study(overlap=2), 40)
    alice = make_member(study, "Alice")
    begun = {rate_next(alice).response_id for _ in range(5)}
    late = make_member(study, "Bob")
    assert {rate_next(late).response_id for _ in range(5)} == begun


@pytest.mark.parametrize("act", [pause, resume])
def test_only_annotators_pause(study: Study, act: Callable[..., None]) -> None:
    carol = make_member(study, "Carol")
    imported, _new = imported_annotator(study=study, alias="R1")
    for member in (carol, imported):
        with pytest.raises(Refused, match="nobody to whom items are handed out"):
            act(member=member, actor=None)


def test_nothing_is_decided_in_a_closed_study(study: Study, alice: Membership, bob: Membership) -> None:
    take_sheet(alice)
    lease = lease_of(alice)
    close_study(study, actor=None)
    for act in (
        lambda: pause(member=alice, actor=None),
        lambda: resume(member=alice, actor=None),
        lambda: set_quota(member=alice, quota=3, actor=None),
        lambda: release_item(assignment=lease, actor=None),
        lambda: reassign(assignment=lease, to=bob, actor=None),
    ):
        with pytest.raises(Refused, match="closed"):
            act()
