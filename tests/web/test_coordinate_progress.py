"""Progress: what each annotator has done, has in hand and skipped; freeing an item, and giving it away."""

import datetime
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ihlannotate import append_only
from ihlannotate.models.annotation import Revision
from ihlannotate.models.assignment import Assignment, Sheet
from ihlannotate.models.event import Event
from ihlannotate.models.study import Study
from ihlannotate.pipeline.annotating import withdraw
from ihlannotate.pipeline.assigning import pause, set_quota, skip
from ihlannotate.web.coordinate.pace import AnnotatorPace, pace_of
from tests.factory import make_member, make_study, make_user, open_with, rate_next, take_sheet
from tests.pipeline.rated import R, rated_study
from tests.web.coordinators import as_carol, rated, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    """Six responses, k = 2: Alice has rated three and has one in hand, Bob has skipped one, Zoe has not begun."""
    study = open_with(make_study(), 6)
    alice, bob = make_member(study, "Alice"), make_member(study, "Bob")
    make_member(study, "Zoe", role="annotator")
    for _number in range(3):
        rate_next(alice)
    take_sheet(alice)
    skip(take_sheet(bob), reason="language")
    return study


def took(*seconds: int) -> None:
    """Let the annotations have taken so long (revisions never change: only a test may)."""
    append_only.uninstall(connection)
    for revision, value in zip(Revision.objects.order_by("pk"), seconds, strict=True):
        Revision.objects.filter(pk=revision.pk).update(seconds=value)


def of(study: Study, name: str) -> AnnotatorPace:
    return next(one for one in pace_of(study).annotators if one.name == name)


def test_each_annotator_has_their_counts_and_an_even_share(study: Study) -> None:
    alice, bob, zoe = of(study, "Alice"), of(study, "Bob"), of(study, "Zoe")
    assert [(one.done, one.in_hand, one.skipped, one.share) for one in (alice, bob, zoe)] == [
        (3, 1, 0, 4),
        (0, 0, 1, 4),
        (0, 0, 0, 4),
    ]
    assert alice.last is not None
    assert (zoe.last, zoe.median_seconds) == (None, None)


def test_the_study_needs_k_annotations_of_each_response(study: Study) -> None:
    pace = pace_of(study)
    assert (pace.responses, pace.slots, pace.filled, pace.in_hand, pace.left) == (6, 12, 3, 1, 9)
    assert pace.share_filled == 0.25


def test_the_median_is_of_the_first_submissions(study: Study) -> None:
    took(60, 90, 600)
    assert of(study, "Alice").median_seconds == 90


def test_the_rest_is_foretold_from_the_last_week(study: Study) -> None:
    assert pace_of(study).days_left == 21  # 9 left at 3 a week
    append_only.uninstall(connection)
    Revision.objects.update(created_at=timezone.now() - datetime.timedelta(days=8))
    pace = pace_of(study)
    assert (pace.last_week, pace.days_left) == (0, None)


def test_imported_ratings_count_as_done_and_not_as_pace(tmp_path: Path) -> None:
    pace = pace_of(rated_study(tmp_path, [[R, R], [R, ""]]))
    assert (pace.filled, pace.last_week, pace.days_left) == (3, 0, None)
    assert [(one.alias, one.done, one.median_seconds) for one in pace.annotators] == [
        ("R1", 2, None),
        ("R2", 1, None),
    ]


def test_a_full_study_has_nothing_left() -> None:
    pace = pace_of(rated())
    assert (pace.left, pace.days_left, pace.share_filled) == (0, None, 1.0)


def test_the_page_shows_it_all_and_no_model(client: Client, study: Study) -> None:
    took(60, 90, 600)
    page = text_of(as_carol(client, study).get(reverse("coordinate:progress", args=[study.slug])))
    assert "3 of 12 annotations that 6 responses need" in page
    assert "25.0% · 1 in hand" in page
    assert "A1 Alice 3 4 1 0 1.5 min" in page
    assert "A2 Bob 0 4 0 1 –" in page
    assert "the rest takes about 21 days" in page


def test_without_annotators_the_page_says_what_to_do(client: Client) -> None:
    study = make_study()
    page = text_of(as_carol(client, study).get(reverse("coordinate:progress", args=[study.slug])))
    assert "No annotator yet" in page


# -- what is in hand


def progress_url(study: Study) -> str:
    return reverse("coordinate:progress", args=[study.slug])


def lease(study: Study) -> Assignment:
    return Assignment.objects.get(study=study, leased_until__isnull=False)


def test_who_is_paused_has_no_share_and_the_others_share_alike(study: Study) -> None:
    pause(member=study.memberships.get(alias="A3"), actor=None)
    assert [of(study, name).share for name in ("Alice", "Bob", "Zoe")] == [6, 6, 0]


def test_a_quota_caps_the_share(study: Study) -> None:
    set_quota(member=study.memberships.get(alias="A2"), quota=3, actor=None)
    assert [of(study, name).share for name in ("Alice", "Bob", "Zoe")] == [4, 3, 4]


def test_what_was_taken_back_is_in_hand_and_not_done(study: Study) -> None:
    withdraw(study.memberships.get(alias="A1"))
    alice = of(study, "Alice")
    assert (alice.done, alice.in_hand) == (2, 2)
    assert pace_of(study).last_week == 2


def test_the_page_lists_what_is_in_hand(client: Client, study: Study) -> None:
    page = text_of(as_carol(client, study).get(progress_url(study)))
    assert f"A1 {lease(study).response.code}" in page
    assert "Free it" in page


def test_an_item_is_freed(client: Client, study: Study) -> None:
    held = lease(study)
    page = as_carol(client, study).post(
        progress_url(study), {"act": "free", "assignment": held.pk}, follow=True
    )
    assert "The item is free" in text_of(page)
    assert "Nothing is in hand at the moment" in text_of(page)
    assert Event.objects.get(verb="item.released").actor == make_user("Carol")


def test_an_item_is_given_to_somebody_else(client: Client, study: Study) -> None:
    held = lease(study)
    sent = {"act": "give", "assignment": held.pk, "to": "A3"}
    page = as_carol(client, study).post(progress_url(study), sent, follow=True)
    assert "A3 meets the item next." in text_of(page)
    assert take_sheet(study.memberships.get(alias="A3")).response_id == held.response_id


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"act": "give", "to": "A1"}, "A1 has met this item already"),
        ({"act": "give", "to": "C1"}, "C1 is no annotator"),
        ({"act": "give", "to": "A9"}, "Choose whom to give the item to"),
        ({"act": "give"}, "Choose whom to give the item to"),
        ({"act": "dance", "to": "A3"}, "Choose whom to give the item to"),
        ({"act": "free", "assignment": "x"}, "Nobody has this item in hand"),
        ({"act": "free", "assignment": "99999"}, "Nobody has this item in hand"),
        ({}, "Choose whom to give the item to"),
    ],
)
def test_what_cannot_be_done_with_an_item_is_refused(
    client: Client, study: Study, sent: dict[str, str], message: str
) -> None:
    held = lease(study)
    answer = as_carol(client, study).post(progress_url(study), {"assignment": held.pk, **sent})
    assert answer.status_code == 422
    assert message in text_of(answer)
    assert lease(study) == held


def test_items_of_another_study_are_out_of_reach(client: Client, study: Study) -> None:
    other = open_with(make_study(slug="other"), 1)
    take_sheet(make_member(other, "Alice"))
    carol = as_carol(client, study)
    answer = carol.post(progress_url(study), {"act": "free", "assignment": lease(other).pk})
    assert answer.status_code == 422
    assert lease(other)


def test_a_silent_repeat_is_freed_but_given_to_nobody(client: Client, study: Study) -> None:
    rated_one = Assignment.objects.filter(annotation__isnull=False)[0]
    alice = rated_one.annotator
    assert alice
    lease(study).delete()
    Sheet.objects.create(annotator=alice, response=rated_one.response, occasion=2)
    repeat = Assignment.objects.create(
        study=study,
        response=rated_one.response,
        occasion=2,
        annotator=alice,
        position=0,
        leased_until=timezone.now() + datetime.timedelta(hours=1),
    )
    carol = as_carol(client, study)
    page = carol.get(progress_url(study))
    assert "silent repeat" in text_of(page)
    assert 'value="give"' not in page.content.decode()
    assert carol.post(progress_url(study), {"act": "free", "assignment": repeat.pk}).status_code == 302
    assert not Assignment.objects.filter(occasion=2).exists()
