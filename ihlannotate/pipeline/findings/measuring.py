"""The findings of an unblinded study: every measure by model and condition, its effects and its slices."""

from collections.abc import Iterator

import numpy as np
from django.utils.translation import gettext as _

from ihlannotate.models.judge import Judge
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import kept, levelled_criteria
from ihlannotate.pipeline.agreement.slices import Slicings, slicings_of
from ihlannotate.pipeline.findings.cells import figure_of
from ihlannotate.pipeline.findings.columns import Answered, BoolArray, answered
from ihlannotate.pipeline.findings.measures import Measure, measures_of
from ihlannotate.pipeline.findings.pairing import effects_of
from ihlannotate.pipeline.findings.population import Population, population_of
from ihlannotate.pipeline.findings.results import Cell, FindingsReport, MeasureFindings, Slice
from ihlannotate.pipeline.judging import judges_of
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.releasing import latest_release

SLICED = ("rule group", "complexity", "language")


def findings(study: Study, *, judge: str = "", seed: int = 0, replicates: int = 1000) -> FindingsReport:
    """Refusal and what follows from it, by model and condition, on the latest gold release; kept until data change.

    `judge` may be left out: the first by name is taken, and without any there is gold only. Raises Refused: the study
    is not unblinded, there is no such judge, no question of the rubric has levels.
    """
    if not study.is_unblinded:
        raise Refused(
            _(
                "Study “%(slug)s” is not unblinded: findings name models and conditions. Close it, release its gold "
                "labels, then unblind it."
            )
            % {"slug": study.slug}
        )
    names = judges_of(study)
    if judge and judge not in names:
        listed = ", ".join(f"“{name}”" for name in names) or _("none yet")
        raise Refused(
            _("Study “%(slug)s” has no judge “%(judge)s”. Its judges: %(names)s.")
            % {"slug": study.slug, "judge": judge, "names": listed}
        )
    chosen = judge or next(iter(names), "")
    parameters: dict[str, int | str] = {"judge": chosen, "seed": seed, "replicates": replicates}
    return kept(study, "findings", parameters, lambda: _report(study, chosen, seed, replicates))


def _report(study: Study, judge: str, seed: int, replicates: int) -> FindingsReport:
    release = latest_release(study)
    measures = measures_of(study)
    if release is None or not measures:
        raise Refused(
            _("Study “%(slug)s” has no gold on a question with levels, so there is nothing to find.")
            % {"slug": study.slug}
        )
    data = answered(study, release, Judge.objects.filter(study=study, name=judge).first())
    slicings = slicings_of(study)
    titles = {one.key: one.title for one in levelled_criteria(study)}
    return FindingsReport(
        study=study.slug,
        judge=judge,
        release=release.number,
        seed=seed,
        replicates=replicates,
        baseline=data.baseline,
        measures=tuple(
            _measured(data, slicings, one, titles[one.criterion], replicates, seed, sliced=at == 0)
            for at, one in enumerate(measures)
        ),
    )


def _measured(
    data: Answered,
    slicings: Slicings,
    measure: Measure,
    title: str,
    replicates: int,
    seed: int,
    *,
    sliced: bool,
) -> MeasureFindings:
    found = population_of(data, measure)
    parts = sliced or measure.statistic == "mean"
    everything = np.ones(len(data.runs), dtype=np.bool_)
    return MeasureFindings(
        measure=measure,
        title=title,
        cells=_cells(data, found, measure, everything, replicates, seed),
        effects=effects_of(data, found, measure, replicates=replicates, seed=seed),
        slices=tuple(_slices(data, slicings, found, measure, replicates, seed)) if parts else (),
    )


def _cells(
    data: Answered, found: Population, measure: Measure, within: BoolArray, replicates: int, seed: int
) -> tuple[Cell, ...]:
    return tuple(
        Cell(
            model,
            condition,
            figure_of(found.of(within & (data.runs == run)), measure, replicates=replicates, seed=seed),
        )
        for run, (model, condition) in enumerate(data.names)
    )


def _slices(
    data: Answered, slicings: Slicings, found: Population, measure: Measure, replicates: int, seed: int
) -> Iterator[Slice]:
    by_kind = {slicing.kind: slicing for slicing in slicings.slicings}
    for kind in SLICED:
        if kind in by_kind:
            members = slicings.of_units(by_kind[kind], data.prompts)
            for name, within in zip(by_kind[kind].names, members, strict=True):
                yield Slice(kind, name, _cells(data, found, measure, within, replicates, seed))
