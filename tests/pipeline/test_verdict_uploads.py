"""A file of verdicts before its import: columns and labels recognised, what would come of it told, nothing saved."""

import io
from pathlib import Path

import pytest
from django.core.files.base import File

from ihlannotate.models.event import Event
from ihlannotate.models.job import Job
from ihlannotate.models.judge import Judge, Verdict
from ihlannotate.models.study import Study
from ihlannotate.pipeline import jobs
from ihlannotate.pipeline.importing import BATCH, import_run
from ihlannotate.pipeline.judging import (
    CheckedVerdicts,
    HowRead,
    Said,
    VerdictFile,
    check_verdicts,
    describe_verdicts,
    guess_verdict_columns,
    import_verdicts,
    labels_of,
    save_verdicts,
)
from ihlannotate.pipeline.refusals import Refused
from tests.factory import make_study, make_user
from tests.files import Cells, ratings_file, run_file, run_rows, write_csv

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Twelve responses, r0 to r11."""
    study = make_study()
    import_run(study, run_file(tmp_path / "run.csv", run_rows(12)), actor=None)
    return study


def said(number: object, label: str, **more: object) -> dict[str, object]:
    return {"id": f"r{number}", "says": label, **more}


def verdict_file(
    folder: Path,
    rows: list[dict[str, object]],
    *,
    score: str = "",
    text_sha256: str = "",
    is_probability: bool = False,
) -> VerdictFile:
    cells: list[Cells] = list(rows)
    ratings = ratings_file(folder / "verdicts.csv", cells)
    return VerdictFile(ratings, "says", score=score, text_sha256=text_sha256, is_probability=is_probability)


def checked(study: Study, file: VerdictFile, *, rows: int | None = None) -> CheckedVerdicts:
    return check_verdicts(study, file, judge="Heron", settings={}, rows=rows)


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        (("Item ID", "Label", "Why"), {"match": "Item ID", "verdict": "Label", "rationale": "Why"}),
        (("id", "Refusal", "reason", "p"), {"match": "id", "verdict": "Refusal", "rationale": "reason"}),
        (("verdict", "refusal", "probability"), {"verdict": "verdict", "score": "probability"}),
        (("text SHA-256", "x"), {"text_sha256": "text SHA-256"}),
    ],
)
def test_columns_are_recognised_by_their_names(columns: tuple[str, ...], found: dict[str, str]) -> None:
    assert guess_verdict_columns(columns, criterion="refusal") == found


def test_labels_are_read_as_the_levels_that_they_equal_but_for_case_and_punctuation(
    study: Study, tmp_path: Path
) -> None:
    labels = ["REFUSED", "Not refused", "partly-refused", "REFUSED", "no idea", "no idea", "no idea", ""]
    file = verdict_file(tmp_path, [said(number, label) for number, label in enumerate(labels)])
    assert [(one.text, one.count, one.level) for one in labels_of(study, file, judge="Heron")] == [
        ("REFUSED", 2, "refused"),
        ("Not refused", 1, "not_refused"),
        ("partly-refused", 1, "partly_refused"),
        ("no idea", 3, ""),
    ]


def test_a_label_is_read_as_it_was_when_the_same_judge_gave_it_before(study: Study, tmp_path: Path) -> None:
    before = [Said(1, "r0", "S"), Said(2, "r1", "refused")]
    save_verdicts(
        study,
        before,
        judge="Heron",
        criterion="refusal",
        values={"S": "refused", "refused": ""},
        actor=None,
    )
    file = verdict_file(tmp_path, [said(2, "S"), said(3, "refused")])
    assert {one.text: one.level for one in labels_of(study, file, judge="Heron")} == {
        "S": "refused",
        "refused": "",
    }
    assert {one.text: one.level for one in labels_of(study, file, judge="Egret")} == {
        "S": "",
        "refused": "refused",
    }


def test_a_check_tells_what_an_import_would_do_and_saves_nothing(study: Study, tmp_path: Path) -> None:
    save_verdicts(
        study, [Said(1, "r0", "S"), Said(2, "r1", "S")], judge="Heron", criterion="refusal", actor=None
    )
    before = (Verdict.objects.count(), Event.objects.count())
    rows = [
        said(0, "S", p="0.1"),  # there without a score: a conflict
        said(1, "S"),  # there
        said(2, "refused", p="0.5"),
        said(3, "no idea"),
        said(4, ""),
        said(5, "refused", p="1.5"),
        said(6, "refused", hash="0" * 64),
        said(77, "refused"),
        said(78, "refused"),
    ]
    rows = [{"p": "", "hash": "", **row} for row in rows]
    file = verdict_file(tmp_path, rows, score="p", text_sha256="hash", is_probability=True)
    found = checked(study, file)
    report, wrong = found.report, found.wrong
    assert (found.rows, found.more, found.matched) == (9, False, 3)
    assert (report.verdicts_new, report.unchanged, report.unparsed, report.empty) == (2, 1, 1, 1)
    assert (wrong.in_all, wrong.unmatched, wrong.conflicts) == (5, 2, 1)
    assert [(one.row, one.column) for one in wrong.problems if "no response" in str(one)] == [
        (9, "id"),
        (10, "id"),
    ]
    assert (Verdict.objects.count(), Event.objects.count()) == before


def test_a_check_of_a_judge_that_is_not_there_makes_none(study: Study, tmp_path: Path) -> None:
    assert checked(study, verdict_file(tmp_path, [said(0, "refused")])).report.verdicts_new == 1
    assert not Judge.objects.exists()


def test_a_check_of_the_first_rows_says_whether_there_are_more(study: Study, tmp_path: Path) -> None:
    rows = [said(number % 12, "refused") for number in range(BATCH + 1)]
    file = verdict_file(tmp_path, rows)
    assert (checked(study, file, rows=BATCH).rows, checked(study, file, rows=BATCH).more) == (BATCH, True)
    assert (checked(study, file).rows, checked(study, file).more) == (BATCH + 1, False)


def test_a_file_without_the_columns_is_refused(study: Study, tmp_path: Path) -> None:
    file = verdict_file(tmp_path, [said(0, "refused")], score="p")
    for look in (lambda: checked(study, file), lambda: labels_of(study, file, judge="Heron")):
        with pytest.raises(Refused, match="no such column"):
            look()


def test_unmatched_rows_are_named_up_to_the_limit_and_counted_in_all(study: Study, tmp_path: Path) -> None:
    rows = [said(number, "refused") for number in range(100, 170)]
    with pytest.raises(Refused) as refused:
        import_verdicts(study, verdict_file(tmp_path, rows), judge="Heron", actor=None)
    assert "70 rows have an id that no response bears." in refused.value.message
    assert "70 problems in all; the first 50 are listed" in refused.value.message
    assert [one.row for one in refused.value.problems] == list(range(2, 52))
    assert all(f"“r{100 + place}”" in one.message for place, one in enumerate(refused.value.problems))
    assert not Judge.objects.exists()


def test_a_conflict_is_found_beside_other_problems(study: Study, tmp_path: Path) -> None:
    save_verdicts(study, [Said(1, "r0", "refused")], judge="Heron", criterion="refusal", actor=None)
    file = verdict_file(tmp_path, [said(77, "refused"), said(0, "not_refused")])
    with pytest.raises(Refused) as refused:
        import_verdicts(study, file, judge="Heron", actor=None)
    assert [(one.row, one.conflict) for one in refused.value.problems] == [(2, False), (3, True)]


def uploaded(study: Study, folder: Path, rows: list[dict[str, object]]) -> Job:
    """An upload of Carol's, described and worked on."""
    cells: list[Cells] = list(rows)
    content = write_csv(folder / "upload.csv", cells).read_bytes()
    job = jobs.receive_verdicts(
        study,
        file=File(io.BytesIO(content)),
        name="verdicts.csv",
        judge="Heron",
        criterion="refusal",
        user=make_user("Carol"),
    )
    how = HowRead(
        columns={"match": "id", "verdict": "says"},
        settings={"model": "heron-2"},
        values={"S": "refused", "refused": ""},
    )
    describe_verdicts(job, how)
    jobs.queue(job)
    jobs.work.func(job.pk)
    return Job.objects.get()


def test_a_job_imports_verdicts_as_it_was_told(study: Study, tmp_path: Path) -> None:
    job = uploaded(study, tmp_path, [said(0, "S"), said(1, "refused"), said(2, "")])
    assert (job.state, job.step, job.done) == (Job.State.DONE, "Checking rows", 3)
    assert job.result == {
        "judge": "Heron",
        "criterion": "refusal",
        "verdicts_new": 2,
        "unchanged": 0,
        "unparsed": 1,
        "empty": 1,
        "mapping": {"S": "refused"},
    }
    assert dict(Verdict.objects.values_list("raw", "value")) == {"S": "refused", "refused": ""}
    assert Judge.objects.get().settings == {"model": "heron-2"}
    assert Event.objects.get(verb="verdicts.imported").actor_id == job.user_id


def test_a_job_that_is_refused_says_where(study: Study, tmp_path: Path) -> None:
    job = uploaded(study, tmp_path, [said(0, "S"), said(99, "S")])
    assert job.state == Job.State.FAILED
    assert [(one["row"], one["column"]) for one in job.result["problems"]] == [(3, "id")]
    assert not Judge.objects.exists()
