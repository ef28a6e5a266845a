"""Findings as files: every figure as CSV, every plot as SVG; nothing before unblinding."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ihlannotate.pipeline.findings import FIGURE_HEADER, figure_rows, findings
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.web.access import coordinator_in, signed_in
from ihlannotate.web.coordinate.downloads import csv_file, svg_file
from ihlannotate.web.coordinate.findings import questions_of, sealed


@require_safe
@signed_in
def figures(request: HttpRequest, slug: str) -> HttpResponse:
    """Every figure of the findings with full precision, as CSV; `?judge=` of one judge."""
    study = coordinator_in(request, slug)
    try:
        report = findings(study, judge=request.GET.get("judge", ""))
    except Refused as refusal:
        return sealed(request, study, status=409, message=str(refusal) if study.is_unblinded else "")
    return csv_file(f"{study.slug}-findings.csv", FIGURE_HEADER, figure_rows(report))


@require_safe
@signed_in
def plot(request: HttpRequest, slug: str, plot: str) -> HttpResponse:
    """One plot as a file, by its name."""
    study = coordinator_in(request, slug)
    try:
        report = findings(study, judge=request.GET.get("judge", ""))
    except Refused as refusal:
        return sealed(request, study, status=409, message=str(refusal) if study.is_unblinded else "")
    shown = [one for question in questions_of(study, report) for one in question.shown]
    drawn = {one.name: one.plot for each in shown for one in each.plots}
    if plot not in drawn:
        raise Http404
    return svg_file(f"{study.slug}-{plot}.svg", drawn[plot])
