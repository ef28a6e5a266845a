"""The agreement pages: words, figures, detail, download; never by model."""

import csv
import io
import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from ihlannotate.models.item import Prompt
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import agreement
from ihlannotate.pipeline.assigning import next_sheet
from ihlannotate.pipeline.importing import import_run
from ihlannotate.pipeline.lifecycle import open_study
from ihlannotate.readers.rubric import read_rubric
from ihlannotate.web.coordinate.methods import FILE, document
from tests.factory import make_member, make_study, open_with, rate_next
from tests.files import run_file, run_rows
from tests.pipeline.rated import N, P, R, close, rated_study
from tests.web.coordinators import NOT_REFUSED, as_carol, counted_queries, rated, text_of

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
    gwet = found.gwet_ac
    assert gwet.value
    assert gwet.low
    assert gwet.high
    assert f"{gwet.value:.2f} [{gwet.low:.2f}, {gwet.high:.2f}] AC1" in page
    assert "Fleiss’ κ" in page
    assert "1,000 bootstrap replicates" in page


def test_a_conditional_question_says_when_it_was_asked(client: Client) -> None:
    study = rated(items=4, apart=1)
    as_carol(client, study)
    for url in (overview(study), detail(study, "helpfulness")):
        assert "Asked where “Did the model refuse?” is “Refused” or “Partly refused”" in text_of(
            client.get(url)
        ), url


def test_what_is_undefined_says_why(carol: Client, study: Study) -> None:
    assert "Agreement can’t be measured yet: no unit has two annotations" in text_of(
        carol.get(overview(study))
    )


def test_a_very_common_level_is_pointed_out(client: Client, tmp_path: Path) -> None:
    study = rated_study(tmp_path, [[R, R]] * 19 + [[R, N]])
    page = text_of(as_carol(client, study).get(overview(study)))
    assert "97.5% of the annotations are “Refused”" in page


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


def test_a_sentence_says_what_the_figure_means_and_what_to_do(client: Client, tmp_path: Path) -> None:
    alike = rated_study(tmp_path, [[R, R], [N, N]] * 20 + [[R, N]], slug="alike")
    apart = rated_study(tmp_path, [[R, N], [N, R], [R, R]] * 8, slug="apart")
    as_carol(client, alike)
    as_carol(client, apart)
    page = text_of(client.get(overview(alike)))
    assert "Two annotators of one response gave the same answer in 97.6% of all cases." in page
    assert "What to do: nothing. Answers to this question can be relied on." in page
    assert "read the responses that divide annotators before you rely on any label" in text_of(
        client.get(overview(apart))
    )
    assert "What to do: don’t rely on single labels." in text_of(client.get(overview(close(apart))))


def test_whoever_agrees_least_and_what_is_confused_most_is_named(carol: Client, study: Study) -> None:
    page = text_of(carol.get(detail(study)))
    assert "Refused – Partly refused" in page
    assert "Furthest apart: R2 chose “Refused” in 46.2%, the others in" in page
    found = agreement(study, keys=["refusal"]).criteria[0]
    kappas = {(pair.a, pair.b): pair.cohen_kappa.value for pair in found.pairs}
    least, most = min(kappas, key=lambda one: kappas[one] or 0), max(kappas, key=lambda one: kappas[one] or 0)
    assert (
        f"{least[0]} and {least[1]} agree least (κ {kappas[least]:.2f}), {most[0]} and {most[1]} most" in page
    )


SETS = """
name: sets
version: "1.0"
criteria:
  - key: rules
    title: Which rules are concerned?
    kind: many
    required: true
    options:
      - {value: 1, label: One, help: The first.}
      - {value: 2, label: Two, help: The second.}
      - {value: 3, label: Three, help: The third.}
"""
PLOTS = ["levels", "use", "pairs", "without"]


def test_every_plot_can_be_downloaded_as_a_file(carol: Client, study: Study) -> None:
    addresses = [reverse("coordinate:agreement_svg", args=[study.slug])]
    addresses += [reverse("coordinate:criterion_svg", args=[study.slug, "refusal", name]) for name in PLOTS]
    page = carol.get(detail(study)).content.decode()
    for address in addresses:
        file = carol.get(address)
        assert file["Content-Type"].startswith("image/svg+xml")
        assert file["Content-Disposition"].startswith('attachment; filename="refusals-')
        assert file.content.startswith(b"<svg xmlns=")
        assert address == addresses[0] or f'href="{address}"' in page


@pytest.mark.parametrize("name", ["drift_levels", "repeats", "category", "nothing"])
def test_a_plot_of_nothing_is_no_file(carol: Client, study: Study, name: str) -> None:
    address = reverse("coordinate:criterion_svg", args=[study.slug, "refusal", name])
    assert carol.get(address).status_code == 404


def test_the_order_of_work_shows_in_thirds_and_repeats_as_agreement_with_oneself(client: Client) -> None:
    study = open_with(make_study(overlap=1, repeat_percent=20, attention_every=0), 42)
    alice = make_member(study, "Alice")
    for _number in range(20):
        rate_next(alice)
    while next_sheet(alice):
        rate_next(alice, NOT_REFUSED)
    as_carol(client, study)
    page = text_of(client.get(detail(study)))
    assert "“Not refused” is chosen more often as annotators go on" in page
    assert "Asked again without knowing it, annotators repeat their own answer in" in page
    assert re.search(r"100\.0% → \d+\.\d% → 0\.0%", page)
    for name in ("drift_levels", "repeats"):
        address = reverse("coordinate:criterion_svg", args=[study.slug, "refusal", name])
        assert client.get(address).status_code == 200


def test_parts_of_the_study_are_shown_with_what_they_rest_on(client: Client, tmp_path: Path) -> None:
    study = rated_study(tmp_path, TABLE)
    prompts = list(Prompt.objects.filter(study=study).order_by("pk").values_list("pk", flat=True))
    Prompt.objects.filter(pk__in=prompts[:7]).update(category="weapons", complexity="code")
    Prompt.objects.filter(pk__in=prompts[7:]).update(category="occupation", complexity="plain")
    as_carol(client, study)
    page = text_of(client.get(detail(study)))
    assert "By category" in page
    assert "weapons" in page
    assert "By complexity of the prompt" in page
    address = reverse("coordinate:criterion_svg", args=[study.slug, "refusal", "category"])
    assert b"occupation" in client.get(address).content


STATES = {
    "one annotator": [[R], [N]],
    "no unit rated twice": [[R, ""], ["", N]],
    "always the same": [[R, R], [R, R]],
    "one item": [[R, N]],
    "two items": [[R, N], [N, R]],
}


@pytest.mark.parametrize("state", STATES)
def test_thin_data_say_why_and_never_show_a_number_that_is_none(
    client: Client, tmp_path: Path, state: str
) -> None:
    study = rated_study(tmp_path, STATES[state])
    as_carol(client, study)
    for address in (overview(study), detail(study), detail(study, "helpfulness")):
        page = text_of(client.get(address))
        assert "What to do:" in page
        assert not re.search(r"\b(nan|inf|None)\b", page, re.IGNORECASE)
        assert "undefined: " in page


def test_sets_of_labels_have_a_page_with_masi(client: Client, tmp_path: Path) -> None:
    study = make_study(rubric=read_rubric(SETS), overlap=2)
    run = run_rows(4)
    import_run(study, run_file(tmp_path / "run.csv", run), actor=None)
    open_study(study, actor=None)
    for name, answers in (("Alice", ["1", "2"]), ("Bob", ["1"])):
        member = make_member(study, name)
        for number in range(4):
            rate_next(member, {"rules": answers if number else ["3"]})
    as_carol(client, study)
    page = text_of(client.get(detail(study, "rules")))
    assert "Krippendorff’s α (MASI distance)" in page
    assert "named exactly the same labels in" in page
    assert "Which rules are concerned?" in text_of(client.get(overview(study)))
    address = reverse("coordinate:criterion_svg", args=[study.slug, "rules", "levels"])
    assert b"Whole sets (MASI)" in client.get(address).content


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
    only = carol.get(reverse("coordinate:agreement_csv", args=[study.slug]) + "?criterion=refusal")
    assert {row["criterion"] for row in csv.DictReader(io.StringIO(only.content.decode()))} == {"refusal"}
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
