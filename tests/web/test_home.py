"""The first page: each person's studies by what they do there."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factory import make_member, make_study, make_user, open_with, rate_next

pytestmark = pytest.mark.django_db


def test_an_annotator_of_one_study_goes_straight_there(client: Client) -> None:
    study = make_study()
    client.force_login(make_member(study, "Alice").user)
    assert client.get("/").headers["Location"] == f"/rate/{study.code}/"


def test_an_annotator_of_two_studies_sees_both_with_own_progress(client: Client) -> None:
    study = open_with(make_study(title="The first study", overlap=1))
    alice = make_member(study, "Alice")
    make_member(make_study(slug="second", title="The second study"), "Alice")
    rate_next(alice)
    client.force_login(alice.user)
    page = client.get("/").content.decode()
    assert "1 of 3 rated" in page
    assert "Go on" in page
    assert "The second study" in page
    assert "not yet open" in page


def test_roles_have_their_own_sections(client: Client) -> None:
    a = make_study(slug="a", title="Study A")
    make_member(a, "Eve", role="annotator")
    b = make_study(slug="b", title="Study B")
    make_member(b, "Eve", role="adjudicator")
    c = make_study(slug="c", title="Study C")
    make_member(c, "Eve", role="coordinator")
    client.force_login(make_user("Eve"))
    page = client.get("/").content.decode()
    places = [
        page.index(word)
        for word in ("You annotate", "Study A", "You adjudicate", "Study B", "You coordinate")
    ]
    assert places == sorted(places)
    assert page.index("Study C") > places[-1]
    for url in (f"/rate/{a.code}/", f"/adjudicate/{b.code}/", reverse("coordinate:study", args=[c.slug])):
        assert f'href="{url}"' in page


def test_whoever_has_no_study_is_told_so_in_words(client: Client) -> None:
    client.force_login(make_user("Alice"))
    assert "You take part in no study yet" in client.get("/").content.decode()


def test_a_superuser_finds_every_study_to_coordinate(client: Client) -> None:
    make_study(title="Somebody else’s study")
    client.force_login(make_user("Root", is_superuser=True))
    assert "Somebody else’s study" in client.get("/").content.decode()
