"""Judges held against gold: what is said without a release, the figures, the sentence, the warning."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from ihlannotate.models.study import Study
from ihlannotate.pipeline.annotating import import_ratings
from ihlannotate.pipeline.importing import import_run
from ihlannotate.pipeline.judging import (
    FIGURE_HEADER,
    CriterionValidation,
    Said,
    save_verdicts,
    validate_judge,
)
from ihlannotate.pipeline.judging.conclusions import Conclusion, conclusion, summary
from ihlannotate.pipeline.lifecycle import unblind_study
from ihlannotate.pipeline.releasing import release_gold
from ihlannotate.pipeline.reporting.judge_plots import parts_of
from ihlannotate.pipeline.reporting.words import judge_reading
from ihlannotate.stats.alternative import AltTest
from ihlannotate.stats.estimate import Estimate
from tests.commands.running import said as run_command
from tests.factory import make_study
from tests.files import ratings_file, run_file, run_rows
from tests.pipeline.rated import N, P, R, close, rate, rated_study
from tests.web.coordinators import as_carol, counted_queries, text_of

pytestmark = pytest.mark.django_db

TABLE = [[R, R, R]] * 20 + [[N, N, N]] * 9 + [[P, P, R], [R, N, N], [R, P, N]]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return judged(rated_study(tmp_path, TABLE))


def judged(study: Study) -> Study:
    """The Heron says of every response what its first annotator says, but for a mistake and one that is no level."""
    table = TABLE * (study.responses.count() // len(TABLE))
    said = [Said(number, f"r{number}", row[0]) for number, row in enumerate(table)]
    said[0] = Said(0, "r0", N)
    said[1] = Said(1, "r1", "perhaps")
    save_verdicts(study, said, judge="Heron", criterion="refusal", actor=None)
    return study


@pytest.fixture
def carol(client: Client, study: Study) -> Client:
    return as_carol(client, study)


def page_of(study: Study) -> str:
    return reverse("coordinate:judge", args=[study.slug, study.judges.get().pk])


def test_without_a_judge_the_page_says_how_to_bring_one(client: Client) -> None:
    study = make_study()
    page = text_of(as_carol(client, study).get(reverse("coordinate:judges", args=[study.slug])))
    assert "manage.py import_verdicts refusals" in page


def test_the_list_counts_verdicts_and_those_that_could_not_be_parsed(carol: Client, study: Study) -> None:
    page = text_of(carol.get(reverse("coordinate:judges", args=[study.slug])))
    assert "Heron" in page
    assert "Did the model refuse? 32 1" in page


@pytest.mark.parametrize("shut", [False, True])
def test_without_a_release_the_page_says_what_to_do(carol: Client, study: Study, shut: bool) -> None:
    if shut:
        close(study)
    for url in (page_of(study), reverse("coordinate:judges", args=[study.slug])):
        page = text_of(carol.get(url))
        assert "no gold release" in page
        assert ("Release gold labels" if shut else "Close the study") in page


@pytest.fixture
def found(study: Study) -> CriterionValidation:
    close(study)
    release_gold(study, actor=None)
    return validate_judge(study, "Heron").criteria[0]


def test_the_figures_are_those_of_the_report(carol: Client, study: Study, found: CriterionValidation) -> None:
    page = text_of(carol.get(page_of(study)))
    assert "Held against gold release 1" in page
    assert (
        "Items with gold and a verdict 31 Unparsed verdicts among them 1 Verdicts without a gold label 1"
        in page
    )
    accuracy = found.report.accuracy
    assert accuracy.value is not None
    assert f"{accuracy.value * 100:.1f}%" in page
    assert found.report.cohen_kappa.value is not None
    assert f"{found.report.cohen_kappa.value:.2f} [" in page


def test_the_confusion_matrix_has_gold_in_rows_and_a_column_for_unparsed(
    carol: Client, study: Study, found: CriterionValidation
) -> None:
    page = text_of(carol.get(page_of(study)))
    assert "Gold Refused Partly refused Not refused Unparsed All" in page
    rows = found.report.confusion.matrix
    assert f"Refused {' '.join(map(str, rows[0]))} {sum(rows[0])}" in page
    assert rows[0] == (18, 0, 1, 1)


def test_the_cells_where_judge_and_gold_agree_are_framed(
    carol: Client, study: Study, found: CriterionValidation
) -> None:
    matrix = carol.get(page_of(study)).context["validations"][0].confusion
    assert [[cell.agrees for cell in row.cells] for row in matrix] == [
        [True, False, False, False],
        [False, True, False, False],
        [False, False, True, False],
    ]
    assert matrix[0].cells[0].shade == 9


def test_the_ceiling_and_each_annotator_stand_beside_the_judge(
    carol: Client, study: Study, found: CriterionValidation
) -> None:
    page = text_of(carol.get(page_of(study)))
    assert "Annotators, mean" in page
    assert "Judge minus annotators" in page
    for alias in ("R1", "R2", "R3"):
        assert f"{alias} " in page


def test_another_studys_judge_does_not_exist(client: Client, study: Study) -> None:
    other = make_study(slug="other", rubric="default")
    as_carol(client, other)
    url = reverse("coordinate:judge", args=[other.slug, study.judges.get().pk])
    assert client.get(url).status_code == 404


def test_nothing_is_told_by_model(carol: Client, study: Study, found: CriterionValidation) -> None:
    assert "Aster-1" not in carol.get(page_of(study)).content.decode()


def test_the_pages_cost_the_same_however_many_verdicts(client: Client, tmp_path: Path) -> None:
    counts: dict[str, list[int]] = {"list": [], "judge": []}
    for slug, times in (("small", 1), ("large", 3)):
        study = close(judged(rated_study(tmp_path, TABLE * times, slug=slug)))
        release_gold(study, actor=None)
        as_carol(client, study)
        for name, url in (("list", reverse("coordinate:judges", args=[slug])), ("judge", page_of(study))):
            with counted_queries() as queries:
                client.get(url)
            counts[name].append(len(queries))
    assert counts["list"][0] == counts["list"][1]
    assert counts["judge"][0] == counts["judge"][1]


GOOD = Estimate(0.6, 0.4, 0.8)
NONE_SHOWN = Estimate(0.0, -0.1, 0.1)
UNTESTED = AltTest(0.2, None, None, 1, None, "not computed", ())
PASSED = AltTest(0.2, 1.0, 0.9, 3, True, "", ())
FAILED = AltTest(0.2, 0.0, 0.2, 3, False, "", ())


def reading(
    found: CriterionValidation,
    *,
    n: int = 100,
    kappa: Estimate = GOOD,
    test: AltTest = UNTESTED,
    difference: Estimate = NONE_SHOWN,
) -> str:
    changed = replace(
        found,
        report=replace(found.report, n=n, cohen_kappa=kappa),
        alt_test=test,
        ceiling=replace(found.ceiling, accuracy_difference=difference),
    )
    return judge_reading(changed).text


def test_the_sentence_follows_the_stated_rule(found: CriterionValidation) -> None:
    assert "Too few items" in reading(found, n=29, test=PASSED)
    assert "only by chance" in reading(found, kappa=Estimate(0.3, 0.0, 0.6), test=PASSED)
    assert "only by chance" in reading(found, kappa=Estimate.undefined("no variation"), test=PASSED)
    assert "may stand in" in reading(found, test=PASSED, difference=Estimate(-0.3, -0.4, -0.2))
    assert "can’t stand in" in reading(found, test=FAILED, difference=Estimate(0.3, 0.2, 0.4))
    assert "less accurate" in reading(found, difference=Estimate(-0.3, -0.4, -0.2))
    assert "more accurate" in reading(found, difference=Estimate(0.3, 0.2, 0.4))
    assert "No difference" in reading(found)
    assert "nobody to compare" in reading(found, difference=Estimate.undefined("no annotators"))


def concluded(found: CriterionValidation, title: str, test: AltTest) -> tuple[str, Conclusion]:
    decided = conclusion(title, n=100, kappa=GOOD, test=test, difference=NONE_SHOWN)
    return title, decided


def test_one_sentence_gathers_all_questions(found: CriterionValidation) -> None:
    refusal, help_, law = (
        concluded(found, title, test) for title, test in (("A?", PASSED), ("B?", FAILED), ("C?", UNTESTED))
    )
    assert summary([refusal, help_]) == "The judge may replace one annotator for “A?”; not for “B?”."
    assert (
        summary([help_, law]) == "The judge may not replace an annotator for “B?”; for “C?” it is not shown."
    )
    assert summary([refusal, law, help_]).endswith("not for “B?”; for “C?” it is not shown.")
    assert summary([law, ("D?", law[1])]).endswith("may replace an annotator for “C?”, “D?”.")
    assert summary([]) == ""


def test_the_sentence_stands_on_the_page_and_in_the_json(
    carol: Client, study: Study, found: CriterionValidation
) -> None:
    report = validate_judge(study, "Heron")
    assert report.conclusion == "The judge may replace one annotator for “Did the model refuse?”."
    assert str(report.conclusion) in text_of(carol.get(page_of(study)))
    answer = report.as_dict()
    assert answer["conclusion"] == report.conclusion
    assert answer["criteria"]["refusal"]["conclusion"] == found.conclusion.as_dict()
    assert found.conclusion.sentence in text_of(carol.get(page_of(study)))


def test_parts_of_the_study_are_drawn_and_tabled(
    carol: Client, study: Study, found: CriterionValidation
) -> None:
    response = carol.get(page_of(study))
    page = text_of(response)
    assert "By tier of the gold label" in page
    assert "By model" not in page
    (tiers,) = [one for one in response.context["validations"][0].parts if one.title.startswith("By tier")]
    assert sum(part.n for _name, part in tiers.rows) == found.report.n
    assert tiers.rows[0][0] == "Unanimous"


def test_many_parts_of_a_kind_are_folded_and_the_table_is_whole(found: CriterionValidation) -> None:
    (one, *_others) = found.slices
    many = tuple(replace(one, kind="category", name=f"Kind {n}") for n in range(15))
    (part,) = parts_of(replace(found, slices=many))
    assert part.rest is not None
    assert ("Kind 11" in part.plot.inline, "Kind 12" in part.plot.inline) == (True, False)
    assert ("Kind 11" in part.rest.inline, "Kind 12" in part.rest.inline) == (False, True)
    assert len(part.rows) == 15
    (few,) = parts_of(replace(found, slices=many[:12]))
    assert few.rest is None


def test_where_the_corrections_disagree_every_page_and_the_command_say_so(
    client: Client, tmp_path: Path
) -> None:
    """Gold has as many refusals as not, and the judge errs on one in 20 of it; elsewhere it sees no refusal at all."""
    study = rated_study(tmp_path, [[R, R]] * 80 + [[N, N]] * 80 + [["", ""]] * 40)
    said = [N] * 4 + [R] * 80 + [N] * 116
    save_verdicts(
        study,
        [Said(at, f"r{at}", value) for at, value in enumerate(said)],
        judge="Heron",
        criterion="refusal",
        actor=None,
    )
    release_gold(close(study), actor=None)
    unblind_study(study, reason="To publish.", actor=None)
    carol = as_carol(client, study)
    assert "On “Refused” the two corrections disagree" in text_of(carol.get(page_of(study)))
    findings = text_of(carol.get(reverse("coordinate:findings", args=[study.slug])))
    assert "“Refused”: the two corrections disagree, their intervals do not meet" in findings
    assert "On “Partly refused” the two corrections disagree" not in text_of(carol.get(page_of(study)))
    lines = run_command("findings", study.slug, "--replicates", 20)
    assert "warning: the intervals of the two corrections do not meet" in lines


def test_models_and_conditions_are_named_once_the_study_is_unblinded(client: Client, tmp_path: Path) -> None:
    study = judged(rated_study(tmp_path, TABLE))
    rows = [{**row, "id": f"s{row['id']}"} for row in run_rows(4)]
    import_run(study, run_file(tmp_path / "second.csv", rows, model="Borealis-2"), actor=None)
    answers = [{"id": row["id"], "a": R, "b": R, "c": R} for row in rows]
    file = ratings_file(tmp_path / "second-ratings.csv", answers)
    import_ratings(study, file, annotators={"a": "R1", "b": "R2", "c": "R3"}, actor=None)
    said = [Said(at, str(row["id"]), R) for at, row in enumerate(rows)]
    save_verdicts(study, said, judge="Heron", criterion="refusal", actor=None)
    release_gold(close(study), actor=None)
    carol = as_carol(client, study)
    sealed = [carol.get(url).content.decode() for url in (page_of(study), csv_of(study))]
    unblind_study(study, reason="To publish.", actor=None)
    told = [carol.get(url).content.decode() for url in (page_of(study), csv_of(study))]
    for before, after in zip(sealed, told, strict=True):
        assert "Borealis-2" not in before
        assert "Borealis-2" in after


def csv_of(study: Study) -> str:
    return reverse("coordinate:judge_csv", args=[study.slug, study.judges.get().pk])


def test_every_figure_can_be_had_as_csv(carol: Client, study: Study, found: CriterionValidation) -> None:
    rows = list(csv.reader(carol.get(csv_of(study)).content.decode().splitlines()))
    assert tuple(rows[0]) == FIGURE_HEADER
    accuracy = next(row for row in rows if row[1] == "accuracy")
    assert float(accuracy[4]) == found.report.accuracy.value


def test_without_a_release_there_is_no_csv(carol: Client, study: Study) -> None:
    assert carol.get(csv_of(study)).status_code == 404


def test_the_page_tells_what_the_judge_is_and_how_its_labels_were_read(carol: Client, study: Study) -> None:
    assert "Not stated" in text_of(carol.get(page_of(study)))
    study.judges.update(settings={"model": "Curlew", "prompt hash": "ab12"})
    page = text_of(carol.get(page_of(study)))
    assert "model Curlew prompt hash ab12" in page
    assert "Did the model refuse? “not_refused” read as Not refused" in page
    assert "perhaps" not in page


def test_verdicts_on_a_question_that_does_not_apply_are_counted_apart(client: Client, tmp_path: Path) -> None:
    study = rated_study(tmp_path, [[R, R], [N, N], [N, R]])
    rate(study, tmp_path, [["1", "1"], ["", ""], ["", "2"]], criterion="helpfulness")
    said = [Said(number, f"r{number}", "1") for number in range(3)]
    save_verdicts(study, said, judge="Heron", criterion="helpfulness", actor=None)
    release_gold(close(study), actor=None)
    page = text_of(as_carol(client, study).get(page_of(study)))
    assert "Verdicts without a gold label 1 Of these, where the question does not apply by gold 1" in page
