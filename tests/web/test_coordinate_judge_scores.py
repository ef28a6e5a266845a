"""The page of a judge's scores: what they are worth in a sentence, curves, tables, maps and tables as files."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ihlannotate.models.study import Study
from ihlannotate.pipeline.judging.scores import judge_scores
from ihlannotate.pipeline.reporting.score_tables import SHOWN
from ihlannotate.pipeline.reporting.score_words import measure_words, score_sentence
from ihlannotate.web.coordinate.judge_scores import TABLES_OF_SCORES
from tests.factory import make_member, make_user
from tests.pipeline.rated import N, P, R
from tests.pipeline.scored import Score, scored_study, told
from tests.web.coordinators import as_carol, sign_in, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return scored_study(tmp_path)


@pytest.fixture
def carol(client: Client, study: Study) -> Client:
    return as_carol(client, study)


def page_of(study: Study, name: str = "judge_scores", **more: str) -> str:
    return reverse(
        f"coordinate:{name}",
        kwargs={"slug": study.slug, "pk": study.judges.get().pk, "key": "refusal", **more},
    )


def file_of(study: Study, part: str, format: str = "csv") -> str:
    table = f"judge-{study.judges.get().pk}-refusal-{part}"
    return reverse("coordinate:table", args=[study.slug, table, format])


def test_the_first_sentence_follows_the_rule(carol: Client, study: Study) -> None:
    page = text_of(carol.get(page_of(study)))
    assert score_sentence(judge_scores(study, "Heron", "refusal"), "Refused") in page
    assert "the first of the rubric that becomes likelier" in page
    assert "Responses with gold and a score 90" in page
    assert "Unparsed verdicts among those with gold and a score 1" in page


def test_there_is_a_curve_before_and_after_each_map(carol: Client, study: Study) -> None:
    shown = carol.get(page_of(study)).context
    assert [plot.title.partition(":")[0] for plot in shown["curves"]] == [
        "Scores as they are",
        "Isotonic map, other prompts",
        "Platt map, other prompts",
    ]
    assert shown["plot"].title.startswith("Accuracy is highest, 90.0%, at a threshold of ")


def test_level_and_measure_can_be_chosen(carol: Client, study: Study) -> None:
    page = text_of(carol.get(page_of(study), {"level": N, "measure": "youden"}))
    assert "held against “Not refused”, as you chose" in page
    assert "no better than chance" in page
    assert carol.get(page_of(study), {"measure": "youden"}).context["report"].choice.measure == "youden"
    assert carol.get(page_of(study), {"measure": "luck"}).status_code == 404
    assert carol.get(page_of(study), {"level": "maybe"}).status_code == 404


def test_a_stated_level_leaves_nothing_to_choose(client: Client, tmp_path: Path) -> None:
    study = scored_study(tmp_path, settings={"score_of": R})
    carol = as_carol(client, study)
    page = carol.get(page_of(study))
    assert "as was stated with the judge" in text_of(page)
    assert 'name="level"' not in page.content.decode()
    assert "were stated to be of" in text_of(carol.get(page_of(study), {"level": P}))
    assert carol.get(page_of(study, "judge_map"), {"level": P}).status_code == 404


def test_a_map_is_downloaded_as_the_verb_gives_it(carol: Client, study: Study) -> None:
    for method in ("isotonic", "platt"):
        response = carol.get(page_of(study, "judge_map"), {"method": method})
        assert json.loads(response.content) == judge_scores(study, "Heron", "refusal").map_dict(method)
        assert f"-refusal-{method}.json" in response["Content-Disposition"]
    assert carol.get(page_of(study, "judge_map"), {"method": "guess"}).status_code == 404


def test_tables_are_files_with_every_threshold(carol: Client, study: Study) -> None:
    response = carol.get(file_of(study, "thresholds"))
    rows = list(csv.reader(io.StringIO(response.content.decode())))
    report = judge_scores(study, "Heron", "refusal")
    assert [float(row[0]) for row in rows[1:]] == report.choice.thresholds.tolist()
    assert report.choice.best is not None
    assert [float(row[0]) for row in rows if row[-1] == "best"] == [report.choice.best.at]
    assert len(rows) - 1 > SHOWN


def test_every_table_of_the_page_is_offered_and_there_both_ways(carol: Client, study: Study) -> None:
    page = carol.get(page_of(study)).content.decode()
    links = re.findall(r'href="([^"]*/tables/[^"]*)"', page)
    assert {link.split("?")[0] for link in links} == {
        file_of(study, part, format) for part in TABLES_OF_SCORES for format in ("csv", "tex")
    }
    for link in links:
        assert carol.get(link.replace("&amp;", "&")).status_code == 200, link
    assert carol.get(file_of(study, "bins", "xlsx")).status_code == 404
    assert carol.get(file_of(study, "bins").replace("refusal", "helpfulness")).status_code == 404
    assert carol.get(file_of(study, "bins").replace("judge-", "judge-9")).status_code == 404
    assert carol.get(file_of(study, "bins"), {"level": "maybe"}).status_code == 404


def test_a_file_is_of_the_level_and_measure_that_were_chosen(carol: Client, study: Study) -> None:
    chosen = {"level": N, "measure": "mcc"}
    page = carol.get(page_of(study), chosen).content.decode()
    link = next(one for one in re.findall(r'href="([^"]*)"', page) if "thresholds.csv" in one)
    header = next(csv.reader(io.StringIO(carol.get(link.replace("&amp;", "&")).content.decode())))
    assert measure_words("mcc") in header
    assert "“Not refused”" in carol.get(file_of(study, "decisions", "tex"), chosen).content.decode()


@pytest.mark.parametrize(
    ("score", "more", "said"),
    [
        (lambda _number: 0.5, {}, "the judge gives one score only"),
        (told, {"n": 30}, "calibration is reported from 50 on"),
        (told, {"gold": lambda _number: True}, "gold is all of one label"),
        (told, {"prompt": "One request, which the law forbids."}, "one prompt only"),
        (lambda number: 9 * told(number), {}, "scores lie outside 0 to 1"),
        (lambda number: (number * 37 % 90) / 90, {}, "“Refused”"),
    ],
    ids=["one score", "few", "one label", "one prompt", "no probabilities", "chance"],
)
def test_bad_scores_are_shown_with_the_reason(
    client: Client,
    tmp_path: Path,
    score: Score,
    more: dict[str, Any],
    said: str,
) -> None:
    study = scored_study(tmp_path, score, **more)
    page = as_carol(client, study).get(page_of(study))
    assert page.status_code == 200
    assert said in text_of(page)


def test_there_is_no_table_of_bins_where_there_are_none(client: Client, tmp_path: Path) -> None:
    study = scored_study(tmp_path, n=30)
    carol = as_carol(client, study)
    assert "The curves as a table" not in text_of(carol.get(page_of(study)))
    assert carol.get(file_of(study, "bins")).status_code == 404


def test_where_there_is_no_map_its_file_is_refused_with_the_reason(client: Client, tmp_path: Path) -> None:
    study = scored_study(tmp_path, lambda number: 0.5)
    refused = as_carol(client, study).get(page_of(study, "judge_map"))
    assert refused.status_code == 409
    assert "the judge gives one score only" in text_of(refused)


def test_links_to_files_carry_what_was_chosen(carol: Client, study: Study) -> None:
    page = carol.get(page_of(study), {"level": N, "measure": "mcc"}).content.decode()
    assert "decisions.csv?level=not_refused&amp;measure=mcc" in page


def test_without_scores_or_a_release_there_is_nothing_to_show(client: Client, tmp_path: Path) -> None:
    study = scored_study(tmp_path, lambda number: "" if number else 0.5, release=False)
    carol = as_carol(client, study)
    assert "There is no gold release" in text_of(carol.get(page_of(study)))
    assert carol.get(page_of(study, "judge_map")).status_code == 404
    other = reverse("coordinate:judge_scores", args=[study.slug, study.judges.get().pk, "helpfulness"])
    assert carol.get(other).status_code == 404


def test_annotators_get_nothing_of_it(client: Client, study: Study) -> None:
    make_member(study, "Alice")
    alice = sign_in(client, make_user("Alice"))
    for url in (page_of(study), page_of(study, "judge_map"), file_of(study, "bins")):
        assert alice.get(url).status_code in (403, 404)
