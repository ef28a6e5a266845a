"""Every figure of a judge's validation as a file."""

import csv

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ihlannotate.models.judge import Judge
from ihlannotate.pipeline.judging import (
    FIGURE_HEADER,
    figure_rows,
    validate_judge,
)
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.web.access import coordinator_in, signed_in
from ihlannotate.writers.formulas import escape_formula


@require_safe
@signed_in
def figures(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Every figure of a judge's validation with full precision, as CSV."""
    study = coordinator_in(request, slug)
    known = Judge.objects.filter(study=study, pk=pk).first()
    if known is None:
        raise Http404
    try:
        report = validate_judge(study, known.name)
    except Refused as refusal:
        raise Http404(refusal.message) from refusal
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{study.slug}-judge-{pk}.csv"'
    out = csv.writer(response)
    out.writerow(FIGURE_HEADER)
    for row in figure_rows(report):
        out.writerow([escape_formula(cell) if isinstance(cell, str) else cell for cell in row])
    return response
