"""A judge's scores on one question: as probabilities, through a map, and cut at a threshold; the map as a file."""

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from ihlannotate.models.judge import Judge
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import levelled_criteria
from ihlannotate.pipeline.judging.score_results import ScoreReport
from ihlannotate.pipeline.judging.scores import judge_scores, scored_criteria, stated_level
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.releasing import latest_release
from ihlannotate.pipeline.reporting.score_plots import curves_of, threshold_plot
from ihlannotate.pipeline.reporting.score_tables import score_tables, threshold_table
from ihlannotate.pipeline.reporting.score_words import (
    level_words,
    measure_words,
    method_words,
    score_sentence,
    threshold_sentence,
)
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.stats.thresholds import MEASURES, Measure
from ihlannotate.web.access import coordinator_in, signed_in
from ihlannotate.writers.tables import Table

TABLES_OF_SCORES = ("calibration", "bins", "decisions", "thresholds")  # the ends of their names


@require_safe
@signed_in
def scores(request: HttpRequest, slug: str, pk: int, key: str) -> HttpResponse:
    """What a judge's scores say of one level of a question, `?level=`; `?measure=` is what a threshold maximises."""
    return _page(request, coordinator_in(request, slug), pk, key)


def _page(request: HttpRequest, study: Study, pk: int, key: str, *, status: int = 200) -> HttpResponse:
    known, spec = _scored(study, pk, key)
    measure = _measure(request)
    context: dict[str, object] = {
        "study": study,
        "section": "judges",
        "judge": known,
        "spec": spec,
        "measures": [(one, measure_words(one)) for one in MEASURES],
        "stated": stated_level(known, spec),
        "release": latest_release(study),
    }
    try:
        report = _report(request, study, known, spec)
    except Refused as refusal:
        context["refusal"] = refusal
        return render(request, "coordinate/judge_scores.html", context, status=status)
    label = _label(spec, report.level)
    tables = {one.name.rpartition("-")[2]: one for one in score_tables(report, label, number=pk)}
    context |= {
        "report": report,
        "sentence": score_sentence(report, label),
        "level": level_words(report.chosen, label),
        "threshold": threshold_sentence(report, label),
        "tables": tables,
        "curves": curves_of(report),
        "plot": threshold_plot(report),
        "maps": [
            (one.method, method_words(one.method))
            for one in (report.isotonic, report.platt)
            if one.map is not None
        ],
        "query": "?" + urlencode({"level": report.level, "measure": measure}),
    }
    return render(request, "coordinate/judge_scores.html", context, status=status)


@require_safe
@signed_in
def score_map(request: HttpRequest, slug: str, pk: int, key: str) -> HttpResponse:
    """A map as JSON for the judge's owner to apply, `?method=isotonic` or `platt`; without one, the page says why."""
    study = coordinator_in(request, slug)
    known, spec = _scored(study, pk, key)
    try:
        report = _report(request, study, known, spec)
    except Refused as refusal:
        raise Http404(refusal.message) from refusal
    methods = {"isotonic": report.isotonic, "platt": report.platt}
    fitted = methods.get(request.GET.get("method", "isotonic"))
    if fitted is None:
        raise Http404
    found = report.map_dict(fitted.method)
    if found is None:
        return _page(request, study, pk, key, status=409)
    return HttpResponse(
        json.dumps(found, ensure_ascii=False, allow_nan=False),
        content_type="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="{slug}-judge-{pk}-{key}-{fitted.method}.json"'
        },
    )


def tables_of_scores(request: HttpRequest, study: Study, pk: int, key: str) -> tuple[Table, ...]:
    """The page's tables as files, with every threshold in that of thresholds. Raises Refused, as the page shows."""
    known, spec = _scored(study, pk, key)
    report = _report(request, study, known, spec)
    label = _label(spec, report.level)
    whole = threshold_table(report, label, number=pk)
    return tuple(whole if one.name == whole.name else one for one in score_tables(report, label, number=pk))


def _scored(study: Study, pk: int, key: str) -> tuple[Judge, CriterionSpec]:
    known = Judge.objects.filter(study=study, pk=pk).first()
    spec = next((one for one in levelled_criteria(study) if one.key == key), None)
    if known is None or spec is None or key not in scored_criteria(known):
        raise Http404
    return known, spec


def _measure(request: HttpRequest) -> Measure:
    asked = request.GET.get("measure", "accuracy")
    if asked not in MEASURES:
        raise Http404
    return asked


def _report(request: HttpRequest, study: Study, judge: Judge, spec: CriterionSpec) -> ScoreReport:
    level = request.GET.get("level", "")
    if level and level not in [option.value for option in spec.options]:
        raise Http404
    return judge_scores(study, judge.name, spec.key, level=level, measure=_measure(request))


def _label(spec: CriterionSpec, level: str) -> str:
    return next(option.label for option in spec.options if option.value == level)
