"""Plots of a judge's scores: reliability curves before and after a map, and a measure by its threshold."""

from django.utils.translation import gettext as _

from ihlannotate.pipeline.judging.score_results import ScoreReport
from ihlannotate.pipeline.reporting.figures import fixed
from ihlannotate.pipeline.reporting.plots import Plot, by_threshold, reliability_curve
from ihlannotate.pipeline.reporting.score_words import measure_words, measured_words, method_words
from ihlannotate.stats.calibration import Calibration
from ihlannotate.stats.thresholds import measured

MOST = 200  # thresholds on a curve: more are not to be told apart


def curves_of(report: ScoreReport) -> tuple[Plot, ...]:
    """Reliability curves of the scores as they are, and of both maps on prompts they have not seen."""
    raw = _("Scores as they are: off by %(points)s points on average")
    mapped = _("%(map)s map, other prompts: off by %(points)s points on average")
    drawn = [_curve(report.raw, raw, "")] if report.raw else []
    drawn += [
        _curve(one.calibration, mapped, method_words(one.method).capitalize())
        for one in (report.isotonic, report.platt)
        if one.calibration
    ]
    return tuple(plot for plot in drawn if plot)


def _curve(found: Calibration, title: str, name: str) -> Plot | None:
    bins = [(one.predicted, one) for one in found.bins if one.predicted is not None]
    if not bins or found.ece.value is None:
        return None
    return reliability_curve(
        [predicted for predicted, _one in bins],
        [one.observed for _predicted, one in bins],
        [one.n for _predicted, one in bins],
        title=title % {"map": name, "points": fixed(100 * found.ece.value, 1)},
    )


def threshold_plot(report: ScoreReport) -> Plot | None:
    """The measure at the thresholds; None where there are fewer than two, or none is best."""
    choice = report.choice
    if choice.best is None or len(choice.thresholds) < 3:
        return None
    places = list(
        zip(choice.thresholds.tolist(), measured(choice.counts, choice.measure).tolist(), strict=True)
    )
    step = -(-len(places) // MOST)
    thinned = [places[at] for at in sorted({*range(0, len(places), step), len(places) - 1})]
    return by_threshold(
        [(at, None if value != value else value) for at, value in thinned],
        (choice.best.at, choice.best.value),
        title=_("%(measure)s is highest, %(value)s, at a threshold of %(threshold)s")
        % {
            "measure": _capital(measure_words(choice.measure)),
            "value": measured_words(choice.measure, choice.best.value),
            "threshold": fixed(choice.best.at, 3),
        },
        axis=_capital(measure_words(choice.measure)),
        as_percent=choice.measure == "accuracy",
    )


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"
