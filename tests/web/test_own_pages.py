"""An annotator's own list with its filter, and their own settings."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from ihlannotate.models.event import Event
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.annotating import own
from tests.factory import keep_draft, make_member, make_study, open_with, rate_next, take_sheet

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    return open_with(make_study(), 6)


@pytest.fixture
def alice(study: Study, client: Client) -> Membership:
    member = make_member(study, "Alice")
    client.force_login(member.user)
    return member


def ratings(client: Client, study: Study, **query: str) -> str:
    answer = client.get(reverse("annotate:ratings", args=[study.code]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_filter_finds_and_shows_what_was_asked_for(
    client: Client, study: Study, alice: Membership
) -> None:
    refused = rate_next(alice)
    complied = rate_next(alice, {"refusal": ["not_refused"], "comment": ["A table of steps."]})
    page = ratings(client, study, answer="not_refused", words="table", state="submitted")
    assert complied.code in page
    assert refused.code not in page
    assert "1 item found" in page
    assert 'value="table"' in page
    assert re.search(r'<option value="not_refused"\s+selected>', page)
    assert re.search(r'<option value="submitted"\s+selected>', page)
    assert "Did the model refuse?" in page


def test_a_filter_that_finds_nothing_says_how_to_clear_it(
    client: Client, study: Study, alice: Membership
) -> None:
    rate_next(alice)
    page = ratings(client, study, state="skipped")
    assert "No item of yours fits this filter" in page
    assert f'href="{reverse("annotate:ratings", args=[study.code])}">clear the filter</a>' in page


def test_without_items_there_is_nothing_to_filter(client: Client, study: Study, alice: Membership) -> None:
    page = ratings(client, study)
    assert "You have not rated anything yet" in page
    assert 'class="filters"' not in page


def test_other_pages_keep_the_filter(
    client: Client, study: Study, alice: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own, "SHEETS_A_PAGE", 2)
    monkeypatch.setattr("ihlannotate.web.own_ratings.SHEETS_A_PAGE", 2)
    for _ in range(5):
        rate_next(alice)
    page = ratings(client, study, state="submitted", words="law & order", page="1")
    assert "No item" in page
    page = ratings(client, study, state="submitted", words="law", page="2")
    links = re.findall(r'href="(\?[^"]*page=\d)"', page)
    assert links == ["?state=submitted&amp;words=law&amp;page=1", "?state=submitted&amp;words=law&amp;page=3"]
    assert (
        client.get(
            reverse("annotate:ratings", args=[study.code]), {"state": "draft", "page": "2"}
        ).status_code
        == 404
    )


def test_a_change_that_was_not_submitted_is_marked(client: Client, study: Study, alice: Membership) -> None:
    keep_draft(rate_next(alice), {"comment": ["Hm."]})
    assert "a change not submitted" in ratings(client, study)


def settings_of(study: Study) -> str:
    return reverse("annotate:settings", args=[study.code])


def test_own_settings_are_kept(client: Client, study: Study, alice: Membership) -> None:
    answer = client.post(settings_of(study), {"daily_limit": " 20 ", "cover": "on"}, follow=True)
    page = answer.content.decode()
    assert "Saved. It holds from the next page on." in page
    assert 'value="20"' in page
    alice.refresh_from_db()
    assert (alice.daily_limit, alice.blur_responses) == (20, True)
    client.post(settings_of(study), {"daily_limit": ""})
    alice.refresh_from_db()
    assert (alice.daily_limit, alice.blur_responses) == (None, False)


@pytest.mark.parametrize("limit", ["0", "-3", "many", "1001", "1.5", "²", "9" * 30])
def test_a_limit_that_is_none_is_refused_and_changes_nothing(
    client: Client, study: Study, alice: Membership, limit: str
) -> None:
    answer = client.post(settings_of(study), {"daily_limit": limit, "cover": "on"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Give a whole number from 1 to 1000" in page
    assert f'value="{limit}"' in page
    alice.refresh_from_db()
    assert (alice.daily_limit, alice.blur_responses) == (None, False)
    assert not Event.objects.filter(verb="care.changed").exists()


def test_an_annotator_states_their_expertise(client: Client, study: Study, alice: Membership) -> None:
    said = "Military lawyer, twelve years"
    page = client.post(settings_of(study), {"daily_limit": "", "expertise": said}, follow=True)
    assert f'value="{said}"' in page.content.decode()
    alice.refresh_from_db()
    assert alice.expertise == said
    client.post(settings_of(study), {"daily_limit": ""})
    alice.refresh_from_db()
    assert alice.expertise == said


def test_what_was_written_of_the_expertise_is_kept_beside_a_wrong_limit(
    client: Client, study: Study, alice: Membership
) -> None:
    page = client.post(settings_of(study), {"daily_limit": "many", "expertise": "Judge"}).content.decode()
    assert 'value="Judge"' in page
    alice.refresh_from_db()
    assert alice.expertise == ""


def test_where_the_study_covers_responses_there_is_nothing_to_choose(client: Client) -> None:
    study = open_with(make_study(blur_responses=True), 1)
    alice = make_member(study, "Alice")
    client.force_login(alice.user)
    page = client.get(settings_of(study)).content.decode()
    assert "each response is covered until you ask to see it" in page
    assert 'type="checkbox"' not in page[page.index("<main") :]
    Membership.objects.filter(pk=alice.pk).update(blur_responses=True)
    page = client.get(settings_of(study)).content.decode()
    assert '<input type="hidden" name="cover" value="on">' in page


def test_a_covered_response_waits_behind_its_summary(client: Client, study: Study, alice: Membership) -> None:
    sheet = take_sheet(alice)
    url = reverse("annotate:item", args=[study.code, sheet.code])
    assert "data-cover" not in client.get(url).content.decode()
    client.post(settings_of(study), {"cover": "on"})
    page = client.get(url).content.decode()
    assert re.search(r"<details[^>]*data-cover", page)
    assert "Show the response" in page
