"""The agreement pages: words, figures, detail, download; never by model."""

import csv
import io
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import agreement
from ihlannotate.web.coordinate.methods import FILE, document
from tests.factory import make_study
from tests.pipeline.rated import N, P, R, rated_study
from tests.web.coordinators import as_carol, counted_queries, rated, text_of

pytestmark = pytest.mark.django_db

TABLE = [[R, R, R]] * 6 + [[N, N, N]] * 5 + [[R, P, R], [P, N, ""], [R, "", ""]]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return rated_study(tmp_path, TABLE)


@pytest.fixture
def carol(client: Client, study: Study) -> Client:
    return as_carol(client, study)


def overview(study: Study) -> str:
    return reverse("coordinate:agreement", args=[study.slug])


def detail(study: Study, key: str = "refusal") -> str:
    return reverse("coordinate:criterion", args=[study.slug, key])


def test_the_sentence_comes_before_the_figures(carol: Client, study: Study) -> None:
    page = text_of(carol.get(overview(study)))
    found = agreement(study, keys=["refusal"], detail=False).criteria[0].reliability
    alpha = found.krippendorff_alpha
    assert alpha.value
    assert alpha.low
    assert alpha.high
    figure = f"{alpha.value:.2f} [{alpha.low:.2f}, {alpha.high:.2f}] n=13"
    assert page.index("(Krippendorff’s α ") < page.rindex(figure)
    assert "Gwet’s AC1" in page
    assert "Fleiss’ κ" in page


def test_a_conditional_question_says_when_it_was_asked(client: Client) -> None:
    study = rated(items=4, apart=1)
    as_carol(client, study)
    for url in (overview(study), detail(study, "helpfulness")):
        assert "Asked where “Did the model refuse?” is Refused or Partly refused" in text_of(
            client.get(url)
        ), url


def test_what_is_undefined_says_why(carol: Client, study: Study) -> None:
    assert "Agreement can’t be measured yet: no unit has two annotations" in text_of(
        carol.get(overview(study))
    )


def test_a_very_common_level_is_pointed_out(client: Client, tmp_path: Path) -> None:
    study = rated_study(tmp_path, [[R, R]] * 19 + [[R, N]])
    page = text_of(as_carol(client, study).get(overview(study)))
    assert "97.5% of the annotations are “refused”" in page


def test_the_detail_shows_levels_pairs_and_everybody_left_out(carol: Client, study: Study) -> None:
    page = text_of(carol.get(detail(study)))
    assert "R1 – R2" in page
    assert "R2 – R3" in page
    assert "n=13" in page
    found = agreement(study, keys=["refusal"]).criteria[0]
    for alias, alpha in found.without:
        assert alpha.value is not None
        assert f"{alias} {alpha.value:.2f} [" in page


def test_the_detail_shows_how_each_annotator_used_the_levels(carol: Client, study: Study) -> None:
    page = text_of(carol.get(detail(study)))
    assert "R2 46.2% 7.7% 46.2% 13" in page  # 6 of 13 refused, 1 partly, 6 not


@pytest.mark.parametrize("key", ["comment", "nothing"])
def test_a_question_without_levels_has_no_detail(carol: Client, study: Study, key: str) -> None:
    assert carol.get(detail(study, key)).status_code == 404


def test_the_pages_cost_the_same_however_many_ratings(client: Client, tmp_path: Path) -> None:
    small = rated_study(tmp_path, TABLE, slug="small")
    large = rated_study(tmp_path, TABLE * 4, slug="large")
    as_carol(client, small)
    as_carol(client, large)
    for address in (overview, detail):
        with counted_queries() as few:
            client.get(address(small))
        with counted_queries() as many:
            client.get(address(large))
        assert len(many) == len(few)


def test_the_download_has_every_figure_in_full(carol: Client, study: Study) -> None:
    response = carol.get(reverse("coordinate:agreement_csv", args=[study.slug]))
    assert response["Content-Disposition"] == 'attachment; filename="refusals-agreement.csv"'
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    found = {(row["criterion"], row["statistic"], row["of"]): row for row in rows}
    alpha = found["refusal", "Krippendorff's alpha", ""]
    one = agreement(study, keys=["refusal"]).criteria[0]
    assert float(alpha["value"]) == one.reliability.krippendorff_alpha.value
    assert float(alpha["low"]) == one.reliability.krippendorff_alpha.low
    assert found["refusal", "Cohen's kappa of two", "R1 and R2"]["n"] == "13"
    undefined = found["helpfulness", "Krippendorff's alpha", ""]
    assert (undefined["value"], undefined["note"]) == ("", "no unit has two annotations")


def test_every_what_is_this_leads_to_a_heading_of_the_methods(client: Client) -> None:
    _html, _headings = document(FILE.read_text("utf-8"))
    templates = Path(FILE).parent.parent / "templates" / "coordinate"
    asked = {
        piece.split('"')[1]
        for file in templates.rglob("*.html")
        for piece in file.read_text("utf-8").split('_what.html" with anchor=')[1:]
    }
    asked = {one for one in asked if one}
    assert len(asked) > 10
    for anchor in asked:
        assert f'id="{anchor}"' in _html, anchor


def test_the_methods_are_there_for_everybody_who_is_signed_in(client: Client) -> None:
    as_carol(client, make_study())
    page = client.get(reverse("coordinate:methods"))
    assert '<h2 id="krippendorffs-α">' in page.content.decode()
    assert '<a href="#krippendorffs-α">' in page.content.decode()
