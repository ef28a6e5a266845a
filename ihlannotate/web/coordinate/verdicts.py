"""Bringing in a judge's verdicts: choose a file, say what its columns and labels mean, start."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from ihlannotate.models.job import Job
from ihlannotate.models.judge import Judge
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import levelled_criteria
from ihlannotate.pipeline.importing import BATCH, runs_of
from ihlannotate.pipeline.jobs import may_start, queue, receive_verdicts
from ihlannotate.pipeline.judging import (
    HowRead,
    check_verdicts,
    columns_of,
    describe_verdicts,
    guess_verdict_columns,
    how_read,
    labels_of,
    verdict_file,
)
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.web.access import coordinator_in, person, signed_in
from ihlannotate.web.coordinate.forms import sent
from ihlannotate.web.coordinate.uploads import forget, not_imported, upload_of
from ihlannotate.web.coordinate.verdict_forms import COLUMN_WORDS, NEEDED, ColumnsForm, LabelsForm, UploadForm

LOOKED_AT = 10 * BATCH  # rows that are checked before the import


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def upload(request: HttpRequest, slug: str) -> HttpResponse:
    """The first step: the judge, the question and the file; and the imports that are under way."""
    study = coordinator_in(request, slug)
    judges = list(study.judges.order_by("name").values_list("name", flat=True))
    form = UploadForm(judges, levelled_criteria(study), *sent(request))
    if form.is_valid():
        file = form.cleaned_data["file"]
        job = receive_verdicts(
            study,
            file=file,
            name=file.name,
            judge=form.judge,
            criterion=form.cleaned_data["criterion"],
            user=person(request),
        )
        return redirect("coordinate:verdict_columns", slug=slug, code=job.code)
    context = {
        "study": study,
        "section": "judges",
        "form": form,
        "jobs": not_imported(study, Job.Kind.VERDICTS),
    }
    return render(request, "coordinate/verdicts.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def columns(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """The second step: what columns and labels mean, and what would come of it; “start” is the third."""
    study = coordinator_in(request, slug)
    job = upload_of(study, Job.Kind.VERDICTS, code)
    if not may_start(job):
        return redirect("coordinate:job", slug=slug, code=code)
    known = Judge.objects.filter(study=study, name=job.parameters["judge"]).first()
    spec = {one.key: one for one in levelled_criteria(study)}[job.parameters["criterion"]]
    context: dict[str, object] = {
        "study": study,
        "section": "judges",
        "job": job,
        "judge": known,
        "spec": spec,
    }
    status = 422
    try:
        form = _columns_form(request, study, job, known)
        labels = _labels_form(request, study, job, form, spec)
        context |= {"form": form, "labels": labels}
        how = _how(form, labels)
        if how and form.is_bound:
            describe_verdicts(job, how)
            if "start" in request.POST and labels and labels.is_bound:
                queue(job)
                return redirect("coordinate:job", slug=slug, code=code)
        if how:
            context["checked"] = check_verdicts(
                study,
                verdict_file(job, how),
                judge=job.parameters["judge"],
                settings=how.settings,
                rows=LOOKED_AT,
            )
        status = 200 if how or not form.is_bound else 422
    except Refused as refusal:
        context["refusal"] = refusal
    return render(request, "coordinate/verdict_columns.html", context, status=status)


def _columns_form(request: HttpRequest, study: Study, job: Job, known: Judge | None) -> ColumnsForm:
    """The form, filled with what was sent, else with what is kept, else with the guess. Raises Refused."""
    names = columns_of(verdict_file(job))
    kept = how_read(job)
    initial = {
        **(kept.columns or guess_verdict_columns(names, criterion=job.parameters["criterion"])),
        "is_probability": kept.is_probability,
        "model": kept.model,
        "settings": "\n".join(f"{name}={value}" for name, value in kept.settings.items()),
    }
    models = list(dict.fromkeys(run.model for run in runs_of(study)))
    stated = bool(known and known.settings)
    return ColumnsForm(names, models, stated=stated, data=sent(request)[0], initial=initial)


def _labels_form(
    request: HttpRequest, study: Study, job: Job, form: ColumnsForm, spec: CriterionSpec
) -> LabelsForm | None:
    """The labels in the chosen column; None while none is chosen. Raises Refused."""
    if form.is_bound:
        form.is_valid()
    column = (form.cleaned_data if form.is_bound else form.initial).get("verdict")
    if not column:
        return None
    # Any column will do as the id: only labels are counted
    file = verdict_file(job, HowRead(columns={"match": column, "verdict": column}))
    found = labels_of(study, file, judge=job.parameters["judge"])
    kept = how_read(job)
    mapped = kept.values if kept.columns.get("verdict") == column else {}
    seen = form.is_bound and form.cleaned_data.get("shown") == column
    return LabelsForm(column, found, spec, request.POST if seen else None, mapped)


def _how(form: ColumnsForm, labels: LabelsForm | None) -> HowRead | None:
    """How the file is read by these forms; None while they are incomplete or wrong."""
    if labels is None or (labels.is_bound and not labels.is_valid()):
        return None
    if form.is_bound:
        return form.how(labels.values()) if form.is_valid() else None
    said = form.initial
    if not all(said.get(name) for name in NEEDED):
        return None
    return HowRead(
        columns={name: said[name] for name in COLUMN_WORDS if said.get(name)},
        is_probability=said["is_probability"],
        model=said["model"],
        values=labels.values(),
    )


@require_POST
@signed_in
def discard_upload(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Forget an uploaded file of verdicts that was not imported."""
    study = coordinator_in(request, slug)
    return forget(request, study, upload_of(study, Job.Kind.VERDICTS, code), back="verdicts")
