"""What uploads of runs and of verdicts share: the job of one, those not imported yet, and forgetting one."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from ihlannotate.models.job import Job
from ihlannotate.models.study import Study
from ihlannotate.pipeline.jobs import discard
from ihlannotate.pipeline.refusals import Refused


def upload_of(study: Study, kind: Job.Kind, code: str) -> Job:
    """The study's upload of this kind and code; 404 for anything else."""
    job = Job.objects.select_related("user").filter(study=study, kind=kind, code=code).first()
    if job is None:
        raise Http404
    return job


def not_imported(study: Study, kind: Job.Kind) -> QuerySet[Job]:
    """The study's uploads of this kind that have not become an import, the latest first."""
    waiting = Job.objects.filter(study=study, kind=kind).exclude(state=Job.State.DONE)
    return waiting.select_related("user").order_by("-pk")


def forget(request: HttpRequest, study: Study, job: Job, *, back: str) -> HttpResponse:
    """Discard an uploaded file and go `back` to the page of that name; to the job's page where it is too late."""
    try:
        discard(job)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("coordinate:job", slug=study.slug, code=job.code)
    messages.success(request, _("“%(file)s” is discarded; nothing was imported.") % {"file": job.file_name})
    return redirect(f"coordinate:{back}", slug=study.slug)
