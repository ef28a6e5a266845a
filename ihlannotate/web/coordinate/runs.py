"""Runs and imported files, and bringing in a new run: choose a file, confirm its columns, start."""

from dataclasses import dataclass, replace

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from ihlannotate.models.job import Job
from ihlannotate.models.study import Study
from ihlannotate.pipeline.importing import Record, Skipped, files_of, preview_run, runs_of
from ihlannotate.pipeline.jobs import describe, may_start, queue, receive_run, run_file
from ihlannotate.pipeline.masking import mask
from ihlannotate.pipeline.refusals import Problem, Refused
from ihlannotate.readers.base import ReadError
from ihlannotate.readers.columns import FIELDS
from ihlannotate.web.access import coordinator_in, person, signed_in
from ihlannotate.web.coordinate.forms import UploadField, column_field, sent
from ihlannotate.web.coordinate.uploads import forget, not_imported, upload_of
from ihlannotate.web.markdown import render_markdown

FIELD_WORDS = {
    "prompt": gettext_lazy("Prompt: what the model was asked"),
    "response": gettext_lazy("Response: what it answered"),
    "external_id": gettext_lazy("Id: unique within a run; without it, the row number"),
    "model": gettext_lazy("Model"),
    "condition": gettext_lazy("Condition, such as with or without a safety prompt"),
    "system_prompt": gettext_lazy("System prompt"),
    "category": gettext_lazy("Category of the prompt"),
    "complexity": gettext_lazy("Complexity: plain, technical or code"),
    "language": gettext_lazy("Language of the prompt, as a code such as “en”"),
    "rules": gettext_lazy("Rules of customary IHL, by number"),
    "prompt_id": gettext_lazy("Id of the prompt"),
    "error": gettext_lazy("Error: rows with one are skipped"),
}
NEEDED = ("prompt", "response")


class UploadForm(forms.Form):
    file = UploadField(label=gettext_lazy("File of a run"), command="import_run")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def runs(request: HttpRequest, slug: str) -> HttpResponse:
    """The runs with how many responses each has, the files they came from, and the first step of an import."""
    study = coordinator_in(request, slug)
    form = UploadForm(*sent(request))
    if form.is_valid() and not study.closed_at:
        file = form.cleaned_data["file"]
        job = receive_run(study, file=file, name=file.name, user=person(request))
        return redirect("coordinate:columns", slug=slug, code=job.code)
    context = {
        "study": study,
        "section": "runs",
        "runs": runs_of(study),
        "files": files_of(study),
        "jobs": not_imported(study, Job.Kind.IMPORT),
        "form": form,
    }
    return render(request, "coordinate/runs.html", context, status=422 if form.is_bound else 200)


class ColumnsForm(forms.Form):
    """Which column holds which field, and what holds for the whole file."""

    model = forms.CharField(
        max_length=200, required=False, label=gettext_lazy("Model, where no column names it")
    )
    condition = forms.CharField(
        max_length=200, required=False, label=gettext_lazy("Condition, where no column names it")
    )

    def __init__(self, columns: tuple[str, ...], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's signature, passed on
        for field in FIELDS:
            self.fields[field_name(field)] = column_field(
                columns, label=FIELD_WORDS[field], required=field in NEEDED
            )

    def said(self, name: str) -> str:
        return str(self.cleaned_data[name])

    def mapping(self) -> dict[str, str]:
        return {field: self.said(field_name(field)) for field in FIELDS}

    def incomplete(self) -> bool:
        """Whether there is nothing to preview yet: wrong answers, or no column for what is needed."""
        if self.is_bound:
            return not self.is_valid()
        return not all(self.initial[field_name(field)] for field in NEEDED)

    @property
    def columns(self) -> list[forms.BoundField]:
        return [self[field_name(field)] for field in FIELDS]

    def clean(self) -> None:
        said = self.cleaned_data
        if not said.get(field_name("model")) and not said.get("model"):
            self.add_error("model", _("Name the model, or choose the column that does."))


def field_name(field: str) -> str:
    """The name of the select for a field: `model` and `condition` are inputs too."""
    return f"column_{field}"


@dataclass(frozen=True)
class PreviewRow:
    """One of the first rows as an annotator would see it (`html`), or why it will be skipped or is wrong."""

    row: int | None
    prompt: str = ""
    html: str = ""
    skipped: str = ""
    problem: Problem | None = None


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def columns(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """The second step: confirm the columns and look at the first rows; “start” is the third."""
    study = coordinator_in(request, slug)
    job = upload_of(study, Job.Kind.IMPORT, code)
    if not may_start(job):
        return redirect("coordinate:job", slug=slug, code=code)
    context: dict[str, object] = {"study": study, "section": "runs", "job": job}
    try:
        form = _columns_form(request, job)
        if form.is_bound and form.is_valid():
            describe(job, model=form.said("model"), condition=form.said("condition"), mapping=form.mapping())
            if "start" in request.POST:
                queue(job)
                return redirect("coordinate:job", slug=slug, code=code)
        context |= {"form": form, "rows": [] if form.incomplete() else _preview(study, job)}
        wrong = form.is_bound and not form.is_valid()
    except (ReadError, Refused) as error:
        context["refusal"] = error if isinstance(error, Refused) else Refused(str(error))
        wrong = True
    return render(request, "coordinate/columns.html", context, status=422 if wrong else 200)


@require_POST
@signed_in
def discard_upload(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Forget an uploaded file that was not imported."""
    study = coordinator_in(request, slug)
    return forget(request, study, upload_of(study, Job.Kind.IMPORT, code), back="runs")


def _columns_form(request: HttpRequest, job: Job) -> ColumnsForm:
    """The form, filled with what was sent, else with what is kept, else with the guess. Raises ReadError."""
    names, fields = run_file(job).columns()
    kept = {field_name(field): fields.get(field, "") for field in FIELDS}
    kept |= {key: job.parameters.get(key, "") for key in ("model", "condition")}
    return ColumnsForm(names, sent(request)[0], initial=kept)


def _preview(study: Study, job: Job) -> list[PreviewRow]:
    file = run_file(job)
    words = f"{study.masked_words}\n{file.model}"
    # Whether every row has a model is for the check to say: the preview is about texts
    return [_preview_row(found, words) for found in preview_run(replace(file, model=file.model or "–"))]


def _preview_row(found: Record | Skipped | Problem, words: str) -> PreviewRow:
    if isinstance(found, Problem):
        return PreviewRow(found.row, problem=found)
    if isinstance(found, Skipped):
        return PreviewRow(found.row, skipped=found.reason)
    return PreviewRow(
        found.row, found.prompt, render_markdown(mask(found.response, f"{words}\n{found.model}"))
    )
