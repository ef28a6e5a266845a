"""People of a study: adding them, invitation links that open nothing they should not, expertise, quota and pause."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from ihlannotate.models.event import Event
from ihlannotate.models.study import Membership, Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.founding import imported_annotator, invitation_path
from tests.factory import last_event, make_member, make_study, make_user
from tests.web.coordinators import as_carol, closed, rated, sign_in, text_of

pytestmark = pytest.mark.django_db

ALICE = {"name": "Alice", "email": "alice@example.org", "role": "annotator"}


@pytest.fixture
def study() -> Study:
    return make_study()


@pytest.fixture
def carol(client: Client, study: Study) -> Client:
    return as_carol(client, study)


def url(study: Study) -> str:
    return reverse("coordinate:people", args=[study.slug])


def start_of_link(user: User) -> str:
    """What every invitation link of this person begins with; the rest changes by the second."""
    return invitation_path(user).rsplit("/", 2)[0] + "/"


def test_a_person_is_added_under_the_next_alias(carol: Client, study: Study) -> None:
    response = carol.post(url(study), ALICE, follow=True)
    member = study.memberships.get(alias="A1")
    assert (member.role, member.user and member.user.email) == ("annotator", "alice@example.org")
    assert "Alice is in the study as A1." in text_of(response)


def test_the_invitation_link_lets_its_person_set_a_password(carol: Client, study: Study) -> None:
    page = carol.post(url(study), ALICE, follow=True).content.decode()
    found = re.search(rf'value="(http://testserver{start_of_link(make_user("Alice"))}[^"]+)"', page)
    assert found
    assert "New password" in text_of(Client().get(found[1], follow=True))


def test_whoever_has_a_password_has_no_link(carol: Client, study: Study) -> None:
    alice = make_member(study, "Alice").user
    assert alice
    alice.set_password("a long enough secret")
    alice.save()
    page = carol.get(url(study))
    assert "has a password" in text_of(page)
    assert start_of_link(alice) not in page.content.decode()


def test_no_link_opens_a_study_that_is_not_the_coordinators(carol: Client, study: Study) -> None:
    """Whoever follows the link is Alice, in every study: it is not Carol's to have."""
    make_member(make_study(slug="foreign"), "Alice")
    alice = make_member(study, "Alice").user
    assert alice
    page = carol.get(url(study))
    assert start_of_link(alice) not in page.content.decode()
    assert "another study’s coordinator" in text_of(page)


def test_no_link_makes_anybody_staff(carol: Client, study: Study) -> None:
    root = make_user("Root", is_staff=True, is_superuser=True)
    make_member(study, "Root", role="annotator")
    assert start_of_link(root) not in carol.get(url(study)).content.decode()


def test_links_of_people_in_several_studies_of_mine_are_shown(carol: Client, study: Study) -> None:
    second = make_study(slug="second")
    make_member(second, "Carol")
    make_member(second, "Alice")
    alice = make_member(study, "Alice").user
    assert alice
    assert start_of_link(alice) in carol.get(url(study)).content.decode()


def test_imported_annotators_have_no_account(carol: Client, study: Study) -> None:
    imported_annotator(study=study, alias="R1")
    assert "imported ratings, no account" in text_of(carol.get(url(study)))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"email": "carol@example.org"}, "already has a role"),
        ({"email": "nobody"}, "valid email"),
        ({"alias": "C1"}, "is taken"),
        ({"alias": "<b>"}, "Use letters"),
        ({"role": "king"}, "not one of the available choices"),
    ],
)
def test_who_cannot_be_added_is_told_why(
    carol: Client, study: Study, wrong: dict[str, str], message: str
) -> None:
    response = carol.post(url(study), ALICE | wrong)
    assert response.status_code == 422
    assert message in text_of(response)
    assert Membership.objects.count() == 1


def test_people_are_listed_by_role(carol: Client, study: Study) -> None:
    make_member(study, "Dana")
    make_member(study, "Alice")
    said = text_of(carol.get(url(study)))
    assert said.index("C1") < said.index("A1 annotator") < said.index("J1 adjudicator")


# -- how much is handed out


def test_a_quota_is_set_and_lifted(carol: Client, study: Study) -> None:
    make_member(study, "Alice")
    page = carol.post(url(study), {"act": "quota", "alias": "A1", "quota": "12"}, follow=True)
    assert "The quota of A1 is set." in text_of(page)
    assert 'value="12"' in page.content.decode()
    carol.post(url(study), {"act": "quota", "alias": "A1", "quota": ""})
    assert study.memberships.get(alias="A1").quota is None


def test_an_annotator_is_paused_and_resumes(carol: Client, study: Study) -> None:
    make_member(study, "Alice")
    page = carol.post(url(study), {"act": "pause", "alias": "A1"}, follow=True)
    assert "A1 is paused: nothing is handed out to them" in text_of(page)
    assert "paused since" in text_of(page)
    assert study.memberships.get(alias="A1").paused_at
    page = carol.post(url(study), {"act": "resume", "alias": "A1"}, follow=True)
    assert "A1 gets items again." in text_of(page)
    assert study.memberships.get(alias="A1").paused_at is None
    actors = Event.objects.filter(verb__in=("member.paused", "member.resumed")).values_list("actor__name")
    assert [name for (name,) in actors] == ["Carol", "Carol"]


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"act": "quota", "alias": "A1", "quota": "-3"}, "number of items"),
        ({"act": "quota", "alias": "A1", "quota": "many"}, "number of items"),
        ({"act": "quota", "alias": "A1", "quota": "9999999"}, "from 0 to 1000000"),
        ({"act": "dance", "alias": "A1"}, "number of items"),
        ({"act": "pause", "alias": "A9"}, "nobody with this alias"),
        ({"act": "pause", "alias": "C1"}, "nobody to whom items are handed out"),
    ],
)
def test_what_cannot_be_decided_is_refused(
    carol: Client, study: Study, sent: dict[str, str], message: str
) -> None:
    make_member(study, "Alice")
    response = carol.post(url(study), sent)
    assert response.status_code == 422
    assert message in text_of(response)
    assert not study.memberships.exclude(quota=None, paused_at=None).exists()


def test_nobody_is_paused_in_a_closed_study(client: Client) -> None:
    study = closed(rated(1))
    carol = as_carol(client, study)
    assert 'value="pause"' not in carol.get(url(study)).content.decode()
    assert carol.post(url(study), {"act": "pause", "alias": "A1"}).status_code == 422


def test_annotators_of_the_study_reach_none_of_this(client: Client, study: Study) -> None:
    alice = make_member(study, "Alice").user
    assert alice
    answer = sign_in(client, alice).post(url(study), {"act": "quota", "alias": "A1", "quota": "1"})
    assert answer.status_code == 404
    assert study.memberships.get(alias="A1").quota is None


def test_the_coordinator_keeps_what_raters_state_of_their_expertise(carol: Client, study: Study) -> None:
    alice = make_member(study, "Alice")
    said = {"act": "expertise", "alias": alice.alias, "expertise": "Judge, <twenty> years"}
    page = carol.post(url(study), said, follow=True)
    assert "What is stated of the expertise of A1 is kept." in text_of(page)
    assert 'value="Judge, &lt;twenty&gt; years"' in page.content.decode()
    alice.refresh_from_db()
    assert alice.expertise == "Judge, <twenty> years"
    assert last_event(study) == ("member.expertise_stated", {"alias": "A1"})


def test_expertise_that_is_too_long_is_refused_in_words(carol: Client, study: Study) -> None:
    make_member(study, "Alice")
    answer = carol.post(url(study), {"act": "expertise", "alias": "A1", "expertise": "x" * 201})
    assert answer.status_code == 422
    assert "at most 200 characters" in text_of(answer)
