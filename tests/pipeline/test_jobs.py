"""Long work behind a page: its progress, its end and its failure are there to be read afterwards."""

import datetime
import io
from pathlib import Path

import pytest
from django.core.files.base import File
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django import DjangoCaptureOnCommitCallbacks

from ihlannotate.models.item import Response
from ihlannotate.models.job import Job
from ihlannotate.models.provenance import ImportedFile
from ihlannotate.models.study import Study
from ihlannotate.pipeline import jobs
from ihlannotate.pipeline.importing import runs
from ihlannotate.pipeline.lifecycle import close_study
from ihlannotate.pipeline.refusals import Refused
from tests.factory import make_study, make_user, open_with
from tests.files import run_rows, write_csv

pytestmark = pytest.mark.django_db
State = Job.State


@pytest.fixture
def study() -> Study:
    return make_study()


def received(study: Study, path: Path, rows: list[dict[str, object]] | None = None) -> Job:
    """An upload of Carol's whose columns are confirmed."""
    content = write_csv(path / "upload.csv", rows or run_rows(3)).read_bytes()
    job = jobs.receive_run(
        study, file=File(io.BytesIO(content)), name="../Run 1.CSV", user=make_user("Carol")
    )
    jobs.describe(job, model=" Aster-1 ", condition="", mapping={})
    return job


def work(job: Job) -> Job:
    """Queue the job and do what a worker does."""
    jobs.queue(job)
    return _work(job)


def _work(job: Job) -> Job:
    jobs.work.func(job.pk)
    return Job.objects.get(pk=job.pk)


def test_an_upload_waits_until_its_columns_are_confirmed(study: Study, tmp_path: Path) -> None:
    job = received(study, tmp_path)
    assert (job.state, job.file_name) == (State.RECEIVED, "../Run 1.CSV")
    assert Path(job.file.path).name == f"{job.code}.csv"
    assert not Response.objects.exists()


def test_an_import_ends_with_its_report(study: Study, tmp_path: Path) -> None:
    job = work(received(study, tmp_path))
    assert (job.state, job.message) == (State.DONE, "")
    assert (job.result["responses_new"], job.result["runs"][0]["model"]) == (3, "Aster-1")
    assert job.finished_at is not None
    assert ImportedFile.objects.get().imported_by == job.user


def test_a_queued_job_is_handed_to_the_worker_when_its_page_is_saved(
    study: Study, tmp_path: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    job = received(study, tmp_path)
    with django_capture_on_commit_callbacks(execute=True):
        jobs.queue(job)
    assert DBTaskResult.objects.get().args_kwargs["args"] == [job.pk]


def test_an_import_says_how_far_it_is(study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "BATCH", 2)
    work(received(study, tmp_path, run_rows(5)))
    job = Job.objects.get()
    assert (job.step, job.done, job.total) == ("Saving responses", 5, 5)


def test_a_refused_import_says_why_and_can_be_tried_again(study: Study, tmp_path: Path) -> None:
    job = work(received(study, tmp_path, [{**run_rows(1)[0], "prompt": ""}]))
    assert job.state == State.FAILED
    assert "nothing was imported" in job.message
    (problem,) = job.result["problems"]
    assert (problem["row"], problem["column"]) == (2, "prompt")
    assert not Response.objects.exists()
    with Path(job.file.path).open("wb") as stream:
        stream.write((write_csv(tmp_path / "mended.csv", run_rows(2))).read_bytes())
    again = work(job)
    assert (again.state, again.result["responses_new"]) == (State.DONE, 2)


def test_whatever_goes_wrong_the_job_says_that_it_failed(study: Study, tmp_path: Path) -> None:
    job = received(study, tmp_path)
    jobs.queue(job)
    Job.objects.filter(pk=job.pk).update(parameters=["nobody writes a list"])
    with pytest.raises(AttributeError):
        jobs.work.func(job.pk)
    job = Job.objects.get()
    assert job.state == State.FAILED
    assert "stopped unexpectedly" in job.message
    assert jobs.may_start(job)


def test_a_job_at_work_is_not_started_twice(study: Study, tmp_path: Path) -> None:
    job = received(study, tmp_path)
    jobs.queue(job)
    with pytest.raises(Refused, match="under way"):
        jobs.queue(job)


def test_a_job_that_is_done_is_not_done_again(study: Study, tmp_path: Path) -> None:
    job = work(received(study, tmp_path))
    with pytest.raises(Refused, match="under way"):
        jobs.queue(job)
    before = Job.objects.values().get()
    _work(job)
    assert Job.objects.values().get() == before


def test_a_job_whose_worker_fell_silent_can_be_started_again(study: Study, tmp_path: Path) -> None:
    job = received(study, tmp_path)
    jobs.queue(job)
    silent = timezone.now() - jobs.SILENCE - datetime.timedelta(seconds=1)
    Job.objects.update(state=State.RUNNING, touched_at=silent)
    assert work(Job.objects.get()).state == State.DONE


def test_an_import_into_an_open_study_lays_out_its_slots(study: Study, tmp_path: Path) -> None:
    open_with(study, 1)
    work(received(Study.objects.get(), tmp_path))
    assert Response.objects.filter(position=None).count() == 0


def test_an_import_into_a_study_that_closed_meanwhile_fails(study: Study, tmp_path: Path) -> None:
    open_with(study, 1)
    job = received(study, tmp_path)
    jobs.queue(job)
    close_study(study, actor=None)
    assert "is closed" in _work(job).message


def test_an_export_leaves_its_files_and_no_others(study: Study, tmp_path: Path) -> None:
    work(received(study, tmp_path))
    job = jobs.queue_export(study, what="all", format="csv", user=make_user("Carol"))
    job = _work(job)
    assert job.state == State.DONE
    names = list(job.result["files"])
    assert "refusals-all-items.csv" in names
    assert all(jobs.export_file(job, name) for name in names)
    assert jobs.export_file(job, "../../db.sqlite3") is None


def test_an_upload_can_be_discarded_while_nothing_came_of_it(study: Study, tmp_path: Path) -> None:
    job = received(study, tmp_path)
    path = Path(job.file.path)
    jobs.discard(job)
    assert not path.exists()
    assert not Job.objects.exists()
    done = work(received(study, tmp_path))
    with pytest.raises(Refused, match="can't be discarded"):
        jobs.discard(done)
