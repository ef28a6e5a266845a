"""The page of an import, an export or a release: how far it is, what came of it, and trying again."""

from dataclasses import dataclass
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ihlannotate.models.job import Job
from ihlannotate.models.judge import Judge
from ihlannotate.models.study import Study
from ihlannotate.pipeline.jobs import export_file, may_start, queue
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.web.access import coordinator_in, signed_in

CONTENT_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
    "md": "text/markdown; charset=utf-8",
    "zip": "application/zip",
    "html": "text/html; charset=utf-8",
}
SECTIONS = {
    Job.Kind.IMPORT: "runs",
    Job.Kind.EXPORT: "exports",
    Job.Kind.RELEASE: "gold",
    Job.Kind.VERDICTS: "judges",
}


@dataclass(frozen=True)
class UploadPages:
    """The pages around an uploaded file, by name: where to say how it is read, discard it, and upload another."""

    describe: str
    discard: str
    another: str


UPLOADS = {
    Job.Kind.IMPORT: UploadPages("coordinate:columns", "coordinate:discard", "coordinate:runs"),
    Job.Kind.VERDICTS: UploadPages(
        "coordinate:verdict_columns", "coordinate:verdict_discard", "coordinate:verdicts"
    ),
}


@dataclass(frozen=True)
class Outcome:
    """What a finished job left: of an import, counts and skipped rows; of an export, files and their digests; of a
    release its number. `verdicts`: ImportedVerdicts."""

    runs: tuple[dict[str, Any], ...]
    prompts_new: int
    responses_new: int
    unchanged: int
    skipped: tuple[dict[str, Any], ...]
    skipped_in_all: int
    files: tuple[tuple[str, str], ...]
    blinded: bool
    release: int | None
    problems: tuple[dict[str, Any], ...]
    verdicts: dict[str, Any]


def outcome(job: Job) -> Outcome:
    """The result of a job as plain data."""
    said: dict[str, Any] = job.result
    skipped = tuple(said.get("skipped", ()))
    return Outcome(
        runs=tuple(said.get("runs", ())),
        prompts_new=said.get("prompts_new", 0),
        responses_new=said.get("responses_new", 0),
        unchanged=said.get("unchanged", 0),
        skipped=skipped,
        skipped_in_all=said.get("skipped_in_all", len(skipped)),
        files=tuple(said.get("files", {}).items()),
        blinded=said.get("blinded", True),
        release=said.get("release"),
        problems=tuple(said.get("problems", ())),
        verdicts=said if "verdicts_new" in said else {},
    )


def job_in(study: Study, code: str) -> Job:
    """The study's job with this code; 404 for anything else."""
    job = Job.objects.select_related("user").filter(study=study, code=code).first()
    if job is None:
        raise Http404
    return job


@require_safe
@signed_in
def job(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """The page of a job; the part that changes alone, when it is polled."""
    study = coordinator_in(request, slug)
    found = job_in(study, code)
    pages = UPLOADS.get(Job.Kind(found.kind))
    if pages and found.state == Job.State.RECEIVED:
        return redirect(pages.describe, slug=slug, code=code)
    context = {
        "study": study,
        "section": SECTIONS[Job.Kind(found.kind)],
        "job": found,
        "outcome": outcome(found),
        "pages": pages,
        "judge": _judge(found),
        "may_start": may_start(found),
        "percent": 100 * found.done / found.total if found.total else None,
    }
    template = "coordinate/_job.html" if request.headers.get("HX-Request") else "coordinate/job.html"
    return render(request, template, context)


def _judge(job: Job) -> Judge | None:
    """The judge whose verdicts a job brought in."""
    if job.kind != Job.Kind.VERDICTS:
        return None
    return Judge.objects.filter(study=job.study_id, name=job.parameters["judge"]).first()


@require_POST
@signed_in
def start(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Put a job to work, or to work again."""
    found = job_in(coordinator_in(request, slug), code)
    try:
        queue(found)
    except Refused as refusal:
        context = {"study": found.study, "refusal": refusal, "job": found}
        return render(request, "coordinate/refused.html", context, status=409)
    return redirect("coordinate:job", slug=slug, code=code)


@require_safe
@signed_in
def download(request: HttpRequest, slug: str, code: str, name: str) -> HttpResponseBase:
    """A file that an export wrote."""
    found = job_in(coordinator_in(request, slug), code)
    path = export_file(found, name)
    if path is None:
        raise Http404(_("This file is gone; export again."))
    kind = CONTENT_TYPES.get(path.suffix.lstrip("."), "application/octet-stream")
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=kind)
