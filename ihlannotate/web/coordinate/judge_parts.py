"""A judge on parts of the study, as plots, and every figure of its validation as a file."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ihlannotate.models.gold import GoldLabel
from ihlannotate.models.item import Prompt
from ihlannotate.models.judge import Judge
from ihlannotate.pipeline.judging import (
    FIGURE_HEADER,
    LENGTH,
    CriterionValidation,
    JudgeSlice,
    figure_rows,
    validate_judge,
)
from ihlannotate.pipeline.refusals import Refused, translated
from ihlannotate.pipeline.reporting.agreement_plots import FEW_PROMPTS
from ihlannotate.pipeline.reporting.figures import counted
from ihlannotate.pipeline.reporting.plots import Plot, forest
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.judging_by_slice import JudgedSlice
from ihlannotate.web.access import coordinator_in, signed_in
from ihlannotate.writers.formulas import escape_formula


@dataclass(frozen=True)
class Part:
    """The parts of one kind: their plot, and rows (name, figures)."""

    title: str
    plot: Plot
    rows: tuple[tuple[str, JudgedSlice], ...]


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


def parts_of(found: CriterionValidation) -> tuple[Part, ...]:
    """The slices of a validation, kind by kind, each beneath the whole; a kind of one part says nothing new."""
    whole = found.report.accuracy
    parts = []
    for kind, slices in groupby(found.slices, key=lambda one: one.kind):
        rows = tuple((_label(one), one.found) for one in slices)
        if len(rows) > 1:
            parts.append(Part(_title(kind), _plot(rows, whole, found.report.n), rows))
    return tuple(parts)


def _title(kind: str) -> str:
    titles = {
        "tier": _("By tier of the gold label"),
        "category": _("By category"),
        "language": _("By language of the prompt"),
        "rule group": _("By group of IHL rules"),
        "complexity": _("By complexity of the prompt"),
        LENGTH: _("By length of the response"),
        "model": _("By model"),
        "condition": _("By condition"),
    }
    return titles[kind]


def _label(one: JudgeSlice) -> str:
    if one.kind == "tier":
        return str(GoldLabel.Tier(one.name).label)
    if one.kind == "complexity":
        return str(Prompt.Complexity(one.name).label)
    return translated(one.name)


def _plot(rows: Sequence[tuple[str, JudgedSlice]], whole: Estimate, n: int) -> Plot:
    drawn = [
        (_with_n(_("All items"), n), whole),
        *((_with_n(name, one.n), one.accuracy) for name, one in rows),
    ]
    # xgettext:no-python-format
    axis = _("accuracy with its 95% interval")
    return forest(drawn, title=_finding(rows), axis=axis, as_percent=True)


def _with_n(label: str, n: int) -> str:
    return _("%(label)s, n=%(n)s") % {"label": label, "n": counted(n)}


def _finding(rows: Sequence[tuple[str, JudgedSlice]]) -> str:
    """Which part stands out among those with enough prompts, where the intervals of the extremes do not meet."""
    known = [
        (one.accuracy.value, one.accuracy, name)
        for name, one in rows
        if one.accuracy.value is not None and one.clusters >= FEW_PROMPTS
    ]
    if len(known) < 2:
        return _("The judge on each part: too few prompts to compare them")
    least, most = min(known, key=lambda one: one[0]), max(known, key=lambda one: one[0])
    if least[1].high is None or most[1].low is None or least[1].high >= most[1].low:
        return _("No part with at least %(n)s prompts stands out: intervals overlap") % {"n": FEW_PROMPTS}
    return _("The judge is more accurate on “%(most)s” than on “%(least)s”") % {
        "most": most[2],
        "least": least[2],
    }
