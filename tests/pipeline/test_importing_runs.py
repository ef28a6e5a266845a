"""Importing runs: all of a file or nothing of it, once, with every problem in its place."""

from pathlib import Path
from typing import Any

import pytest

from ihlannotate.models.event import Event
from ihlannotate.models.item import Prompt, Response
from ihlannotate.models.provenance import ImportedFile, Origin, Run
from ihlannotate.models.study import Study
from ihlannotate.pipeline import importing
from ihlannotate.pipeline.importing import ImportReport, RunFile, import_run, match_responses, runs
from ihlannotate.pipeline.lifecycle import close_study
from ihlannotate.pipeline.refusals import Refused
from tests.factory import make_study, open_with
from tests.files import run_file, run_rows, write_csv

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    return make_study()


def do(study: Study, path: Path, rows: list[dict[str, Any]], **said: Any) -> ImportReport:
    return import_run(study, run_file(path / "run.csv", rows, **said), actor=None)


def refusal(study: Study, path: Path, rows: list[dict[str, Any]], **said: Any) -> Refused:
    """How the import was refused; it must have left nothing behind."""
    before = _everything()
    with pytest.raises(Refused) as refused:
        do(study, path, rows, **said)
    assert _everything() == before
    return refused.value


def _everything() -> list[int]:
    return [one.objects.count() for one in (Prompt, Response, Run, Origin, ImportedFile, Event)]


def test_a_file_becomes_prompts_responses_and_a_run(study: Study, tmp_path: Path) -> None:
    report = do(study, tmp_path, run_rows(3), model="Aster-1", condition="safety prompt")
    assert (report.prompts_new, report.responses_new, report.unchanged) == (3, 3, 0)
    assert [(one.model, one.condition, one.responses) for one in report.runs] == [
        ("Aster-1", "safety prompt", 3)
    ]
    origin = Origin.objects.get(external_id="r1")
    assert origin.run.code == report.runs[0].code
    assert origin.response.text == "I won't do that, number 1."
    assert origin.response.prompt.text == "Request number 1, which the law forbids."


def test_the_same_file_again_changes_nothing(study: Study, tmp_path: Path) -> None:
    first = do(study, tmp_path, run_rows(3))
    before = _everything()
    again = do(study, tmp_path, run_rows(3))
    assert (again.prompts_new, again.responses_new, again.unchanged) == (0, 0, 3)
    assert again.runs == first.runs
    assert _everything() == before


def test_a_longer_file_adds_only_what_is_new(study: Study, tmp_path: Path) -> None:
    do(study, tmp_path, run_rows(3))
    report = do(study, tmp_path, run_rows(5))
    assert (report.responses_new, report.unchanged) == (2, 3)


@pytest.mark.parametrize("column", ["prompt", "response"])
def test_an_id_with_another_text_than_in_the_study_is_a_conflict(
    study: Study, tmp_path: Path, column: str
) -> None:
    do(study, tmp_path, run_rows(3))
    rows = run_rows(5)
    rows[1][column] = "Something else."
    said = refusal(study, tmp_path, rows)
    (problem,) = said.problems
    assert problem.conflict
    assert problem.row == 3
    assert f"“r1” of Aster-1 is already in this study with another {column}" in problem.message


def test_an_id_with_two_texts_in_one_file_is_a_conflict(study: Study, tmp_path: Path) -> None:
    rows = [*run_rows(3), {**run_rows(1)[0], "response": "Something else."}]
    (problem,) = refusal(study, tmp_path, rows).problems
    assert (problem.row, problem.conflict) == (5, True)
    assert "already in row 2" in problem.message


def test_an_id_with_two_texts_far_apart_in_one_file_is_a_conflict(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "BATCH", 2)
    rows = [*run_rows(5), {**run_rows(1)[0], "response": "Something else."}]
    (problem,) = refusal(study, tmp_path, rows).problems
    assert (problem.row, problem.conflict) == (7, True)


def test_the_same_row_twice_in_one_file_is_one_response(study: Study, tmp_path: Path) -> None:
    report = do(study, tmp_path, [*run_rows(2), *run_rows(1)])
    assert (report.responses_new, report.unchanged) == (2, 1)


def test_one_bad_row_keeps_the_whole_file_out(study: Study, tmp_path: Path) -> None:
    rows = run_rows(4)
    rows[1]["prompt"] = " "
    rows[3]["id"] = ""
    said = refusal(study, tmp_path, rows)
    assert [(one.row, one.column) for one in said.problems] == [(3, "prompt"), (5, "id")]
    assert "run.csv: nothing was imported" in str(said)


def test_a_row_without_a_response_is_skipped_and_says_why(study: Study, tmp_path: Path) -> None:
    rows = [{**row, "error": ""} for row in run_rows(3)]
    rows[1] |= {"response": "", "error": "HTTP 500"}
    report = do(study, tmp_path, rows)
    assert [(one.row, one.external_id, one.reason) for one in report.skipped] == [
        (3, "r1", "error: HTTP 500")
    ]
    assert report.responses_new == 2
    assert importing.files_of(study)[0].skipped == tuple(report.skipped)


def test_nobody_names_the_model(study: Study, tmp_path: Path) -> None:
    (problem, *_) = refusal(study, tmp_path, run_rows(2), model="").problems
    assert problem.row == 2
    assert "nothing names the model" in problem.message


def test_a_file_may_hold_several_models_that_share_ids_and_prompts(study: Study, tmp_path: Path) -> None:
    rows = [*run_rows(2, model="Aster-1"), *run_rows(2, model="Borealis-2")]
    report = do(study, tmp_path, rows, model="")
    assert [(one.model, one.responses) for one in report.runs] == [("Aster-1", 2), ("Borealis-2", 2)]
    assert (report.prompts_new, report.responses_new) == (2, 4)
    assert len(match_responses(study, ["r0"])["r0"]) == 2
    assert len(match_responses(study, ["r0"], model="Borealis-2")["r0"]) == 1


def test_two_runs_share_their_prompts(study: Study, tmp_path: Path) -> None:
    do(study, tmp_path, run_rows(3), condition="none")
    report = do(study, tmp_path, run_rows(3), condition="safety prompt")
    assert (report.prompts_new, report.responses_new) == (0, 3)
    assert Prompt.objects.filter(study=study).count() == 3


def test_studies_share_nothing(study: Study, tmp_path: Path) -> None:
    do(study, tmp_path, run_rows(2))
    report = do(make_study(slug="other"), tmp_path, run_rows(2))
    assert (report.prompts_new, report.responses_new) == (2, 2)


def test_an_imported_model_is_masked_from_then_on(study: Study, tmp_path: Path) -> None:
    do(study, tmp_path, run_rows(1), model="Aster-1")
    do(Study.objects.get(pk=study.pk), tmp_path, run_rows(1), model="Borealis-2")
    do(study, tmp_path, run_rows(2), model="Aster-1")  # an instance that was read before Borealis-2 came
    words = Study.objects.get(pk=study.pk).masked_words.splitlines()
    assert words.count("Aster-1") == words.count("Borealis-2") == 1


def test_a_closed_study_takes_no_run_even_if_it_was_open_when_it_was_read(
    study: Study, tmp_path: Path
) -> None:
    open_with(study)
    stale = Study.objects.get(pk=study.pk)
    close_study(study, actor=None)
    assert "is closed" in str(refusal(stale, tmp_path, run_rows(1)))


def test_an_import_is_on_the_record_with_the_hash_of_its_file(study: Study, tmp_path: Path) -> None:
    do(study, tmp_path, run_rows(3))
    event = Event.objects.get(study=study, verb="run.imported")
    (kept,) = importing.files_of(study)
    assert event.data["sha256"] == kept.sha256 == importing.file_sha256(tmp_path / "run.csv")
    assert (kept.rows, kept.responses_new, kept.imported_by) == (3, 3, "command line")


def test_rows_without_an_id_column_are_numbered(study: Study, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "run.csv", [{"prompt": "One.", "response": "No."}])
    import_run(study, RunFile(path=path, name="run.csv", model="Aster-1"), actor=None)
    assert Origin.objects.get().external_id == "2"


def test_a_file_without_a_response_column_names_its_columns(study: Study, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "run.csv", [{"id": "1", "prompt": "One.", "text": "No."}])
    with pytest.raises(Refused, match=r"no column was recognised as the response.*“text”.*response=COLUMN"):
        import_run(study, RunFile(path=path, name="run.csv", model="Aster-1"), actor=None)


def test_a_mapping_says_what_a_column_means(study: Study, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "run.csv", [{"nr": "1", "asked": "One.", "said": "No."}])
    mapping = {"external_id": "nr", "prompt": "asked", "response": "said"}
    import_run(study, RunFile(path=path, name="run.csv", model="Aster-1", mapping=mapping), actor=None)
    assert Response.objects.get().text == "No."


def test_progress_counts_the_rows_it_checks_and_saves(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "BATCH", 2)
    seen: list[tuple[str, int, int]] = []
    file = run_file(tmp_path / "run.csv", run_rows(5))
    import_run(study, file, actor=None, progress=lambda *step: seen.append(step))
    assert seen == [
        ("Checking rows", 2, 0),
        ("Checking rows", 4, 0),
        ("Checking rows", 5, 5),
        ("Saving responses", 0, 5),
        ("Saving responses", 2, 5),
        ("Saving responses", 4, 5),
        ("Saving responses", 5, 5),
    ]
