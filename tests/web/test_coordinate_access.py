"""Who may see the coordinators' pages: coordinators of that study, and nobody else."""

import pytest
from django.test import Client
from django.urls import reverse

from ihlannotate.models.study import Study
from ihlannotate.pipeline.jobs import queue_export
from tests.factory import make_member, make_study, make_user
from tests.web.coordinators import as_carol, rated, sign_in

pytestmark = pytest.mark.django_db

PAGES = [
    "study",
    "people",
    "runs",
    "progress",
    "agreement",
    "agreement_csv",
    "agreement_svg",
    "disagreements",
    "gold",
    "judges",
    "verdicts",
    "findings",
    "exports",
    "masking",
    "masking_hits",
    "guesses",
    "settings",
    "log",
]


def pages(study: Study) -> list[str]:
    """The address of every page of a study that needs no more than the study."""
    plain = [reverse(f"coordinate:{name}", args=[study.slug]) for name in PAGES]
    return [
        *plain,
        reverse("coordinate:act", args=[study.slug, "close"]),
        reverse("coordinate:criterion", args=[study.slug, "refusal"]),
        reverse("coordinate:criterion_svg", args=[study.slug, "refusal", "levels"]),
        reverse("coordinate:divided", args=[study.slug, "refusal"]),
    ]


def test_coordinators_see_every_page(client: Client) -> None:
    study = rated()
    as_carol(client, study)
    for url in pages(study):
        assert client.get(url).status_code == 200, url


def test_every_page_has_an_empty_state_in_a_new_study(client: Client) -> None:
    study = make_study()
    as_carol(client, study)
    for url in pages(study):
        assert client.get(url).status_code == 200, url


def test_strangers_are_asked_to_sign_in(client: Client) -> None:
    study = rated()
    for url in [*pages(study), reverse("coordinate:studies"), reverse("coordinate:methods")]:
        response = client.get(url)
        assert response.status_code == 302, url
        assert response["Location"].startswith(reverse("login")), url


@pytest.mark.parametrize("name", ["Alice", "Dana", "Erik"])
def test_annotators_adjudicators_and_outsiders_find_nothing(client: Client, name: str) -> None:
    study = rated()
    make_member(study, "Dana")
    sign_in(client, make_user(name))
    for url in pages(study):
        assert client.get(url).status_code == 404, url
        assert client.post(url).status_code in (404, 405), url


def test_coordinators_of_another_study_find_nothing(client: Client) -> None:
    study = rated()
    as_carol(client, make_study(slug="other", rubric="default"))
    for url in pages(study):
        assert client.get(url).status_code == 404, url


def test_a_job_belongs_to_its_study(client: Client) -> None:
    study, other = rated(), make_study(slug="other", rubric="default")
    as_carol(client, other)
    job = queue_export(study, what="all", format="csv", user=make_user("Erik"))
    for name, more in (("job", []), ("file", ["x.csv"]), ("columns", [])):
        url = reverse(f"coordinate:{name}", args=[other.slug, job.code, *more])
        assert client.get(url).status_code == 404, name


def test_superusers_coordinate_studies_in_which_they_have_no_role(client: Client) -> None:
    study = rated()
    root = make_user("Root", is_superuser=True)
    sign_in(client, root)
    assert client.get(reverse("coordinate:study", args=[study.slug])).status_code == 200
    make_member(study, "Root", role="annotator")
    assert client.get(reverse("coordinate:study", args=[study.slug])).status_code == 404


def test_forms_need_their_token() -> None:
    study = rated()
    client = as_carol(Client(enforce_csrf_checks=True), study)
    for url in (
        reverse("coordinate:act", args=[study.slug, "close"]),
        reverse("coordinate:people", args=[study.slug]),
        reverse("coordinate:runs", args=[study.slug]),
        reverse("coordinate:exports", args=[study.slug]),
        reverse("coordinate:found"),
    ):
        assert client.post(url).status_code == 403, url
    study.refresh_from_db()
    assert study.is_open
