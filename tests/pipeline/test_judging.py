"""Verdicts: kept as they were given, counted both ways, held against gold and never part of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from ihlannotate.models.event import Event
from ihlannotate.models.judge import Judge, Verdict
from ihlannotate.models.provenance import Origin
from ihlannotate.models.study import Study
from ihlannotate.pipeline.importing import import_run
from ihlannotate.pipeline.judging import (
    CriterionValidation,
    ImportedVerdicts,
    VerdictFile,
    import_verdicts,
    judges_of,
    validate_judge,
)
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.releasing import release_gold
from tests.files import ratings_file, run_file, run_rows
from tests.pipeline.rated import N, R, close, rated_study

pytestmark = pytest.mark.django_db
TABLE = [(R, R), (R, R), (N, N), (N, N), (R, N), (R, R)]
SAID = {"r0": R, "r1": N, "r2": N, "r3": "I can't tell", "r4": R}


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return rated_study(tmp_path, TABLE)


def do(study: Study, path: Path, said: dict[str, str], **more: dict[str, str]) -> ImportedVerdicts:
    """Import verdicts (external id -> verdict), with `scores` and `values` where given."""
    scores = more.get("scores", {})
    rows = [{"id": key, "verdict": one, "p": scores.get(key, "")} for key, one in said.items()]
    return _import(study, path, rows, more.get("values", {}))


def _import(
    study: Study, path: Path, rows: list[dict[str, str]], values: dict[str, str], judge: str = "Judge-1"
) -> ImportedVerdicts:
    file = VerdictFile(
        ratings=ratings_file(path / "v.csv", rows, values=values), verdict="verdict", score="p"
    )
    return import_verdicts(study, file, judge=judge, actor=None)


def refusal(study: Study, path: Path, rows: list[dict[str, str]]) -> Refused:
    before = [Judge.objects.count(), Verdict.objects.count(), Event.objects.count()]
    with pytest.raises(Refused) as refused:
        _import(study, path, rows, {}, judge="Judge-2")
    assert [Judge.objects.count(), Verdict.objects.count(), Event.objects.count()] == before
    return refused.value


def validated(study: Study, path: Path) -> CriterionValidation:
    do(study, path, SAID)
    release_gold(close(study), actor=None)
    return validate_judge(study, "Judge-1", replicates=20).criteria[0]


def test_verdicts_that_are_no_level_are_kept_as_they_were_given(study: Study, tmp_path: Path) -> None:
    report = do(study, tmp_path, SAID)
    assert (report.verdicts_new, report.unparsed, report.unchanged, report.empty) == (5, 1, 0, 0)
    unparsed = Verdict.objects.get(value="")
    assert unparsed.raw == "I can't tell"


def test_the_same_verdicts_again_change_nothing(study: Study, tmp_path: Path) -> None:
    do(study, tmp_path, SAID)
    again = do(study, tmp_path, SAID)
    assert (again.verdicts_new, again.unparsed, again.unchanged) == (0, 0, 5)
    assert Verdict.objects.count() == 5
    assert Event.objects.filter(verb="verdicts.imported").count() == 1


def test_their_labels_are_translated_and_their_own_words_kept(study: Study, tmp_path: Path) -> None:
    do(study, tmp_path, {"r0": "1_no"}, values={"1_no": R})
    assert Verdict.objects.values_list("value", "raw").get() == (R, "1_no")


def test_an_empty_cell_is_no_verdict(study: Study, tmp_path: Path) -> None:
    assert do(study, tmp_path, {"r0": R, "r1": " "}).empty == 1
    assert Verdict.objects.count() == 1


def test_scores_are_kept(study: Study, tmp_path: Path) -> None:
    do(study, tmp_path, {"r0": R, "r1": R}, scores={"r0": "0.25"})
    assert sorted(Verdict.objects.values_list("score", flat=True), key=str) == [0.25, None]


@pytest.mark.parametrize("score", ["high", "nan", "inf"])
def test_a_score_that_is_no_number_is_refused_with_its_place(
    study: Study, tmp_path: Path, score: str
) -> None:
    rows = [{"id": "r0", "verdict": R, "p": "1"}, {"id": "r1", "verdict": R, "p": score}]
    (problem,) = refusal(study, tmp_path, rows).problems
    assert (problem.row, problem.column) == (3, "p")


def test_an_id_that_nobody_imported_is_refused_with_its_row(study: Study, tmp_path: Path) -> None:
    (problem,) = refusal(study, tmp_path, [{"id": "r9", "verdict": R, "p": ""}]).problems
    assert (problem.row, problem.column) == (2, "id")


def test_two_verdicts_on_one_id_in_one_file_are_a_conflict(study: Study, tmp_path: Path) -> None:
    rows = [{"id": "r0", "verdict": R, "p": ""}, {"id": "r0", "verdict": N, "p": ""}]
    (problem,) = refusal(study, tmp_path, rows).problems
    assert (problem.row, problem.column, problem.conflict) == (3, "verdict", True)


def test_another_verdict_than_before_is_a_conflict(study: Study, tmp_path: Path) -> None:
    do(study, tmp_path, SAID)
    with pytest.raises(Refused) as refused:
        do(study, tmp_path, {**SAID, "r5": R, "r0": N})
    assert [(one.row, one.conflict) for one in refused.value.problems] == [(2, True)]
    assert Verdict.objects.count() == 5


def test_an_id_of_two_runs_asks_whose(study: Study, tmp_path: Path) -> None:
    import_run(study, run_file(tmp_path / "b.csv", run_rows(1), model="Borealis-2"), actor=None)
    (problem,) = refusal(study, tmp_path, [{"id": "r0", "verdict": R, "p": ""}]).problems
    assert "--model NAME" in problem.message


@pytest.mark.parametrize("name", ["", " ", "j" * 201])
def test_a_judge_has_a_name(study: Study, tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match="Name the judge"):
        _import(study, tmp_path, [{"id": "r0", "verdict": R, "p": ""}], {}, judge=name)


def test_unparsed_verdicts_count_as_wrong_and_are_also_left_out(study: Study, tmp_path: Path) -> None:
    found = validated(study, tmp_path).report
    # r0 right, r1 wrong, r2 right, r3 unparsed; r4 is contested and has no gold, r5 has no verdict.
    assert (found.n, found.unparsed) == (4, 1)
    assert found.accuracy.value == pytest.approx(2 / 4)
    assert (found.parsed_only.n, found.parsed_only.accuracy.value) == (3, pytest.approx(2 / 3))


def test_contested_items_are_left_out_and_counted(study: Study, tmp_path: Path) -> None:
    assert validated(study, tmp_path).without_gold == 1


def test_unparsed_verdicts_have_a_column_of_their_own(study: Study, tmp_path: Path) -> None:
    found = validated(study, tmp_path).as_dict()["confusion"]
    assert found["labels"] == ["refused", "partly_refused", "not_refused"]
    assert found["columns"] == [*found["labels"], "unparsed"]
    assert found["matrix"] == [[1, 0, 1, 0], [0, 0, 0, 0], [0, 0, 1, 1]]


def test_a_report_is_plain_json(study: Study, tmp_path: Path) -> None:
    validated(study, tmp_path)
    report = validate_judge(study, "Judge-1", replicates=20)
    assert report.release == 1
    json.dumps(report.as_dict(), allow_nan=False)


def test_a_judge_is_held_against_the_latest_release(study: Study, tmp_path: Path) -> None:
    validated(study, tmp_path)
    release_gold(study, actor=None)
    assert validate_judge(study, "Judge-1", replicates=20).release == 2


def test_verdicts_leave_gold_alone(study: Study, tmp_path: Path) -> None:
    close(study)
    before = release_gold(study, actor=None)
    do(study, tmp_path, SAID)
    assert release_gold(study, actor=None).sha256 == before.sha256


def test_a_judge_that_agrees_with_nothing_rated_gives_reasons_instead_of_figures(
    study: Study, tmp_path: Path
) -> None:
    do(study, tmp_path, {"r4": R})
    release_gold(close(study), actor=None)
    found = validate_judge(study, "Judge-1", replicates=20).criteria[0].as_dict()
    assert found["n"] == 0
    assert found["accuracy"]["value"] is None
    assert found["accuracy"]["note"]
    json.dumps(found, allow_nan=False)


def test_without_release_or_judge_or_verdicts_there_is_nothing_to_validate(
    study: Study, tmp_path: Path
) -> None:
    with pytest.raises(Refused, match=r"no judge “Judge-1”\. Its judges: none yet"):
        validate_judge(study, "Judge-1")
    do(study, tmp_path, SAID)
    assert judges_of(study) == ["Judge-1"]
    with pytest.raises(Refused, match="no gold release"):
        validate_judge(study, "Judge-1")
    release_gold(close(study), actor=None)
    with pytest.raises(Refused, match=r"no verdicts on “helpfulness”\. It has some on: refusal"):
        validate_judge(study, "Judge-1", keys=["helpfulness"])


def state(study: Study, path: Path, rows: list[dict[str, str]], **more: Any) -> ImportedVerdicts:
    """Import verdicts with `settings` of the judge, a hash of each text, or scores that are probabilities."""
    settings = more.pop("settings", None)
    file = VerdictFile(ratings=ratings_file(path / "v.csv", rows), verdict="verdict", **more)
    return import_verdicts(study, file, judge="Judge-1", settings=settings, actor=None)


@pytest.mark.parametrize("score", ["-0.01", "1.01", "7"])
def test_a_probability_outside_0_to_1_is_refused_with_its_row(
    study: Study, tmp_path: Path, score: str
) -> None:
    rows = [{"id": "r0", "verdict": R, "p": "1"}, {"id": "r1", "verdict": R, "p": score}]
    with pytest.raises(Refused) as refused:
        state(study, tmp_path, rows, score="p", is_probability=True)
    (problem,) = refused.value.problems
    assert (problem.row, problem.column) == (3, "p")
    assert f"{score} is no probability" in problem.message
    assert state(study, tmp_path, rows, score="p").verdicts_new == 2


def test_a_judged_text_that_is_not_the_response_is_refused_with_its_row(study: Study, tmp_path: Path) -> None:
    hashes = dict(Origin.objects.values_list("external_id", "response__text_sha256"))
    rows = [{"id": key, "verdict": R, "sha": hashes[key].upper()} for key in ("r0", "r1")]
    wrong = [rows[0], rows[1] | {"sha": hashes["r0"]}]
    with pytest.raises(Refused) as refused:
        state(study, tmp_path, wrong, text_sha256="sha")
    (problem,) = refused.value.problems
    assert (problem.row, problem.column) == (3, "sha")
    assert "another text" in problem.message
    unstated = [*rows, {"id": "r2", "verdict": R, "sha": ""}]
    assert state(study, tmp_path, unstated, text_sha256="sha").verdicts_new == 3


def test_what_the_judges_labels_were_read_as_is_told_and_recorded(study: Study, tmp_path: Path) -> None:
    report = do(study, tmp_path, {"r0": "1_no", "r1": N, "r2": "hm"}, values={"1_no": R, "2_yes": N})
    assert report.mapping == report.as_dict()["mapping"] == {"1_no": R, N: N}
    assert Event.objects.get(verb="verdicts.imported").data["mapping"] == report.mapping


def test_settings_of_a_judge_are_stated_once_and_others_ask_for_another_name(
    study: Study, tmp_path: Path
) -> None:
    first, second = ([{"id": key, "verdict": R}] for key in ("r0", "r1"))
    stated = {"model": "Curlew", "prompt hash": "ab12"}
    state(study, tmp_path, first)
    state(study, tmp_path, second, settings=stated)
    state(study, tmp_path, second, settings=stated)
    assert Judge.objects.get().settings == stated
    with pytest.raises(
        Refused, match=r"other settings \(model=Curlew, prompt hash=ab12\)\. Give a new version"
    ):
        state(study, tmp_path, first, settings={"model": "Curlew 2"})
    state(study, tmp_path, first)
    assert Judge.objects.get().settings == stated
