"""Tables as files: each that a page offers is there, as CSV and LaTeX, and nobody else gets it, nor any too early."""

import csv
import io
import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import agreement
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.lifecycle import unblind_study
from ihlannotate.pipeline.releasing import release_gold
from tests.factory import make_member, make_user
from tests.pipeline.found import closed_study, judge
from tests.pipeline.rated import N, P, R, rated_study
from tests.web.coordinators import as_carol, closed, rated, sign_in, text_of

pytestmark = pytest.mark.django_db

LINK = re.compile(r'href="([^"]*/tables/[^"]*)"')
TABLE = [[R, R, R]] * 6 + [[N, N, N]] * 5 + [[R, P, R], [P, N, ""]]


def address(study: Study, table: str, format: str = "csv") -> str:
    return reverse("coordinate:table", args=[study.slug, table, format])


def pages_of(study: Study) -> list[str]:
    keys = [one.key for one in spec_of(study.rubric).criteria]
    judges = [reverse("coordinate:judge", args=[study.slug, one.pk]) for one in study.judges.all()]
    releases = [
        reverse("coordinate:release", args=[study.slug, one.number]) for one in study.gold_releases.all()
    ]
    plain = [reverse(f"coordinate:{name}", args=[study.slug]) for name in ("agreement", "gold", "findings")]
    detail = [reverse("coordinate:criterion", args=[study.slug, key]) for key in keys]
    return [*plain, *detail, *judges, *releases]


def links_on(carol: Client, page: str) -> list[str]:
    answer = carol.get(page)
    assert answer.status_code in (200, 404)
    return [one.replace("&amp;", "&") for one in LINK.findall(answer.content.decode())]


def check_files(carol: Client, study: Study) -> set[str]:
    """Every file that any page offers; the names of their tables."""
    links = {link for page in pages_of(study) for link in links_on(carol, page)}
    for link in links:
        answer = carol.get(link)
        assert answer.status_code == 200, link
        name = link.split("?")[0].rsplit("/", 1)[1]
        assert answer["Content-Disposition"] == f'attachment; filename="{study.slug}-{name}"'
        text = answer.content.decode()
        if name.endswith(".tex"):
            assert f"\\label{{tab:{name.removesuffix('.tex')}}}" in text
            assert answer["Content-Type"] == "application/x-tex; charset=utf-8"
        else:
            header, *rows = csv.reader(io.StringIO(text, newline=""))
            assert rows
            assert all(len(row) == len(header) for row in rows)
            assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return {link.split("?")[0].rsplit("/", 1)[1] for link in links}


def test_every_table_that_a_page_offers_is_there_both_ways(client: Client, tmp_path: Path) -> None:
    study = rated_study(tmp_path, TABLE)
    names = check_files(as_carol(client, study), study)
    assert {
        "agreement.csv",
        "agreement.tex",
        "agreement-refusal-levels.csv",
        "agreement-refusal-pairs.tex",
    } <= names
    assert {f"agreement-refusal-{one}.csv" for one in ("without", "use", "confused")} <= names
    assert not any(name.startswith(("gold", "judge", "findings")) for name in names)


def test_thirds_are_offered_of_what_was_rated_here(client: Client) -> None:
    study = rated(9)
    assert "agreement-refusal-thirds.csv" in check_files(as_carol(client, study), study)


def test_an_unblinded_study_offers_gold_judges_and_findings_too(client: Client, tmp_path: Path) -> None:
    study = closed_study(tmp_path)
    unblind_study(study, reason="To publish.", actor=None)
    names = check_files(as_carol(client, study), study)
    pk = study.judges.get().pk
    assert {
        "gold-tiers.csv",
        "gold-calibration.tex",
        f"judge-{pk}-refusal-confusion.csv",
        f"judge-{pk}-refusal-parts.tex",
        "findings-1-runs.csv",
        "findings-1-effects.tex",
        "findings-1-by-rule-group.csv",
    } <= names


def test_a_table_holds_the_figures_in_full(client: Client, tmp_path: Path) -> None:
    study = rated_study(tmp_path, TABLE)
    answer = as_carol(client, study).get(address(study, "agreement"))
    row = next(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))
    alpha = agreement(study, keys=["refusal"], detail=False).criteria[0].reliability.krippendorff_alpha
    assert float(row["Krippendorff’s α"]) == alpha.value
    assert float(row["Krippendorff’s α high"]) == alpha.high


def test_findings_have_no_table_before_unblinding(client: Client, tmp_path: Path) -> None:
    study = closed_study(tmp_path)
    carol = as_carol(client, study)
    for format in ("csv", "tex"):
        answer = carol.get(address(study, "findings-1-runs", format))
        assert answer.status_code == 409
        assert "Sealed until unblinding" in text_of(answer)
    pk = study.judges.get().pk
    parts = carol.get(address(study, f"judge-{pk}-refusal-parts"))
    assert parts.status_code == 200
    for secret in ("Aster", "Borealis", "safety"):
        assert secret not in parts.content.decode()


def test_findings_are_of_the_judge_that_the_page_shows(client: Client, tmp_path: Path) -> None:
    study = closed_study(tmp_path)
    judge(study, "refusal", {("Aster-1", "none"): "NNNNNNNNNN"}, name="Nay & Sayer")
    unblind_study(study, reason="To publish.", actor=None)
    carol = as_carol(client, study)
    page = reverse("coordinate:findings", args=[study.slug]) + "?judge=Nay+%26+Sayer"
    link = next(one for one in links_on(carol, page) if "findings-1-runs.csv" in one)
    first = next(csv.DictReader(io.StringIO(carol.get(link).content.decode(), newline="")))
    assert (first["Model"], first["Judge alone"]) == ("Aster-1", "0.0")


def test_a_release_page_offers_the_tables_of_that_release(client: Client, tmp_path: Path) -> None:
    study = closed(rated(4))
    for _ in range(2):
        release_gold(study, actor=None)
    carol = as_carol(client, study)
    page = reverse("coordinate:release", args=[study.slug, 1])
    tex = next(one for one in links_on(carol, page) if one.split("?")[0].endswith("gold-calibration.tex"))
    assert "Gold release 1." in carol.get(tex).content.decode()
    newest = carol.get(address(study, "gold-tiers", "tex"))
    assert "Gold release 2." in newest.content.decode()


@pytest.mark.parametrize(
    "name",
    [
        "agreement-nothing-levels",
        "agreement-refusal-nothing",
        "gold-tiers",
        "gold",
        "judge",
        "judge-1-refusal-figures",
        "judge-99999999999999999999-refusal-figures",
        "judge-x-refusal-figures",
        "nothing",
    ],
)
def test_what_is_not_there_is_not_found(client: Client, name: str) -> None:
    study = rated()
    assert as_carol(client, study).get(address(study, name)).status_code == 404


@pytest.mark.parametrize("release", ["7", "99999999999999999999", "x"])
def test_a_release_that_is_not_there_gives_no_table(client: Client, release: str) -> None:
    study = rated()
    answer = as_carol(client, study).get(f"{address(study, 'gold-tiers')}?release={release}")
    assert answer.status_code == 404


def test_there_is_no_third_format(client: Client) -> None:
    study = rated()
    assert as_carol(client, study).get(address(study, "agreement", "docx")).status_code == 404


def test_an_annotator_gets_no_table(client: Client) -> None:
    study = rated()
    alice = sign_in(client, make_user("Alice"))
    assert alice.get(address(study, "agreement")).status_code == 404
    make_member(study, "Carol")
    assert Client().get(address(study, "agreement")).status_code == 302
