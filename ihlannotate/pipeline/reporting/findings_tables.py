"""Findings as tables: every measure by model and condition four ways, what a condition changes, parts of the study."""

from collections.abc import Callable, Iterator, Mapping

from django.utils.translation import gettext as _

from ihlannotate.pipeline.findings import Comparison, FindingsReport, MeasureFindings
from ihlannotate.pipeline.reporting.cells import (
    UNDEFINED,
    coefficient_cell,
    how,
    points_cell,
    share_cell,
    table,
)
from ihlannotate.pipeline.reporting.figures import p_value
from ihlannotate.pipeline.reporting.findings_plots import (
    condition_words,
    estimate_by,
    method_of,
    method_words,
)
from ihlannotate.pipeline.reporting.words import disagreeing, measure_words, part_title, run_words
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.stats.estimate import Estimate
from ihlannotate.writers.tables import Figure, Table

Specs = Mapping[str, CriterionSpec]


def findings_tables(report: FindingsReport, specs: Specs) -> tuple[Table, ...]:
    """All tables of the findings of an unblinded study."""
    return tuple(
        one
        for at, found in enumerate(report.measures, start=1)
        for one in _of_measure(report, found, specs[found.measure.criterion], f"findings-{at}")
    )


def _of_measure(
    report: FindingsReport, found: MeasureFindings, spec: CriterionSpec, stem: str
) -> Iterator[Table]:
    what = measure_words(spec, found.measure)
    shares = found.measure.statistic == "share"
    written: Callable[[Estimate, int | None], Figure] = share_cell if shares else coefficient_cell
    release = _("Gold release %(number)s, judge: %(judge)s.") % {
        "number": report.release,
        "judge": report.judge or _("none"),
    }
    made = f"{release} {how(report.replicates, report.seed)}"
    warned = disagreeing(found)
    warning = _("The corrections disagree for: %(runs)s.") % {"runs": ", ".join(warned)} if warned else ""
    said = {"what": what, "question": spec.title}
    caption = (
        _("Share of “%(what)s” (%(question)s) by model and condition")
        if shares
        else (_("Mean of “%(what)s” by model and condition"))
    )
    yield table(
        f"{stem}-runs",
        caption % said,
        (
            _("Model"),
            _("Condition"),
            _("Judge alone"),
            _("Gold alone"),
            _("Corrected (Rogan–Gladen)"),
            "PPI++",
            _("With gold and verdict"),
            _("With a verdict only"),
        ),
        [
            (
                cell.model,
                condition_words(cell.condition),
                written(cell.figure.judge.naive, cell.figure.n_judge),
                written(cell.figure.gold, cell.figure.n_gold),
                written(cell.figure.judge.corrected, None),
                written(cell.figure.judge.ppi, None),
                cell.figure.n_both,
                cell.figure.n_elsewhere,
            )
            for cell in found.cells
        ],
        texts=2,
        note=f"{made} {warning}".strip(),
    )
    if found.effects:
        yield _effects(report, found, stem, what, made, shares=shares)
    yield from _slices(found, stem, what, made, written)


def _effects(
    report: FindingsReport, found: MeasureFindings, stem: str, what: str, made: str, *, shares: bool
) -> Table:
    written = points_cell if shares else coefficient_cell
    return table(
        f"{stem}-effects",
        _("What a condition changes of “%(what)s” against “%(baseline)s”, paired by prompt")
        % {"what": what, "baseline": condition_words(report.baseline)},
        (
            _("Model"),
            _("Condition"),
            _("Pairs"),
            _("By gold"),
            _("By gold, p (Holm)"),
            _("Pairs judged"),
            _("By the judge"),
            _("By the judge, p (Holm)"),
            "PPI++",
        ),
        [
            (
                one.model,
                condition_words(one.condition),
                one.gold.effect.pairs,
                written(one.gold.effect.difference),
                _p(one.gold),
                one.naive.effect.pairs,
                written(one.naive.effect.difference),
                _p(one.naive),
                written(one.ppi),
            )
            for one in found.effects
        ],
        texts=2,
        note=made,
    )


def _p(one: Comparison) -> Figure:
    return Figure(UNDEFINED, None) if one.p_holm is None else Figure(p_value(one.p_holm), one.p_holm)


def _slices(
    found: MeasureFindings, stem: str, what: str, made: str, written: Callable[[Estimate, int | None], Figure]
) -> Iterator[Table]:
    method = method_of(found)
    for at, kind in enumerate(dict.fromkeys(one.kind for one in found.slices), start=1):
        yield table(
            f"{stem}-parts-{at}",
            _("“%(what)s” on parts of the study (%(kind)s), %(method)s")
            % {"what": what, "kind": part_title(kind), "method": method_words(method)},
            (part_title(kind), *(run_words(cell.model, cell.condition) for cell in found.cells)),
            [
                (one.name, *(written(estimate_by(method, cell.figure), None) for cell in one.cells))
                for one in found.slices
                if one.kind == kind
            ],
            note=made,
        )
