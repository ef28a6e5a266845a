"""The list of studies and founding one."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from ihlannotate.models.event import Event
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.annotating import withdraw
from tests.factory import SMALL_RUBRIC, make_member, make_study, make_user
from tests.web.coordinators import as_carol, counted_queries, rated, sign_in, text_of

pytestmark = pytest.mark.django_db

SAID = {
    "title": "Second study",
    "slug": "second",
    "overlap": "3",
    "epsilon": "0.15",
    "guidelines": "Read twice.",
}


def test_the_list_holds_the_studies_that_i_coordinate(client: Client) -> None:
    study = rated()
    make_study(slug="foreign", title="Somebody else's")
    as_carol(client, study)
    said = text_of(client.get(reverse("coordinate:studies")))
    assert "Refusals under humanitarian law" in said
    assert "8 of 8" in said
    assert "Somebody else" not in said


def test_what_was_taken_back_does_not_count_as_done(client: Client) -> None:
    study = rated()
    withdraw(study.memberships.get(user__name="Alice"))
    assert "7 of 8" in text_of(as_carol(client, study).get(reverse("coordinate:studies")))


def test_the_list_costs_the_same_however_many_studies(client: Client) -> None:
    as_carol(client, make_study())
    with counted_queries() as few:
        client.get(reverse("coordinate:studies"))
    for number in range(4):
        make_member(make_study(slug=f"s{number}"), "Carol")
    with counted_queries() as many:
        client.get(reverse("coordinate:studies"))
    assert len(many) == len(few)


def test_without_a_study_the_list_says_what_to_do(client: Client) -> None:
    sign_in(client, make_user("Root", is_superuser=True))
    response = client.get(reverse("coordinate:studies"))
    assert "No study yet" in text_of(response)
    assert reverse("coordinate:found") in response.content.decode()


@pytest.mark.parametrize("name", ["studies", "found"])
def test_annotators_neither_list_nor_found_studies(client: Client, name: str) -> None:
    make_member(make_study(), "Alice")
    sign_in(client, make_user("Alice"))
    assert client.get(reverse(f"coordinate:{name}")).status_code == 403
    assert client.post(reverse("coordinate:found"), SAID).status_code == 403
    assert Study.objects.count() == 1


def test_who_founds_a_study_coordinates_it(client: Client) -> None:
    as_carol(client, make_study())
    response = client.post(reverse("coordinate:found"), SAID)
    study = Study.objects.get(slug="second")
    assert response["Location"] == reverse("coordinate:study", args=["second"])
    assert (study.overlap, study.epsilon, study.guidelines) == (3, 0.15, "Read twice.")
    assert study.rubric.name == "ihl-refusal"
    assert study.memberships.get().role == Membership.Role.COORDINATOR
    assert Event.objects.get(study=study, verb="study.founded").actor == make_user("Carol")


def test_a_rubric_can_be_brought_along(client: Client) -> None:
    as_carol(client, make_study(slug="first", rubric="default"))
    file = SimpleUploadedFile("rubric.yaml", SMALL_RUBRIC.encode())
    client.post(reverse("coordinate:found"), {**SAID, "rubric": file})
    assert Study.objects.get(slug="second").rubric.name == "small"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"name: x", "version"),
        (b"\tname: x", "rubric"),
    ],
)
def test_a_rubric_that_cannot_be_read_says_why(client: Client, content: bytes, message: str) -> None:
    as_carol(client, make_study())
    response = client.post(
        reverse("coordinate:found"), {**SAID, "rubric": SimpleUploadedFile("rubric.yaml", content)}
    )
    assert response.status_code == 422
    assert message in text_of(response)
    assert not Study.objects.filter(slug="second").exists()


@pytest.mark.parametrize(
    "wrong", [{"slug": "refusals"}, {"slug": "No Spaces"}, {"overlap": "0"}, {"epsilon": "1"}, {"title": ""}]
)
def test_what_cannot_be_founded_is_said_beside_what_was_written(
    client: Client, wrong: dict[str, str]
) -> None:
    as_carol(client, make_study())
    response = client.post(reverse("coordinate:found"), SAID | wrong)
    assert response.status_code == 422
    assert "Read twice." in response.content.decode()
    assert Study.objects.count() == 1


def test_the_first_page_leads_to_founding_for_those_who_may(client: Client) -> None:
    make_member(make_study(), "Dana")
    link = reverse("coordinate:found")
    assert link not in sign_in(client, make_user("Dana")).get(reverse("home")).content.decode()
    root = make_user("Root", is_superuser=True)
    assert link in sign_in(client, root).get(reverse("home")).content.decode()
    assert link in as_carol(client, Study.objects.get()).get(reverse("home")).content.decode()
