"""Exports: asked for, made behind a page, downloaded, and only by those who coordinate the study."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from ihlannotate.models.job import Job
from ihlannotate.models.judge import Judge
from ihlannotate.models.study import Study
from ihlannotate.pipeline import jobs
from ihlannotate.pipeline.lifecycle import open_study, unblind_study
from ihlannotate.pipeline.releasing import release_gold
from tests.factory import make_member, make_study, make_user, rate_all
from tests.inspect_logs import make_log, make_sample, write_log
from tests.pipeline.rated import N, R, close, rated_study
from tests.pipeline.test_bundle import bundled_elsewhere, read_back
from tests.secret_world import word
from tests.web.coordinators import as_carol, closed, rated, sign_in, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    return rated()


@pytest.fixture
def carol(client: Client, study: Study) -> Client:
    return as_carol(client, study)


def export(client: Client, study: Study, what: str = "all", format: str = "csv") -> Job:
    client.post(reverse("coordinate:exports", args=[study.slug]), {"what": what, "format": format})
    job = Job.objects.latest("pk")
    jobs.work.func(job.pk)
    return Job.objects.get(pk=job.pk)


@pytest.mark.parametrize(
    ("format", "kind"),
    [
        ("csv", "text/csv; charset=utf-8"),
        ("jsonl", "application/x-ndjson"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_every_file_of_an_export_can_be_downloaded(
    carol: Client, study: Study, format: str, kind: str
) -> None:
    job = export(carol, study, "annotations", format)
    page = carol.get(reverse("coordinate:job", args=[study.slug, job.code]))
    assert "The files are ready" in text_of(page)
    names = list(job.result["files"])
    assert names
    for name in names:
        url = reverse("coordinate:file", args=[study.slug, job.code, name])
        assert url in page.content.decode()
        file = carol.get(url)
        assert file["Content-Disposition"] == f'attachment; filename="{name}"'
        assert file["Content-Type"] == ("application/json" if name.endswith(".json") else kind)
        assert b"".join(file.streaming_content)  # type: ignore[attr-defined]  # a FileResponse


@pytest.mark.parametrize("name", ["other.csv", "..%2Fx", "secret_key"])
def test_nothing_but_the_files_of_the_export_can_be_downloaded(
    carol: Client, study: Study, name: str
) -> None:
    job = export(carol, study)
    assert carol.get(f"/studies/{study.slug}/jobs/{job.code}/files/{name}").status_code == 404


def test_a_file_is_for_the_studys_coordinators_alone(carol: Client, study: Study) -> None:
    job = export(carol, study)
    url = reverse("coordinate:file", args=[study.slug, job.code, next(iter(job.result["files"]))])
    for name in ("Alice", "Erik"):
        assert sign_in(Client(), make_user(name)).get(url).status_code == 404


def test_gold_that_is_not_released_cannot_be_exported_and_says_so(carol: Client, study: Study) -> None:
    job = export(carol, study, "gold")
    page = text_of(carol.get(reverse("coordinate:job", args=[study.slug, job.code])))
    assert "Nothing was exported" in page
    assert "no gold release" in page


def test_exports_say_whether_they_are_blinded(client: Client, tmp_path: Path) -> None:
    study = close(rated_study(tmp_path, [[R, R], [R, N]]))
    as_carol(client, study)
    export(client, study)
    release_gold(study, actor=None)
    unblind_study(study, reason="For the paper.", actor=None)
    export(client, study)
    page = text_of(client.get(reverse("coordinate:exports", args=[study.slug])))
    assert page.index("unblinded refusals-all") < page.rindex(" blinded ")


def test_what_there_is_not_cannot_be_exported(carol: Client, study: Study) -> None:
    response = carol.post(
        reverse("coordinate:exports", args=[study.slug]), {"what": "secrets", "format": "csv"}
    )
    assert response.status_code == 422
    assert not Job.objects.exists()


def test_a_bundle_is_a_zip_whatever_format_was_chosen(client: Client, tmp_path: Path) -> None:
    study = close(rated_study(tmp_path, [[R, R], [R, N]]))
    release_gold(study, actor=None)
    carol = as_carol(client, study)
    job = export(carol, study, "bundle", "csv")
    assert list(job.result["files"]) == ["refusals-bundle.zip"]
    file = carol.get(reverse("coordinate:file", args=[study.slug, job.code, "refusals-bundle.zip"]))
    assert file["Content-Type"] == "application/zip"
    assert b"".join(file.streaming_content).startswith(b"PK")  # type: ignore[attr-defined]  # a FileResponse


def test_nothing_else_is_a_zip(carol: Client, study: Study) -> None:
    response = carol.post(reverse("coordinate:exports", args=[study.slug]), {"what": "all", "format": "zip"})
    assert response.status_code == 422
    assert "Only a benchmark bundle is a zip" in text_of(response)
    assert not Job.objects.exists()


def test_a_report_has_an_entry_of_its_own_once_gold_is_released(client: Client, tmp_path: Path) -> None:
    study = close(rated_study(tmp_path, [[R, R], [R, N]]))
    carol = as_carol(client, study)
    address = reverse("coordinate:exports", args=[study.slug])
    assert "A report can be made once gold labels are released" in text_of(carol.get(address))
    release_gold(study, actor=None)
    assert "Make the report" in text_of(carol.get(address))
    job = export(carol, study, "report", "csv")
    assert list(job.result["files"]) == ["refusals-report.html"]
    file = carol.get(reverse("coordinate:file", args=[study.slug, job.code, "refusals-report.html"]))
    assert file["Content-Type"] == "text/html; charset=utf-8"
    assert b"".join(file.streaming_content).lstrip().startswith(b"<!DOCTYPE html>")  # type: ignore[attr-defined]  # a FileResponse
    assert file["Content-Disposition"].startswith("attachment")


def test_a_report_is_in_the_language_of_whoever_asked(client: Client, tmp_path: Path) -> None:
    study = close(rated_study(tmp_path, [[R, R], [R, N]]))
    release_gold(study, actor=None)
    carol = as_carol(client, study)
    carol.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    path = jobs.export_file(export(carol, study, "report", "html"), "refusals-report.html")
    assert path is not None
    assert '<html lang="fr"' in path.read_text("utf-8")


def test_nothing_else_is_an_html_file(carol: Client, study: Study) -> None:
    response = carol.post(reverse("coordinate:exports", args=[study.slug]), {"what": "all", "format": "html"})
    assert response.status_code == 422
    assert "Only a report is an HTML file" in text_of(response)


def test_an_uploaded_log_of_inspect_is_offered_with_gold_after_unblinding(
    client: Client, tmp_path: Path
) -> None:
    log = write_log(tmp_path / "log.json", make_log([make_sample(n) for n in range(2)]))
    study = make_study()
    carol = as_carol(client, study)
    upload = jobs.receive_run(
        study, file=ContentFile(log.read_bytes()), name="log.json", user=make_user("Carol")
    )
    jobs.queue(upload)
    jobs.work.func(upload.pk)
    open_study(study, actor=None)
    study.refresh_from_db()
    rate_all(make_member(study, "Alice"))
    closed(study)
    release_gold(study, actor=None)
    address = reverse("coordinate:exports", args=[study.slug])
    assert "Log of Inspect" not in text_of(carol.get(address))
    unblind_study(study, reason="For the paper.", actor=None)
    assert "Log of Inspect with gold labels: log.json" in text_of(carol.get(address))
    job = export(carol, study, f"inspect:{upload.code}")
    assert list(job.result["files"]) == ["refusals-inspect.json"]
    path = jobs.export_file(job, "refusals-inspect.json")
    assert path is not None
    samples = json.loads(path.read_text("utf-8"))["samples"]
    assert [one["scores"]["ihlannotate/gold"]["value"]["refusal"] for one in samples] == ["refused"] * 2


def test_a_judge_that_was_read_back_has_a_page_without_the_card_in_it(client: Client, tmp_path: Path) -> None:
    read_back(bundled_elsewhere(tmp_path, "unblinded"), "elsewhere")
    carol = as_carol(client, Study.objects.get())
    page = text_of(carol.get(reverse("coordinate:judge", args=["elsewhere", Judge.objects.get().pk])))
    assert word("judgesettings") in page
    assert "krippendorff_alpha" not in page
