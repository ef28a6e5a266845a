"""Findings as files: every figure as CSV, every plot as SVG; nothing before unblinding."""

import csv

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ihlannotate.pipeline.findings import FIGURE_HEADER, figure_rows, findings
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.web.access import coordinator_in, signed_in
from ihlannotate.web.coordinate.findings import questions_of, sealed
from ihlannotate.writers.formulas import escape_formula


@require_safe
@signed_in
def figures(request: HttpRequest, slug: str) -> HttpResponse:
    """Every figure of the findings with full precision, as CSV; `?judge=` of one judge."""
    study = coordinator_in(request, slug)
    try:
        report = findings(study, judge=request.GET.get("judge", ""))
    except Refused as refusal:
        return sealed(request, study, status=409, message=str(refusal) if study.is_unblinded else "")
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{study.slug}-findings.csv"'
    out = csv.writer(response)
    out.writerow(FIGURE_HEADER)
    for row in figure_rows(report):
        out.writerow([escape_formula(cell) if isinstance(cell, str) else cell for cell in row])
    return response


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
    response = HttpResponse(drawn[plot].standalone, content_type="image/svg+xml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{study.slug}-{plot}.svg"'
    return response
