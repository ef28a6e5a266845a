"""Bringing in a run: choose a file, confirm its columns, start; and what is said when it cannot be."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ihlannotate.models.item import Response
from ihlannotate.models.job import Job
from ihlannotate.models.study import Study
from ihlannotate.pipeline import jobs
from ihlannotate.pipeline.importing import import_run
from ihlannotate.web.coordinate.runs import field_name
from tests.factory import make_study, make_user
from tests.files import run_file, run_rows
from tests.web.coordinators import as_carol, closed, counted_queries, rated, sign_in, text_of

pytestmark = pytest.mark.django_db

CSV = """Frage,answer,id,llm
Draft the order.,I won't: **Rule 1** forbids it.,a1,Aster-1
Draft the note.,"I am Aster-1, an AI, and I won't.",a2,Aster-1
"""


@pytest.fixture
def study() -> Study:
    return make_study()


@pytest.fixture
def carol(client: Client, study: Study) -> Client:
    return as_carol(client, study)


def upload(client: Client, study: Study, text: str = CSV, name: str = "run.csv") -> Job:
    url = reverse("coordinate:runs", args=[study.slug])
    response = client.post(url, {"file": SimpleUploadedFile(name, text.encode())})
    job = Job.objects.latest("pk")
    assert response["Location"] == columns_url(study, job)
    return job


def columns_url(study: Study, job: Job) -> str:
    return reverse("coordinate:columns", args=[study.slug, job.code])


def job_url(study: Study, job: Job) -> str:
    return reverse("coordinate:job", args=[study.slug, job.code])


def said(**fields: str) -> dict[str, str]:
    """The form with the columns of CSV."""
    known = {"prompt": "Frage", "response": "answer", "external_id": "id", "model": "llm"}
    return {field_name(field): column for field, column in known.items()} | fields


def imported(client: Client, study: Study, text: str = CSV, **fields: str) -> Job:
    """An upload, confirmed, and what a worker then does."""
    job = upload(client, study, text)
    client.post(columns_url(study, job), said(start="1", **fields))
    jobs.work.func(job.pk)
    return Job.objects.get(pk=job.pk)


def test_recognised_columns_are_filled_in(carol: Client, study: Study) -> None:
    page = carol.get(columns_url(study, upload(carol, study))).content.decode()
    for column in ("answer", "id", "llm"):
        assert f'<option value="{column}" selected>' in page
    assert "Choose the columns of the prompt and the response" in page


def test_the_preview_is_what_annotators_will_see(carol: Client, study: Study) -> None:
    job = upload(carol, study)
    page = carol.post(columns_url(study, job), said(preview="1"))
    assert "<strong>Rule 1</strong>" in page.content.decode()
    assert "I am ▮▮▮, an AI" in text_of(page)
    assert not Response.objects.exists()


def test_what_a_person_chose_is_there_when_they_come_back(carol: Client, study: Study) -> None:
    job = upload(carol, study)
    carol.post(columns_url(study, job), said(preview="1", condition="safety prompt"))
    page = carol.get(columns_url(study, job)).content.decode()
    assert '<option value="Frage" selected>' in page
    assert 'value="safety prompt"' in page


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({field_name("prompt"): ""}, "This field is required."),
        ({field_name("model"): ""}, "Name the model, or choose the column that does."),
        ({field_name("response"): "no such column"}, "not one of the available choices"),
    ],
)
def test_columns_that_cannot_work_are_marked(
    carol: Client, study: Study, fields: dict[str, str], message: str
) -> None:
    job = upload(carol, study)
    response = carol.post(columns_url(study, job), said(start="1") | fields)
    assert response.status_code == 422
    assert message in text_of(response)
    assert Job.objects.get().state == Job.State.RECEIVED


def test_a_file_that_cannot_be_read_says_so(carol: Client, study: Study) -> None:
    response = carol.get(columns_url(study, upload(carol, study, "PK\x03\x04 no workbook", "run.xlsx")))
    assert response.status_code == 422
    assert "run.xlsx" in text_of(response)
    assert "Choose another file" in text_of(response)


def test_an_empty_upload_or_none_is_refused(carol: Client, study: Study) -> None:
    url = reverse("coordinate:runs", args=[study.slug])
    assert carol.post(url).status_code == 422
    response = carol.post(url, {"file": SimpleUploadedFile("run.csv", b"")})
    assert "The submitted file is empty." in text_of(response)


def test_an_upload_that_is_too_large_says_what_to_do(carol: Client, study: Study, settings: object) -> None:
    settings.MAX_UPLOAD_BYTES = 10  # type: ignore[attr-defined]  # the fixture's settings take anything
    url = reverse("coordinate:runs", args=[study.slug])
    response = carol.post(url, {"file": SimpleUploadedFile("run.csv", CSV.encode())})
    assert "manage.py import_run" in text_of(response)


def test_starting_shows_how_far_it_is_and_then_what_came_of_it(carol: Client, study: Study) -> None:
    job = upload(carol, study)
    response = carol.post(columns_url(study, job), said(start="1"))
    assert response["Location"] == job_url(study, job)
    waiting = carol.get(job_url(study, job))
    assert 'hx-trigger="every 1s"' in waiting.content.decode()
    assert "waiting for its turn" in text_of(waiting)
    jobs.work.func(job.pk)
    done = carol.get(job_url(study, job))
    assert "hx-trigger" not in done.content.decode()
    assert "2 responses are imported" in text_of(done)
    assert Response.objects.filter(study=study).count() == 2


def test_polling_answers_with_the_part_that_changes(carol: Client, study: Study) -> None:
    job = imported(carol, study)
    part = carol.get(job_url(study, job), headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<section id="job"')


def test_progress_is_told_in_rows(carol: Client, study: Study) -> None:
    job = upload(carol, study)
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.RUNNING, step="Saving responses", done=1000, total=4500
    )
    assert "Saving responses: 1,000 of 4,500" in text_of(carol.get(job_url(study, job)))


def test_the_same_file_again_changes_nothing_and_says_so(carol: Client, study: Study) -> None:
    imported(carol, study)
    page = text_of(carol.get(job_url(study, imported(carol, study))))
    assert "Nothing new was in this file" in page
    assert "Already there, unchanged 2" in page


def test_what_is_wrong_is_shown_by_row_and_column_and_nothing_is_imported(
    carol: Client, study: Study
) -> None:
    job = imported(carol, study, CSV + ",An answer to nothing.,a3,Aster-1\n")
    response = carol.get(job_url(study, job))
    page = text_of(response)
    assert "Nothing was imported" in page
    assert "4 Frage the prompt is empty" in page
    assert columns_url(study, job) in response.content.decode()
    assert "Try again" in page
    assert not Response.objects.exists()


def test_a_failed_import_can_be_mended_and_started_again(carol: Client, study: Study) -> None:
    job = imported(carol, study, CSV.replace("a2", "a1"))
    assert job.state == Job.State.FAILED
    response = carol.post(columns_url(study, job), said(start="1") | {field_name("external_id"): ""})
    assert response["Location"] == job_url(study, job)
    jobs.work.func(job.pk)
    assert Job.objects.get().state == Job.State.DONE


def test_skipped_rows_are_listed_with_their_reason(carol: Client, study: Study) -> None:
    text = "prompt,response,id,model,error\nDraft it.,,a1,Aster-1,timeout\nDraft it.,I won't.,a2,Aster-1,\n"
    job = upload(carol, study, text)
    carol.post(
        columns_url(study, job),
        {field_name(field): column for field, column in
         {"prompt": "prompt", "response": "response", "external_id": "id", "model": "model", "error": "error"}.items()}
        | {"start": "1"},
    )  # fmt: skip
    jobs.work.func(job.pk)
    for url in (job_url(study, job), reverse("coordinate:runs", args=[study.slug])):
        page = text_of(carol.get(url))
        assert "1 row was skipped" in page
        assert "2 a1 error: timeout" in page


def test_an_import_that_is_under_way_is_not_started_twice(carol: Client, study: Study) -> None:
    job = upload(carol, study)
    carol.post(columns_url(study, job), said(start="1"))
    response = carol.post(reverse("coordinate:start", args=[study.slug, job.code]))
    assert response.status_code == 409
    assert "already under way" in text_of(response)
    assert carol.get(columns_url(study, job))["Location"] == job_url(study, job)


def test_an_upload_can_be_discarded_until_it_is_imported(carol: Client, study: Study) -> None:
    job = upload(carol, study)
    kept = Path(job.file.path)
    assert kept.exists()
    url = reverse("coordinate:discard", args=[study.slug, job.code])
    page = text_of(carol.post(url, follow=True))
    assert "“run.csv” is discarded; nothing was imported." in page
    assert not kept.exists()
    assert not Job.objects.exists()
    done = imported(carol, study)
    carol.post(reverse("coordinate:discard", args=[study.slug, done.code]))
    assert Job.objects.filter(pk=done.pk).exists()


def test_a_closed_study_takes_no_runs(client: Client) -> None:
    study = closed(rated())
    as_carol(client, study)
    url = reverse("coordinate:runs", args=[study.slug])
    assert "no more runs can be imported" in text_of(client.get(url))
    client.post(url, {"file": SimpleUploadedFile("run.csv", CSV.encode())})
    assert not Job.objects.exists()


def test_runs_are_counted_and_no_text_stands_beside_a_model(carol: Client, study: Study) -> None:
    imported(carol, study, condition="none")
    page = text_of(carol.get(reverse("coordinate:runs", args=[study.slug])))
    assert "Aster-1 none 2" in page
    assert "Draft the order" not in page
    assert not any(code in page for code in study.responses.values_list("code", flat=True))


def test_the_list_of_runs_costs_the_same_however_many_responses(
    client: Client, study: Study, tmp_path: Path
) -> None:
    as_carol(client, study)
    url = reverse("coordinate:runs", args=[study.slug])
    counts = []
    for model, rows in (("Aster-1", 2), ("Borealis-2", 30)):
        import_run(study, run_file(tmp_path / f"{model}.csv", run_rows(rows), model=model), actor=None)
        with counted_queries() as queries:
            client.get(url)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_nobody_else_touches_an_upload(carol: Client, study: Study) -> None:
    job = upload(carol, study)
    stranger = sign_in(Client(), make_user("Erik"))
    for name in ("columns", "job"):
        assert stranger.get(reverse(f"coordinate:{name}", args=[study.slug, job.code])).status_code == 404
    for name in ("start", "discard"):
        assert stranger.post(reverse(f"coordinate:{name}", args=[study.slug, job.code])).status_code == 404
    assert Job.objects.get().state == Job.State.RECEIVED


def test_an_import_that_fell_silent_can_be_started_again(carol: Client, study: Study) -> None:
    job = upload(carol, study)
    carol.post(columns_url(study, job), said(start="1"))
    assert "it may have stopped" not in text_of(carol.get(job_url(study, job)))
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.RUNNING, touched_at=timezone.now() - 2 * jobs.SILENCE
    )
    assert "it may have stopped" in text_of(carol.get(job_url(study, job)))
    carol.post(reverse("coordinate:start", args=[study.slug, job.code]))
    jobs.work.func(job.pk)
    assert "2 responses are imported" in text_of(carol.get(job_url(study, job)))
