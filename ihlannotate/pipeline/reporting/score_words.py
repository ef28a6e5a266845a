"""A judge's scores in plain words, by the rules that docs/methods.md states."""

from django.utils.translation import gettext as _

from ihlannotate.pipeline.judging.score_results import Chosen, ScoreReport
from ihlannotate.pipeline.refusals import translated
from ihlannotate.pipeline.reporting.figures import fixed, percent, plain
from ihlannotate.stats.calibration import Calibration
from ihlannotate.stats.score_maps import MapMethod
from ihlannotate.stats.thresholds import Measure


def score_sentence(report: ScoreReport, label: str) -> str:
    """What the scores are worth as probabilities of the level with this `label`, in a sentence."""
    outcome, best = report.outcome, report.best
    if outcome == "no_map" or best is None or best.calibration is None:
        why = translated(report.platt.note or report.isotonic.note)
        return _("The judge’s scores can’t be made into probabilities of “%(level)s”: %(why)s.") % {
            "level": label,
            "why": why,
        }
    if outcome == "no_use":
        return _(
            "It is not shown that the judge’s scores tell “%(level)s” from the rest: one probability for all responses "
            "may do as well."
        ) % {"level": label}
    if outcome == "as_they_are" and report.raw is not None:
        return _(
            "The judge’s scores may be read as probabilities of “%(level)s” as they are: they are off by %(points)s "
            "points on average, no more than chance makes it."
        ) % {"level": label, "points": _off(report.raw)}
    said = {"level": label, "map": method_words(best.method), "points": _off(best.calibration)}
    if outcome == "mapped":
        return (
            _(
                "Read through a map (%(map)s), the judge’s scores are probabilities of “%(level)s”: on prompts that "
                "the map has not seen they are off by %(points)s points on average, no more than chance makes it."
            )
            % said
        )
    return (
        _(
            "The judge’s scores put responses in order, but are no probabilities of “%(level)s”: even through the "
            "better map (%(map)s) they are off by %(points)s points on average, more than chance makes it."
        )
        % said
    )


def level_words(chosen: Chosen, label: str) -> str:
    """Which level the scores are held against, and why that one."""
    words = {
        "stated": _("The scores are of “%(level)s”, as was stated with the judge (score_of)."),
        "asked": _("The scores are held against “%(level)s”, as you chose."),
        "rising": _(
            "Nobody stated which level the scores are of. “%(level)s” is the first of the rubric that becomes likelier "
            "with a higher score."
        ),
        "first": _(
            "Nobody stated which level the scores are of, and none becomes likelier with a higher score. “%(level)s” "
            "is the first of the rubric."
        ),
    }
    return words[chosen] % {"level": label}


def threshold_sentence(report: ScoreReport, label: str) -> str:
    """Where to cut the scores, in a sentence; why nowhere, where there is no such place."""
    choice = report.choice
    if choice.best is None:
        return _("There is no threshold to choose: %(why)s.") % {"why": translated(choice.note)}
    if choice.note:
        return _("No threshold is of use by %(measure)s: %(why)s.") % {
            "measure": measure_words(choice.measure),
            "why": translated(choice.note),
        }
    return _(
        "Giving “%(level)s” from a score of %(threshold)s up is best by %(measure)s: %(best)s here, "
        "%(expected)s on other prompts; the judge’s own labels have %(own)s."
    ) % {
        "level": label,
        "threshold": fixed(choice.best.at, 3),
        "measure": measure_words(choice.measure),
        "best": measured_words(choice.measure, choice.best.value),
        "expected": measured_words(choice.measure, choice.on_other_prompts.value),
        "own": measured_words(choice.measure, report.own.value.value),
    }


def method_words(method: MapMethod) -> str:
    """A map's name."""
    return {"isotonic": _("isotonic"), "platt": "Platt"}[method]


def measure_words(measure: Measure) -> str:
    """The name of what a threshold maximises."""
    return {"accuracy": _("accuracy"), "f1": "F1", "mcc": "MCC", "youden": _("Youden’s J")}[measure]


def measured_words(measure: Measure, value: float | None) -> str:
    """A value of what a threshold maximises: accuracy is a percentage, the others are coefficients."""
    return percent(value) if measure == "accuracy" else plain(value)


def base_words(report: ScoreReport) -> str:
    """How common the level is in gold, and the Brier score of saying no more than that."""
    share = report.positives / report.n if report.n else None
    return _("Gold gives it to %(share)s; saying that of every response has a Brier score of %(brier)s.") % {
        "share": percent(share),
        "brier": plain(report.base_brier),
    }


def _off(found: Calibration) -> str:
    return fixed(100 * (found.ece.value or 0.0), 1)
