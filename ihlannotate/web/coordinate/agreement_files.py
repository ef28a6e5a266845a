"""Agreement as files: every figure as CSV, every plot as SVG."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ihlannotate.pipeline.agreement import FIGURE_HEADER, agreement, figure_rows
from ihlannotate.pipeline.reporting.agreement_plots import labels_plot, plot_named, without_plot
from ihlannotate.web.access import coordinator_in, signed_in
from ihlannotate.web.coordinate.agreement import cards_of, plot_of_all, report_on, set_labels, shown_of
from ihlannotate.web.coordinate.downloads import csv_file, svg_file


@require_safe
@signed_in
def figures(request: HttpRequest, slug: str) -> HttpResponse:
    """Every figure of the agreement pages with full precision, as CSV; `?criterion=` those of one question."""
    study = coordinator_in(request, slug)
    key = request.GET.get("criterion")
    report = report_on(study, key) if key else agreement(study)
    name = f"{study.slug}-{key}" if key else study.slug
    return csv_file(f"{name}-agreement.csv", FIGURE_HEADER, figure_rows(report))


@require_safe
@signed_in
def overview_plot(request: HttpRequest, slug: str) -> HttpResponse:
    """The plot of all questions."""
    study = coordinator_in(request, slug)
    drawn = plot_of_all(cards_of(study, agreement(study, detail=False)))
    return svg_file(f"{study.slug}-agreement.svg", drawn)


@require_safe
@signed_in
def criterion_plot(request: HttpRequest, slug: str, key: str, plot: str) -> HttpResponse:
    """One plot of one question."""
    study = coordinator_in(request, slug)
    report = report_on(study, key)
    if report.sets:
        found = report.sets[0]
        of_sets = {
            "levels": labels_plot(found, set_labels(study, found)),
            "without": without_plot(found, found.without),
        }
        drawn = of_sets.get(plot)
    else:
        drawn = plot_named(shown_of(study, report.criteria[0]), plot)
    if drawn is None:
        raise Http404
    return svg_file(f"{study.slug}-{key}-{plot}.svg", drawn)
