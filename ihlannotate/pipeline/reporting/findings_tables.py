"""Findings as tables: every measure by model and condition four ways, what a condition changes, parts of the study."""

from collections.abc import Callable, Iterator, Mapping

from django.utils.text import slugify
from django.utils.translation import gettext as _

from ihlannotate.pipeline.findings import FindingsReport, MeasureFindings
from ihlannotate.pipeline.reporting.cells import (
    coefficient_cell,
    how,
    p_cell,
    points_cell,
    sentences,
    share_cell,
    table,
)
from ihlannotate.pipeline.reporting.conditions import where
from ihlannotate.pipeline.reporting.findings_plots import (
    condition_words,
    estimate_by,
    method_of_parts,
    method_words,
    rests_on,
)
from ihlannotate.pipeline.reporting.words import (
    disagreeing,
    measure_words,
    part_title,
    run_words,
    slice_label,
)
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.stats.estimate import Estimate
from ihlannotate.writers.tables import Figure, Table

Specs = Mapping[str, CriterionSpec]


def findings_tables(report: FindingsReport, specs: Specs) -> tuple[Table, ...]:
    """All tables of the findings of an unblinded study; `specs` are the rubric's criteria by their keys."""
    return tuple(
        one
        for at, found in enumerate(report.measures)
        for one in _of_measure(report, found, specs, stem_of(at))
    )


def stem_of(at: int) -> str:
    """How the names begin of the tables of the measure at this place."""
    return f"findings-{at + 1}"


def name_of_parts(stem: str, kind: str) -> str:
    """The name of a measure's table of parts of this kind."""
    return f"{stem}-by-{slugify(kind)}"


def _of_measure(report: FindingsReport, found: MeasureFindings, specs: Specs, stem: str) -> Iterator[Table]:
    spec = specs[found.measure.criterion]
    what = measure_words(spec, found.measure)
    shares = found.measure.statistic == "share"
    written: Callable[[Estimate, int | None], Figure] = share_cell if shares else coefficient_cell
    release = _("Gold release %(number)s, judge: %(judge)s.") % {
        "number": report.release,
        "judge": report.judge or _("none"),
    }
    asked = where(specs, dict(found.measure.condition))
    made = sentences(asked, release, how(report.replicates, report.seed))
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
        note=sentences(made, warning),
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
                p_cell(one.gold.p_holm),
                one.naive.effect.pairs,
                written(one.naive.effect.difference),
                p_cell(one.naive.p_holm),
                written(one.ppi),
            )
            for one in found.effects
        ],
        texts=2,
        note=made,
    )


def _slices(
    found: MeasureFindings, stem: str, what: str, made: str, written: Callable[[Estimate, int | None], Figure]
) -> Iterator[Table]:
    for kind in dict.fromkeys(one.kind for one in found.slices):
        method = method_of_parts(found, kind)
        yield table(
            name_of_parts(stem, kind),
            _("“%(what)s” on parts of the study (%(kind)s), %(method)s")
            % {"what": what, "kind": part_title(kind), "method": method_words(method)},
            (part_title(kind), *(run_words(cell.model, cell.condition) for cell in found.cells)),
            [
                (
                    slice_label(one.kind, one.name),
                    *(
                        written(estimate_by(method, cell.figure), rests_on(method, cell.figure))
                        for cell in one.cells
                    ),
                )
                for one in found.slices
                if one.kind == kind
            ],
            note=made,
        )
