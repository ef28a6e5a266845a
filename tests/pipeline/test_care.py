"""Care: a pace without breaks, a break suggested in time and once, own settings; nothing of it is judged."""

import datetime

import pytest
from django.utils import timezone

from ihlannotate.models.event import Event
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.annotating.care import seconds_an_item, set_care, suggest_break, working_since
from tests.factory import make_member, make_study, open_with

pytestmark = pytest.mark.django_db
NOON = datetime.datetime(2026, 3, 3, 12, tzinfo=datetime.UTC)


def ago(*minutes: float, now: datetime.datetime = NOON) -> list[datetime.datetime]:
    return [now - datetime.timedelta(minutes=one) for one in minutes]


@pytest.fixture
def alice() -> Membership:
    return make_member(open_with(make_study(break_minutes=50), 1), "Alice")


def test_a_pace_is_the_median_time_between_items() -> None:
    assert seconds_an_item(ago(0, 2, 4, 6, 8, 15)) == 120


def test_breaks_are_no_part_of_the_pace() -> None:
    assert seconds_an_item(ago(0, 2, 4, 6, 900, 902, 904)) == 120


def test_with_too_few_items_there_is_no_pace() -> None:
    assert seconds_an_item(ago(0, 2, 4, 6, 8)) is None
    assert seconds_an_item([]) is None


def test_work_goes_back_to_the_last_break() -> None:
    assert working_since(ago(1, 10, 25, 40, 90), NOON) == ago(40)[0]
    assert working_since(ago(30, 31), NOON) == NOON
    assert working_since([], NOON) == NOON


def steady(minutes: int) -> list[datetime.datetime]:
    """Items handed out every two minutes, for so long until now."""
    return ago(*range(0, minutes + 1, 2), now=timezone.now())


def test_a_break_is_suggested_after_the_studys_time_and_remembered(alice: Membership) -> None:
    assert suggest_break(alice, steady(48)) == 0
    assert suggest_break(alice, steady(52)) == 52
    alice.refresh_from_db()
    assert alice.break_suggested_at is not None


def test_the_same_stretch_of_work_brings_no_second_suggestion_before_its_time(alice: Membership) -> None:
    suggest_break(alice, steady(52))
    alice.refresh_from_db()
    assert suggest_break(alice, steady(54)) == 0
    alice.break_suggested_at = timezone.now() - datetime.timedelta(minutes=51)
    assert suggest_break(alice, steady(104)) == 104


def test_whoever_has_just_come_back_is_left_alone(alice: Membership) -> None:
    assert suggest_break(alice, ago(120, 122, 180, now=timezone.now())) == 0


def test_a_study_may_never_suggest_a_break(alice: Membership) -> None:
    Study.objects.update(break_minutes=0)
    alice.study.refresh_from_db()
    assert suggest_break(alice, steady(300)) == 0


def test_settings_are_kept_and_the_log_says_that_they_changed_not_to_what(alice: Membership) -> None:
    set_care(alice, daily_limit=12, blur_responses=True)
    alice.refresh_from_db()
    assert (alice.daily_limit, alice.blur_responses) == (12, True)
    event = Event.objects.get(verb="care.changed")
    assert (event.actor, event.data) == (alice.user, {"changed": ["daily_limit", "blur_responses"]})
    set_care(alice, daily_limit=12, blur_responses=True)
    assert Event.objects.filter(verb="care.changed").count() == 1
    set_care(alice, daily_limit=None, blur_responses=True)
    alice.refresh_from_db()
    assert alice.daily_limit is None
