"""A release's page, its datasheet as files, what is new in it, and the models behind its posteriors."""

import csv
import io
import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from ihlannotate.models.gold import GoldRelease
from ihlannotate.models.provenance import Origin
from ihlannotate.models.study import Study
from ihlannotate.pipeline.founding import state_expertise
from ihlannotate.pipeline.releasing import document, release_gold
from ihlannotate.stats.calibration import LEAST
from tests.factory import make_user
from tests.pipeline.rated import N, P, R, close, rate, rated_study, settle
from tests.web.coordinators import as_carol, sign_in, text_of, words_of

pytestmark = pytest.mark.django_db
TABLE = [(R, R, R), (R, R, N), (R, P, N), (N, N, N), (N, "", "")]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = close(rated_study(tmp_path, TABLE))
    release_gold(study, actor=make_user("Carol"))
    return study


@pytest.fixture
def carol(client: Client, study: Study) -> Client:
    return as_carol(client, study)


def url(study: Study, name: str = "release", *args: object) -> str:
    return reverse(f"coordinate:{name}", args=[study.slug, *(args or (1,))])


def test_a_releases_page_says_what_came_with_it(carol: Client, study: Study) -> None:
    release = GoldRelease.objects.get()
    page = text_of(carol.get(url(study)))
    assert release.sha256 in page
    assert f"event {release.parameters['audit']['number']}," in page
    assert f"{release.method}, {release.seed}" in page
    assert "Known limits" in page
    assert "annotator, ratings imported" in page


def test_the_datasheet_on_the_page_has_no_style_and_stays_below_the_pages_heading(
    carol: Client, study: Study
) -> None:
    html = carol.get(url(study)).content.decode()
    assert "style=" not in html
    assert len(re.findall("<h1", html)) == 1
    assert '<td class="num">' in html


def test_what_somebody_stated_of_themselves_is_shown_as_text(carol: Client, study: Study) -> None:
    said = "<b>Judge</b> & [clerk](https://example.org) | *x* <img src=x>"
    state_expertise(member=study.memberships.get(alias="R1"), text=said, actor=None)
    release_gold(study, actor=None)
    page = carol.get(url(study, "release", 2)).content.decode()
    file = carol.get(url(study, "datasheet", 2, "html")).content.decode()
    for html in (page, file):
        assert "<img" not in html
        assert 'href="https://example.org' not in html
        assert said in words_of(html[html.index("Who rated") :])


@pytest.mark.parametrize(("suffix", "kind"), [("md", "text/markdown"), ("html", "text/html")])
def test_the_datasheet_is_a_file_in_two_formats(carol: Client, study: Study, suffix: str, kind: str) -> None:
    file = carol.get(url(study, "datasheet", 1, suffix))
    assert file["Content-Type"] == f"{kind}; charset=utf-8"
    assert file["Content-Disposition"] == f'attachment; filename="refusals-release-1.datasheet.{suffix}"'
    release = GoldRelease.objects.get()
    for said in (release.sha256, "Known limits", "refusals, release 1"):
        assert said in file.content.decode()
    if suffix == "md":
        assert file.content.decode() == document(release)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("release", (2,)),
        ("datasheet", (1, "pdf")),
        ("datasheet", (2, "md")),
        ("changes", (1, 1)),
        ("changes", (1, 2)),
        ("changes_csv", (2, 1)),
        ("model", (1, "comment")),
        ("model", (1, "helpfulness")),
    ],
)
def test_what_there_is_not_does_not_exist(
    carol: Client, study: Study, name: str, args: tuple[object, ...]
) -> None:
    assert carol.get(url(study, name, *args)).status_code == 404


def test_releases_are_for_coordinators_alone(client: Client, study: Study) -> None:
    release_gold(study, actor=None)
    for name, args in (
        ("release", (1,)),
        ("datasheet", (1, "md")),
        ("changes", (2, 1)),
        ("changes_csv", (2, 1)),
        ("model", (1, "refusal")),
    ):
        assert client.get(url(study, name, *args)).status_code == 302
        assert sign_in(Client(), make_user("Erik")).get(url(study, name, *args)).status_code == 404


def test_a_second_release_shows_what_is_new_since_the_first(
    carol: Client, study: Study, tmp_path: Path
) -> None:
    settle(study, tmp_path, {"r2": P})
    release_gold(study, actor=None)
    code = Origin.objects.get(external_id="r2").response.code
    page = text_of(carol.get(url(study, "changes", 2, 1)))
    assert f"{code} Did the model refuse? – contested Partly refused adjudicated adjudicated since" in page
    assert "0 → 1 1 → 0" in page
    for place in (reverse("coordinate:gold", args=[study.slug]), url(study, "release", 2)):
        assert url(study, "changes", 2, 1) in carol.get(place).content.decode()


def test_what_is_new_tells_which_questions_apply_no_longer(
    client: Client, study: Study, tmp_path: Path
) -> None:
    other = rated_study(tmp_path, [(R, R)], slug="other")
    rate(other, tmp_path, [("1", "1")], criterion="helpfulness")
    release_gold(close(other), actor=None)
    settle(other, tmp_path, {"r0": N})
    release_gold(other, actor=None)
    page = text_of(as_carol(client, other).get(url(other, "changes", 2, 1)))
    assert "Question Unanimous Majority Adjudicated Contested Single Does not apply" in page
    assert "Bare unanimous – does not apply the question no longer applies" in page


def test_what_is_new_is_a_table_to_download(carol: Client, study: Study, tmp_path: Path) -> None:
    settle(study, tmp_path, {"r2": P})
    release_gold(study, actor=None)
    file = carol.get(url(study, "changes_csv", 2, 1))
    assert file["Content-Disposition"] == 'attachment; filename="refusals-release-1-to-2.csv"'
    rows = list(csv.DictReader(io.StringIO(file.content.decode())))
    assert [list(row.values())[1:] for row in rows] == [
        ["refusal", "", "contested", P, "adjudicated", "adjudicated"]
    ]


def test_two_equal_releases_say_that_they_are(carol: Client, study: Study) -> None:
    release_gold(study, actor=None)
    page = text_of(carol.get(url(study, "changes", 2, 1)))
    assert "they have one SHA-256" in page
    assert "No label has another level or tier" in page


def test_the_models_page_shows_each_annotators_errors_under_the_alias(carol: Client, study: Study) -> None:
    html = carol.get(url(study, "model", 1, "refusal")).content.decode()
    assert html.count("<figure") == 3
    for alias in ("R1", "R2", "R3"):
        assert alias in html
    assert "true level" in html
    page = text_of(carol.get(url(study, "model", 1, "refusal")))
    assert re.search(r"Of 22 starts “[\w ]+” was kept", page)


def test_the_models_page_says_plainly_that_calibration_is_not_known(carol: Client, study: Study) -> None:
    page = text_of(carol.get(url(study, "model", 1, "refusal")))
    assert "Not known: too few responses were adjudicated" in page
    assert "Items with a known outcome: 0; calibration is reported from 50 on." in page


def test_with_enough_adjudications_the_reliability_curve_is_drawn(client: Client, tmp_path: Path) -> None:
    study = rated_study(tmp_path, [(R, R, R)] * LEAST + [(N, N, N)] * 10)
    settle(study, tmp_path, {f"r{n}": N if n % 5 == 0 else R for n in range(LEAST)})
    release_gold(close(study), actor=None)
    response = as_carol(client, study).get(url(study, "model", 1, "refusal"))
    page = text_of(response)
    assert "The stated probabilities are off by 20.0 points on average" in page
    assert "80.0%" in page
    assert response.content.decode().count("<figure") == 4


def test_no_model_stands_on_these_pages(carol: Client, study: Study) -> None:
    for name, args in (("release", (1,)), ("datasheet", (1, "html")), ("model", (1, "refusal"))):
        assert "Aster-1" not in carol.get(url(study, name, *args)).content.decode()
