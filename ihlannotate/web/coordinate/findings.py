"""The findings of an unblinded study: figures by model and condition, what a condition changes, parts, plots."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import levelled_criteria
from ihlannotate.pipeline.findings import Cell, Comparison, FindingsReport, MeasureFindings, findings
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.judging import judges_of
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.releasing import latest_release
from ihlannotate.pipeline.reporting.conditions import asked_where
from ihlannotate.pipeline.reporting.figures import coefficient, p_value, points, share
from ihlannotate.pipeline.reporting.findings_plots import (
    Drawn,
    condition_words,
    estimate_by,
    method_of_parts,
    method_words,
    plots_of,
    rests_on,
)
from ihlannotate.pipeline.reporting.findings_tables import name_of_parts, stem_of
from ihlannotate.pipeline.reporting.words import measure_words, part_title, run_words, slice_label
from ihlannotate.stats.estimate import Estimate
from ihlannotate.web.access import coordinator_in, signed_in

Written = Callable[[Estimate, int | None], SafeString]
KINDS = ("rule group", "complexity", "language")


@dataclass(frozen=True)
class Line:
    """A run's row: by the judge alone, by gold alone, corrected, PPI++. `disagree` warns the reader."""

    name: str
    naive: SafeString
    gold: SafeString
    corrected: SafeString
    ppi: SafeString
    n_both: int
    n_elsewhere: int
    disagree: bool


@dataclass(frozen=True)
class Change:
    """What a condition changes within one model: by gold, by the judge, and by PPI++."""

    model: str
    condition: str
    pairs: int
    gold: SafeString
    gold_p: str
    judge_pairs: int
    judge: SafeString
    judge_p: str
    ppi: SafeString


@dataclass(frozen=True)
class Parts:
    """Parts of one kind: a row each, a figure by `method` for each of `runs`."""

    kind: str
    table: str  # the name of its table as a file
    method: str
    runs: tuple[str, ...]
    rows: tuple[tuple[str, tuple[SafeString, ...]], ...]


@dataclass(frozen=True)
class Shown:
    """One measure as its page shows it."""

    stem: str  # of the names of its tables as files
    what: str
    lines: tuple[Line, ...]
    changes: tuple[Change, ...]
    parts: tuple[Parts, ...]
    plots: tuple[Drawn, ...]
    warned: tuple[str, ...]  # runs on which the corrections disagree


@dataclass(frozen=True)
class Question:
    """A criterion with its measures; `asked` says under which answers it is asked."""

    key: str
    title: str
    asked: str
    shown: tuple[Shown, ...]


@require_safe
@signed_in
def overview(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything that was found, by `?judge=`; before unblinding, what must happen first."""
    study = coordinator_in(request, slug)
    if not study.is_unblinded:
        return sealed(request, study, status=200)
    try:
        report = findings(study, judge=request.GET.get("judge", ""))
    except Refused as refusal:
        return sealed(request, study, status=200, message=str(refusal))
    context = {
        "study": study,
        "section": "findings",
        "report": report,
        "baseline": condition_words(report.baseline),
        "judges": judges_of(study),
        "questions": questions_of(study, report),
        "query": f"?{urlencode({'judge': report.judge})}" if report.judge else "",
    }
    return render(request, "coordinate/findings.html", context)


def sealed(request: HttpRequest, study: Study, *, status: int, message: str = "") -> HttpResponse:
    """The page without findings: what must happen first, or the `message` that says why there are none."""
    context = {"study": study, "section": "findings", "release": latest_release(study), "message": message}
    return render(request, "coordinate/findings.html", context, status=status)


def questions_of(study: Study, report: FindingsReport) -> list[Question]:
    """The report's measures by criterion, in words."""
    specs, rubric = {one.key: one for one in levelled_criteria(study)}, spec_of(study.rubric)
    grouped: dict[str, list[Shown]] = {}
    for at, found in enumerate(report.measures):
        spec = specs[found.measure.criterion]
        grouped.setdefault(spec.key, []).append(_shown(report, at, measure_words(spec, found.measure)))
    return [
        Question(key, specs[key].title, asked_where(rubric, specs[key]), tuple(shown))
        for key, shown in grouped.items()
    ]


def _shown(report: FindingsReport, at: int, what: str) -> Shown:
    found = report.measures[at]
    written = share if found.measure.statistic == "share" else coefficient
    lines = tuple(_line(cell, written) for cell in found.cells)
    return Shown(
        stem=stem_of(at),
        what=what,
        lines=lines,
        changes=_changes(found),
        parts=tuple(parts for kind in KINDS for parts in _parts(found, stem_of(at), kind, written)),
        plots=tuple(plots_of(report, at, what)),
        warned=tuple(line.name for line in lines if line.disagree),
    )


def _line(cell: Cell, written: Written) -> Line:
    found = cell.figure
    return Line(
        name=run_words(cell.model, cell.condition),
        naive=written(found.judge.naive, found.n_judge),
        gold=written(found.gold, found.n_gold),
        corrected=written(found.judge.corrected, None),
        ppi=written(found.judge.ppi, None),
        n_both=found.n_both,
        n_elsewhere=found.n_elsewhere,
        disagree=found.judge.corrections_disagree,
    )


def _changes(found: MeasureFindings) -> tuple[Change, ...]:
    written = points if found.measure.statistic == "share" else coefficient
    return tuple(
        Change(
            model=one.model,
            condition=condition_words(one.condition),
            pairs=one.gold.effect.pairs,
            gold=written(one.gold.effect.difference),
            gold_p=_p(one.gold),
            judge_pairs=one.naive.effect.pairs,
            judge=written(one.naive.effect.difference),
            judge_p=_p(one.naive),
            ppi=written(one.ppi),
        )
        for one in found.effects
    )


def _p(one: Comparison) -> str:
    return "–" if one.p_holm is None else p_value(one.p_holm)


def _parts(found: MeasureFindings, stem: str, kind: str, written: Written) -> list[Parts]:
    slices = [one for one in found.slices if one.kind == kind]
    if not slices:
        return []
    method = method_of_parts(found, kind)
    rows = tuple(
        (
            slice_label(one.kind, one.name),
            tuple(
                written(estimate_by(method, cell.figure), rests_on(method, cell.figure)) for cell in one.cells
            ),
        )
        for one in slices
    )
    runs = tuple(run_words(cell.model, cell.condition) for cell in found.cells)
    return [Parts(part_title(kind), name_of_parts(stem, kind), method_words(method), runs, rows)]
