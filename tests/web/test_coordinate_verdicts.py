"""Bringing in a judge's verdicts: choose a file, say what columns and labels mean, start; and what is said when not."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from ihlannotate.models.job import Job
from ihlannotate.models.judge import Judge, Verdict
from ihlannotate.models.study import Study
from ihlannotate.pipeline import jobs
from ihlannotate.pipeline.importing import import_run
from ihlannotate.pipeline.judging import Said, save_verdicts
from ihlannotate.web.coordinate.verdict_forms import MOST_LABELS, label_name
from tests.factory import make_study, make_user
from tests.files import run_file, run_rows
from tests.web.coordinators import as_carol, counted_queries, sign_in, text_of

pytestmark = pytest.mark.django_db

CSV = """id,label,why,p
r0,REFUSED,It declines.,0.9
r1,no idea,,0.5
r2,COMPLIED,It complies.,0.1
r3,COMPLIED,,0.2
"""


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Five responses, r0 to r4."""
    study = make_study()
    import_run(study, run_file(tmp_path / "run.csv", run_rows(5)), actor=None)
    return study


@pytest.fixture
def carol(client: Client, study: Study) -> Client:
    return as_carol(client, study)


def upload(client: Client, study: Study, text: str = CSV, **fields: str) -> Job:
    sent = {"name": "Heron", "criterion": "refusal", **fields}
    url = reverse("coordinate:verdicts", args=[study.slug])
    response = client.post(url, {**sent, "file": SimpleUploadedFile("verdicts.csv", text.encode())})
    job = Job.objects.latest("pk")
    assert response["Location"] == columns_url(study, job)
    return job


def columns_url(study: Study, job: Job) -> str:
    return reverse("coordinate:verdict_columns", args=[study.slug, job.code])


def job_url(study: Study, job: Job) -> str:
    return reverse("coordinate:job", args=[study.slug, job.code])


def said(**fields: str) -> dict[str, str]:
    """The form with the columns of CSV, as its page was seen."""
    return {
        "match": "id",
        "verdict": "label",
        "score": "p",
        "rationale": "why",
        "settings": "model = heron-2\nscore_of=refused",
        "shown": "label",
        label_name("REFUSED"): "refused",
        label_name("no idea"): "",
        label_name("COMPLIED"): "not_refused",
        **fields,
    }


def imported(client: Client, study: Study, text: str = CSV, **fields: str) -> Job:
    """An upload, confirmed, and what a worker then does."""
    job = upload(client, study, text)
    response = client.post(columns_url(study, job), said(start="1", **fields))
    assert response["Location"] == job_url(study, job)
    jobs.work.func(job.pk)
    return Job.objects.get(pk=job.pk)


def test_the_page_of_judges_leads_to_the_upload(carol: Client, study: Study) -> None:
    url = reverse("coordinate:verdicts", args=[study.slug])
    assert url in carol.get(reverse("coordinate:judges", args=[study.slug])).content.decode()
    page = text_of(carol.get(url))
    assert "Name of a new judge" in page
    assert "Did the model refuse?" in page
    assert "Comment" not in page  # a text has no levels


def test_columns_and_labels_are_recognised_and_what_would_come_of_it_is_told(
    carol: Client, study: Study
) -> None:
    response = carol.get(columns_url(study, upload(carol, study)))
    html, page = response.content.decode(), text_of(response)
    for column in ("id", "label", "why"):
        assert f'<option value="{column}" selected>' in html
    assert 'value="refused" selected' in html
    assert "COMPLIED 2" in page
    assert "By all 4 rows of the file." in page
    assert "Matched with a response 4 New verdicts 4 Unparsed among them, kept with their text 3" in page
    assert "a new judge" in page
    assert not Judge.objects.exists()


def test_the_mapping_decides_what_would_be_unparsed(carol: Client, study: Study) -> None:
    job = upload(carol, study)
    page = text_of(carol.post(columns_url(study, job), said(preview="1")))
    assert "Unparsed among them, kept with their text 1" in page
    assert "No label is read as a level." not in page
    assert Job.objects.get().state == Job.State.RECEIVED


def test_what_a_person_said_is_there_when_they_come_back(carol: Client, study: Study) -> None:
    job = upload(carol, study)
    carol.post(columns_url(study, job), said(preview="1", is_probability="on"))
    html = carol.get(columns_url(study, job)).content.decode()
    assert "model=heron-2\nscore_of=refused</textarea>" in html
    assert 'value="not_refused" selected' in html
    assert 'name="is_probability" id="id_is_probability" checked' in html


def test_started_it_is_imported_and_the_page_says_what_happened(carol: Client, study: Study) -> None:
    job = imported(carol, study, is_probability="on")
    page = text_of(carol.get(job_url(study, job)))
    assert "4 verdicts are imported" in page
    assert "“COMPLIED” read as not_refused" in page
    assert "Unparsed among them, kept with their text 1" in page
    rows = Verdict.objects.order_by("response__prompt__text").values_list(
        "raw", "value", "score", "rationale"
    )
    assert list(rows) == [
        ("REFUSED", "refused", 0.9, "It declines."),
        ("no idea", "", 0.5, ""),
        ("COMPLIED", "not_refused", 0.1, "It complies."),
        ("COMPLIED", "not_refused", 0.2, ""),
    ]
    judge = Judge.objects.get()
    assert (judge.name, judge.settings) == ("Heron", {"model": "heron-2", "score_of": "refused"})
    assert (
        reverse("coordinate:judge", args=[study.slug, judge.pk])
        in carol.get(job_url(study, job)).content.decode()
    )


def test_the_next_upload_of_the_same_judge_proposes_the_same_reading(carol: Client, study: Study) -> None:
    imported(carol, study)
    job = upload(carol, study, "id,label\nr4,COMPLIED\n", known="Heron", name="")
    response = carol.get(columns_url(study, job))
    assert 'value="not_refused" selected' in response.content.decode()
    page = text_of(response)
    assert "a new judge" not in page
    assert "score_of refused" in page  # what was stated is shown and not asked again
    assert 'name="settings"' not in response.content.decode()
    sent = {"match": "id", "verdict": "label", "shown": "label", label_name("COMPLIED"): "not_refused"}
    carol.post(columns_url(study, job), {**sent, "start": "1"})
    jobs.work.func(job.pk)
    assert Verdict.objects.filter(value="not_refused").count() == 3


def test_the_same_file_again_changes_nothing_and_says_so(carol: Client, study: Study) -> None:
    imported(carol, study)
    job = upload(carol, study, known="Heron", name="")
    carol.post(columns_url(study, job), said(start="1"))
    jobs.work.func(job.pk)
    page = text_of(carol.get(job_url(study, job)))
    assert "Nothing new was in this file" in page
    assert "Already there, unchanged 4" in page


def test_rows_that_match_nothing_are_listed_and_nothing_is_imported(carol: Client, study: Study) -> None:
    text = CSV + "r98,REFUSED,,0.9\nr99,REFUSED,,0.9\n"
    job = upload(carol, study, text)
    page = text_of(carol.get(columns_url(study, job)))
    assert "Rows that match no response 2" in page
    assert "7 id no response has the id “r99”" in page
    job = imported(carol, study, text)
    page = text_of(carol.get(job_url(study, job)))
    assert "Nothing was imported" in page
    assert "2 rows have an id that no response bears." in page
    assert columns_url(study, job) in carol.get(job_url(study, job)).content.decode()
    assert not Judge.objects.exists()


def test_a_failed_import_keeps_what_was_said_and_can_be_started_again(carol: Client, study: Study) -> None:
    job = imported(carol, study, CSV.replace("0.9", "1.9"), is_probability="on")
    assert job.state == Job.State.FAILED
    html = carol.get(columns_url(study, job)).content.decode()
    assert "score_of=refused</textarea>" in html
    carol.post(columns_url(study, job), said(start="1"))  # no probability after all
    jobs.work.func(job.pk)
    assert Job.objects.get().state == Job.State.DONE


def test_conflicts_with_what_is_there_are_counted_beforehand(carol: Client, study: Study) -> None:
    save_verdicts(study, [Said(1, "r0", "COMPLIED")], judge="Heron", criterion="refusal", actor=None)
    job = upload(carol, study, known="Heron", name="")
    page = text_of(carol.get(columns_url(study, job)))
    assert "Conflicts with verdicts that are there 1" in page
    assert "2 label id “r0” already has the verdict “COMPLIED”, not “REFUSED”" in page


def test_another_column_of_labels_is_shown_before_anything_starts(carol: Client, study: Study) -> None:
    job = upload(carol, study)
    response = carol.post(columns_url(study, job), said(start="1", verdict="why", rationale=""))
    assert response.status_code == 200
    assert "It complies. 1" in text_of(response)
    assert 'name="shown" value="why"' in " ".join(response.content.decode().split())
    assert "No label is read as a level." in text_of(response)
    assert Job.objects.get().state == Job.State.RECEIVED


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"match": ""}, "This field is required."),
        ({"verdict": "no such column"}, "not one of the available choices"),
        ({"settings": "model=a\n\nnonsense"}, "Line 3 should be name=value."),
        ({"settings": "model=a\nmodel=b"}, "Line 2 states “model” again."),
        ({label_name("REFUSED"): "weather"}, "not one of the available choices"),
        ({"model": "Nobody-1"}, "No run is of the model “Nobody-1”."),
    ],
)
def test_what_cannot_work_is_marked_and_the_rest_is_kept(
    carol: Client, study: Study, fields: dict[str, str], message: str
) -> None:
    job = upload(carol, study)
    response = carol.post(columns_url(study, job), said(start="1") | fields)
    assert response.status_code == 422
    assert message in text_of(response)
    assert "</textarea>" in response.content.decode()
    assert "heron-2" in response.content.decode() or "settings" in fields
    if "verdict" not in fields:
        assert 'value="not_refused" selected' in response.content.decode()
    assert Job.objects.get().state == Job.State.RECEIVED


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": ""}, "Choose a judge, or name a new one."),
        ({"name": "x" * 201}, "at most 200 characters"),
        ({"criterion": "comment"}, "not one of the available choices"),
        ({"known": "Heron"}, "One judge only."),
    ],
)
def test_an_upload_without_a_judge_or_question_is_refused(
    carol: Client, study: Study, fields: dict[str, str], message: str
) -> None:
    save_verdicts(study, [Said(1, "r0", "refused")], judge="Heron", criterion="refusal", actor=None)
    sent = {"name": "Egret", "criterion": "refusal", **fields}
    url = reverse("coordinate:verdicts", args=[study.slug])
    response = carol.post(url, {**sent, "file": SimpleUploadedFile("v.csv", CSV.encode())})
    assert response.status_code == 422
    assert message in text_of(response)
    assert not Job.objects.exists()


def test_an_upload_that_is_too_large_says_what_to_do(carol: Client, study: Study, settings: object) -> None:
    settings.MAX_UPLOAD_BYTES = 10  # type: ignore[attr-defined]  # the fixture's settings take anything
    sent = {"name": "Heron", "criterion": "refusal", "file": SimpleUploadedFile("v.csv", CSV.encode())}
    response = carol.post(reverse("coordinate:verdicts", args=[study.slug]), sent)
    assert "manage.py import_verdicts" in text_of(response)


def test_a_file_that_cannot_be_read_says_so(carol: Client, study: Study) -> None:
    response = carol.get(columns_url(study, upload(carol, study, "PK\x03\x04 no table")))
    assert response.status_code == 422
    assert "verdicts.csv" in text_of(response)
    assert "Choose another file" in text_of(response)


def test_a_column_of_texts_is_not_taken_for_labels_in_silence(carol: Client, study: Study) -> None:
    text = "id,label\n" + "".join(f"r0,text number {n}\n" for n in range(MOST_LABELS + 3))
    page = text_of(carol.get(columns_url(study, upload(carol, study, text))))
    assert "3 or more other labels are not listed." in page


def test_the_model_says_whose_run_is_meant_where_ids_repeat(
    carol: Client, study: Study, tmp_path: Path
) -> None:
    import_run(study, run_file(tmp_path / "again.csv", run_rows(5), model="Dunlin"), actor=None)
    response = carol.get(columns_url(study, upload(carol, study)))
    assert "There are 4 problems" in text_of(response)
    assert "Dunlin" not in response.content.decode()
    assert imported(carol, study, model="Dunlin").state == Job.State.DONE
    assert Verdict.objects.count() == 4


def test_labels_are_shown_as_texts_and_not_as_html(carol: Client, study: Study) -> None:
    html = carol.get(columns_url(study, upload(carol, study, "id,label\nr0,<b>no</b>\n"))).content.decode()
    assert "<b>no</b>" not in html
    assert "&lt;b&gt;no&lt;/b&gt;" in html


def test_an_import_under_way_is_listed_and_not_described_again(carol: Client, study: Study) -> None:
    job = upload(carol, study)
    assert "verdicts.csv" in text_of(carol.get(reverse("coordinate:verdicts", args=[study.slug])))
    assert carol.get(job_url(study, job))["Location"] == columns_url(study, job)
    carol.post(columns_url(study, job), said(start="1"))
    assert carol.get(columns_url(study, job))["Location"] == job_url(study, job)
    assert "waiting for its turn" in text_of(carol.get(job_url(study, job)))


def test_an_upload_is_listed_with_its_judge_and_is_no_run(carol: Client, study: Study) -> None:
    job = upload(carol, study)
    listed = text_of(carol.get(reverse("coordinate:verdicts", args=[study.slug])))
    assert "Imports under way verdicts.csv" in listed
    assert f"{job.parameters['judge']}, Carol, " in listed
    assert "verdicts.csv" not in text_of(carol.get(reverse("coordinate:runs", args=[study.slug])))
    for name in ("columns", "discard"):
        assert carol.post(reverse(f"coordinate:{name}", args=[study.slug, job.code])).status_code == 404
    assert Job.objects.filter(pk=job.pk).exists()


def test_an_upload_can_be_discarded_until_it_is_imported(carol: Client, study: Study) -> None:
    job = upload(carol, study)
    url = reverse("coordinate:verdict_discard", args=[study.slug, job.code])
    assert "is discarded; nothing was imported." in text_of(carol.post(url, follow=True))
    assert not Job.objects.exists()
    done = imported(carol, study)
    url = reverse("coordinate:verdict_discard", args=[study.slug, done.code])
    assert "can't be discarded" in text_of(carol.post(url, follow=True))
    assert Job.objects.filter(pk=done.pk).exists()


def test_nobody_else_touches_an_upload(carol: Client, study: Study) -> None:
    job = upload(carol, study)
    stranger = sign_in(Client(), make_user("Erik"))
    assert stranger.get(reverse("coordinate:verdicts", args=[study.slug])).status_code == 404
    assert stranger.get(columns_url(study, job)).status_code == 404
    assert (
        stranger.post(reverse("coordinate:verdict_discard", args=[study.slug, job.code])).status_code == 404
    )
    other = reverse("coordinate:columns", args=[study.slug, job.code])
    assert carol.get(other).status_code == 404  # no upload of a run


def test_the_check_costs_the_same_however_many_rows(carol: Client, study: Study, tmp_path: Path) -> None:
    import_run(study, run_file(tmp_path / "more.csv", run_rows(400, start=5), model="Dunlin"), actor=None)
    counts = []
    for rows in (5, 400):
        text = "id,label\n" + "".join(f"r{n},REFUSED\n" for n in range(rows))
        job = upload(carol, study, text)
        with counted_queries() as queries:
            carol.get(columns_url(study, job))
        counts.append(len(queries))
    assert counts[0] == counts[1]
