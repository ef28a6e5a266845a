"""Every figure of a judge's validation as a file."""

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
from ihlannotate.web.coordinate.downloads import csv_file


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
    return csv_file(f"{study.slug}-judge-{pk}.csv", FIGURE_HEADER, figure_rows(report))
