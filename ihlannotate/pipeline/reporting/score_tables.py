"""A judge's scores as tables: maps side by side, bins, thresholds, and decisions against gold."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from ihlannotate.pipeline.judging.score_results import ScoreReport
from ihlannotate.pipeline.refusals import translated
from ihlannotate.pipeline.reporting.cells import (
    UNDEFINED,
    coefficient_cell,
    how,
    sentences,
    share_cell,
    table,
)
from ihlannotate.pipeline.reporting.figures import percent
from ihlannotate.pipeline.reporting.score_words import base_words, measure_words, method_words
from ihlannotate.stats.calibration import Calibration
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.thresholds import Measure, measured
from ihlannotate.writers.tables import Cell, Figure, Table

SHOWN = 12  # thresholds of a table that is to be read, the best among them


def score_tables(report: ScoreReport, label: str, *, number: int) -> tuple[Table, ...]:
    """All tables of a report on the level with this `label`; `number` tells judges apart in their names.

    Of the thresholds only some, the best among them, where there are many: `threshold_table` has all.
    """
    stem = f"judge-{number}-{report.criterion}"
    found = [_maps(report, label, stem), _decisions(report, label, stem)]
    bins = list(_bin_rows(report))
    if bins:
        found.insert(1, _bins(report, label, stem, bins))
    if report.choice.best:
        found.append(threshold_table(report, label, number=number, most=SHOWN))
    return tuple(found)


def threshold_table(report: ScoreReport, label: str, *, number: int, most: int | None = None) -> Table:
    """Every threshold with its counts and the measure, or `most` of them spread over all, with the best among them."""
    choice, cell = report.choice, _cell_of(report.choice.measure)
    values = measured(choice.counts, choice.measure).tolist()
    chosen = set(range(len(values)))
    best = choice.best
    if most is not None and len(values) > most:
        chosen = set(np.linspace(0, len(values) - 1, most).round().astype(int).tolist())
        chosen |= {at for at, one in enumerate(choice.thresholds) if best and one == best.at}
    rows = [
        (
            Figure(f"{choice.thresholds[at]:.3f}", float(choice.thresholds[at])),
            *(int(count) for count in choice.counts[at]),
            UNDEFINED if values[at] != values[at] else cell(Estimate(values[at], None, None)),
            _("best") if best and choice.thresholds[at] == best.at else "",
        )
        for at in sorted(chosen)
    ]
    caption = _("Thresholds on the scores of %(judge)s for “%(level)s”")
    return table(
        f"judge-{number}-{report.criterion}-thresholds",
        caption % {"judge": report.judge, "level": label},
        (
            _("A score from"),
            _("Rightly given"),
            _("Wrongly given"),
            _("Wrongly not given"),
            _("Rightly not given"),
            capfirst(measure_words(choice.measure)),
            _("Choice"),
        ),
        rows,
        texts=0,
        note=sentences(_of(report), translated(choice.note)),
    )


def _maps(report: ScoreReport, label: str, stem: str) -> Table:
    rows: list[Sequence[Cell]] = [_calibrated(_("as they are"), report.raw, translated(report.why_no_raw))]
    for one in (report.isotonic, report.platt):
        name = _("through a map (%(map)s)") % {"map": method_words(one.method)}
        rows.append(_calibrated(name, one.calibration, translated(one.note)))
    return table(
        f"{stem}-calibration",
        _("Scores of %(judge)s as probabilities of “%(level)s”") % {"judge": report.judge, "level": label},
        (_("Scores"), _("Brier score"), _("Expected calibration error"), _("The same by chance")),
        rows,
        note=sentences(
            _of(report),
            base_words(report),
            _("Maps are checked on prompts that they have not seen (%(folds)s folds).")
            % {"folds": report.platt.folds},
            how(report.replicates, report.seed),
        ),
    )


def _calibrated(name: str, found: Calibration | None, why: str) -> Sequence[Cell]:
    if found is None:
        return name, *(coefficient_cell(Estimate.undefined(why)) for _column in range(3))
    return name, *(coefficient_cell(one) for one in (found.brier, found.ece, found.ece_by_chance))


def _bins(report: ScoreReport, label: str, stem: str, rows: Sequence[Sequence[Cell]]) -> Table:
    said = _("How often gold gives “%(level)s”, by the probability that %(judge)s gave to it")
    return table(
        f"{stem}-bins",
        said % {"judge": report.judge, "level": label},
        (_("Scores"), _("Probability given"), _("Mean"), _("Share with the level")),
        rows,
        texts=2,
        note=_of(report),
    )


def _bin_rows(report: ScoreReport) -> Iterator[Sequence[Cell]]:
    parts = [(_("as they are"), report.raw)]
    parts += [(method_words(one.method), one.calibration) for one in (report.isotonic, report.platt)]
    for name, found in parts:
        for one in found.bins if found else ():
            mean = (
                Estimate.undefined(_("no item"))
                if one.predicted is None
                else Estimate(one.predicted, None, None)
            )
            yield (
                name,
                f"{percent(one.low)}–{percent(one.high)}",
                share_cell(mean),
                share_cell(one.observed, one.n),
            )


def _decisions(report: ScoreReport, label: str, stem: str) -> Table:
    own, best, choice = report.own, report.choice.best, report.choice
    cell = _cell_of(choice.measure)
    rows: list[Sequence[Cell]] = [
        (
            _("the judge’s own labels"),
            own.true_positives,
            own.false_positives,
            own.false_negatives,
            own.true_negatives,
            cell(own.value),
        )
    ]
    if best is not None:
        expected = choice.on_other_prompts
        counts = (best.true_positives, best.false_positives, best.false_negatives, best.true_negatives)
        name = _("a score from %(threshold)s") % {"threshold": f"{best.at:.3f}"}
        rows.append((name, *counts, cell(Estimate(best.value, None, None))))
        rows.append((_("the same choice, on other prompts"), "", "", "", "", cell(expected)))
    return table(
        f"{stem}-decisions",
        _("Giving “%(level)s” by the scores of %(judge)s or by its own labels, against gold")
        % {"judge": report.judge, "level": label},
        (
            _("By"),
            _("Rightly given"),
            _("Wrongly given"),
            _("Wrongly not given"),
            _("Rightly not given"),
            capfirst(measure_words(choice.measure)),
        ),
        rows,
        note=sentences(_of(report), how(report.replicates, report.seed)),
    )


def _cell_of(measure: Measure) -> Callable[[Estimate], Figure]:
    return share_cell if measure == "accuracy" else coefficient_cell


def _of(report: ScoreReport) -> str:
    return _("Gold release %(release)s, %(n)s responses with gold and a score, %(prompts)s prompts.") % {
        "release": report.release,
        "n": report.n,
        "prompts": report.prompts,
    }
