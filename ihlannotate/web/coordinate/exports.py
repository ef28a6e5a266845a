"""Exports: asking for one, and those that were made."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from ihlannotate.models.job import Job
from ihlannotate.pipeline.exporting import FORMATS, WHAT
from ihlannotate.pipeline.jobs import inspect_logs, queue_export
from ihlannotate.pipeline.releasing import latest_release
from ihlannotate.web.access import coordinator_in, person, signed_in
from ihlannotate.web.coordinate.forms import sent
from ihlannotate.web.coordinate.jobs import outcome

MOST = 50
ONE_FORMAT = {
    "bundle": "zip",
    "report": "html",
}  # kinds that have a format of their own, which no other kind has
LOG = "inspect:"  # before the code of an uploaded log
WHAT_WORDS = {
    "annotations": _("Annotations: one row for each, with its texts"),
    "answers": _("Answers: one row for each answer to a question"),
    "gold": _("Gold labels of the newest release, with its datasheet"),
    "verdicts": _("Verdicts of the judges"),
    "training": _("For training a judge: texts and gold labels, split by prompt"),
    "report": _("Report: methods, agreement, gold, judges and findings for readers"),
    "bundle": _("Benchmark bundle: prompts, responses, rubric and gold as one zip"),
    "all": _("Everything: these, the items, agreement and the rubric"),
}
FORMAT_WORDS = {
    "xlsx": _("Excel workbook (.xlsx)"),
    "csv": _("CSV, one file a table"),
    "jsonl": _("JSON Lines, one file a table"),
    "parquet": _("Parquet, one file a table"),
    "html": _("HTML (a report is always one)"),
    "zip": _("Zip (a benchmark bundle is always one)"),
}


class ExportForm(forms.Form):
    what = forms.ChoiceField(label=_("What"), initial="all")
    format = forms.ChoiceField(choices=[(name, FORMAT_WORDS[name]) for name in FORMATS], label=_("Format"))

    def __init__(self, *sent: Any, logs: Sequence[Job]) -> None:
        super().__init__(*sent)
        what = self.fields["what"]
        assert isinstance(what, forms.ChoiceField)
        what.choices = [
            *((name, WHAT_WORDS[name]) for name in WHAT),
            *(
                (f"{LOG}{job.code}", _("Log of Inspect with gold labels: %(name)s") % {"name": job.file_name})
                for job in logs
            ),
        ]

    def clean(self) -> dict[str, Any]:
        """What was asked for; a bundle, a report and a log have their formats whatever the other field says."""
        asked: dict[str, Any] = super().clean() or {}
        if asked.get("what", "").startswith(LOG):
            log = asked["what"].removeprefix(LOG)
            asked |= {"what": "inspect", "format": "json", "log": log}
        elif asked.get("what") in ONE_FORMAT:
            asked["format"] = ONE_FORMAT[asked["what"]]
        elif asked.get("format") == "zip":
            self.add_error("format", _("Only a benchmark bundle is a zip. Choose another format."))
        elif asked.get("format") == "html":
            self.add_error("format", _("Only a report is an HTML file. Choose another format."))
        return asked


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def exports(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for an export; it is made behind a page that shows how far it is."""
    study = coordinator_in(request, slug)
    form = ExportForm(*sent(request), logs=inspect_logs(study))
    if form.is_valid():
        job = queue_export(study, user=person(request), **form.cleaned_data)
        return redirect("coordinate:job", slug=slug, code=job.code)
    jobs = Job.objects.filter(study=study, kind=Job.Kind.EXPORT).select_related("user").order_by("-pk")
    context = {
        "study": study,
        "section": "exports",
        "form": form,
        "release": latest_release(study),
        "exports": [(job, outcome(job)) for job in jobs[:MOST]],
    }
    return render(request, "coordinate/exports.html", context, status=422 if form.is_bound else 200)
