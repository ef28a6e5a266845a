"""Figures in plain words. Every sentence follows a stated rule; docs/methods.md states the same rules."""

from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from ihlannotate.models.gold import GoldLabel
from ihlannotate.models.item import Prompt
from ihlannotate.pipeline.agreement import CriterionAgreement
from ihlannotate.pipeline.findings import Measure, MeasureFindings
from ihlannotate.pipeline.judging import LENGTH, CriterionValidation, JudgeSlice
from ihlannotate.pipeline.refusals import translated
from ihlannotate.pipeline.reporting.figures import fixed, percent
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.stats.alternative import AltTest
from ihlannotate.stats.estimate import Estimate

TENTATIVE, RELIABLE = 0.667, 0.80  # Krippendorff's limits, for the lower bound of alpha's interval
ONE_SIDED = 0.9  # a level this common makes chance-corrected figures harsh


@dataclass(frozen=True)
class Reading:
    """A sentence, what else a reader should know, and its tone: strong, moderate, uncertain, low or unknown."""

    tone: str
    text: str
    hint: str = ""


def alpha_axis() -> str:
    """The title of an axis of alpha."""
    # xgettext:no-python-format
    return _("Krippendorff’s α with its 95% interval")


def alpha_limits() -> tuple[tuple[float, str], ...]:
    """Krippendorff's customary limits, as marks on an axis of alpha."""
    return (TENTATIVE, _(".667")), (RELIABLE, _(".80"))


def agreement_reading(alpha: Estimate) -> Reading:
    """Agreement in words, by the lower bound of alpha's interval against .667 and .80."""
    if alpha.value is None:
        return Reading(
            "unknown", _("Agreement can’t be measured yet: %(why)s") % {"why": translated(alpha.note)}
        )
    figure = _("(Krippendorff’s α %(value)s)") % {"value": fixed(alpha.value, 2)}
    if alpha.low is None or alpha.high is None:
        return Reading(
            "unknown",
            _("Agreement has no interval yet %(figure)s") % {"figure": figure},
            translated(alpha.note),
        )
    if alpha.low >= RELIABLE:
        return Reading("strong", _("Agreement is strong %(figure)s") % {"figure": figure})
    if alpha.low >= TENTATIVE:
        return Reading("moderate", _("Agreement is moderate %(figure)s") % {"figure": figure})
    if alpha.high < TENTATIVE:
        return Reading("low", _("Agreement is low %(figure)s") % {"figure": figure})
    text = _("Agreement is uncertain %(figure)s") % {"figure": figure}
    return Reading(
        "uncertain",
        text,
        _("The interval holds .667, so it may be low or at least moderate: more ratings would tell."),
    )


def agreement_meaning(same: Estimate, *, sets: bool = False) -> str:
    """Percent agreement as a sentence; empty where there is none."""
    if same.value is None:
        return ""
    if sets:
        return _(
            "Two annotators of one response named exactly the same labels in %(share)s of all cases."
        ) % {"share": percent(same.value)}
    return _("Two annotators of one response gave the same answer in %(share)s of all cases.") % {
        "share": percent(same.value)
    }


def agreement_advice(tone: str, *, pairable: int, closed: bool, sets: bool = False) -> str:
    """What to do about agreement of this tone; `pairable` items have at least two annotations."""
    if tone == "unknown":
        if not pairable:
            return _("let a second annotator rate the same responses.")
        return _("go by the percent agreement until answers differ on more items and prompts.")
    if tone == "strong":
        return _("nothing. Answers to this question can be relied on.")
    if sets:
        return _(
            "look at the labels on which annotators agree least, and say in the guidelines when to name them."
        )
    if tone == "moderate":
        return _(
            "read the responses that divide annotators; use the labels, and state this figure with them."
        )
    if closed:
        return _(
            "don’t rely on single labels. Have the contested responses adjudicated, and state this figure and its "
            "interval with every result."
        )
    if tone == "uncertain":
        return _("go on rating, and read the responses that divide annotators meanwhile.")
    return _(
        "read the responses that divide annotators before you rely on any label. Is the law contested, is the wording "
        "unclear, or were they slips? Then discuss the guidelines."
    )


def one_sided(found: CriterionAgreement, spec: CriterionSpec) -> str:
    """A caution where almost all annotations are of one level, named as in `spec`; empty otherwise."""
    names = {option.value: option.label for option in spec.options}
    for level, prevalence in found.reliability.prevalence:
        if prevalence.value is not None and prevalence.value >= ONE_SIDED:
            return _(
                "%(share)s of the annotations are “%(level)s”. α and κ are harsh where one level is so common: "
                "read Gwet’s AC and the percent agreement beside them."
            ) % {
                "share": percent(prevalence.value),
                "level": names.get(found.labels[level], found.labels[level]),
            }
    return ""


TONES = {
    "too_few": "unknown",
    "by_chance": "low",
    "test_passed": "strong",
    "test_failed": "low",
    "no_comparison": "unknown",
    "less_accurate": "low",
    "more_accurate": "strong",
    "no_difference": "moderate",
}


def judge_reading(found: CriterionValidation) -> Reading:
    """The one sentence about a judge, by the rule of `pipeline.judging.conclusions`."""
    concluded = found.conclusion
    hint = ""
    if concluded.outcome == "by_chance":
        hint = translated(found.report.cohen_kappa.note)
    elif concluded.outcome in ("test_passed", "test_failed"):
        hint = alt_test_words(found.alt_test)
    return Reading(TONES[concluded.outcome], translated(concluded.sentence), hint)


def alt_test_words(test: AltTest) -> str:
    """The outcome of the alternative annotator test in a sentence."""
    if test.passed is None:
        return _("The alternative annotator test was %(note)s.") % {"note": translated(test.note)}
    won = sum(one.rejected for one in test.per_annotator)
    values = {"won": won, "n": test.annotators_tested, "epsilon": fixed(test.epsilon, 2)}
    if test.passed:
        return (
            _(
                "Alternative annotator test passed: the judge does at least as well as %(won)s of the %(n)s annotators "
                "tested (ε = %(epsilon)s; half of them are needed)."
            )
            % values
        )
    return (
        _(
            "Alternative annotator test not passed: the judge does at least as well as %(won)s of the %(n)s annotators "
            "tested (ε = %(epsilon)s; half of them are needed)."
        )
        % values
    )


def measure_words(spec: CriterionSpec, measure: Measure) -> str:
    """What is counted, in the rubric's words: the levels of a share, the question of a mean."""
    if measure.statistic == "mean":
        return spec.title
    return " / ".join(option.label for option in spec.options if option.value in measure.levels)


def part_title(kind: str) -> str:
    """What a study is cut by, as a column's title."""
    titles = {
        "tier": _("Tier of the gold label"),
        "category": _("Category"),
        "language": _("Language"),
        "rule group": _("Rule group"),
        "complexity": _("Complexity"),
        LENGTH: _("Length of the response"),
        "model": _("Model"),
        "condition": _("Condition"),
    }
    return titles[kind]


def part_label(one: JudgeSlice) -> str:
    """The name of a part as people read it."""
    if one.kind == "tier":
        return str(GoldLabel.Tier(one.name).label)
    if one.kind == LENGTH:
        return capfirst(translated(one.name))
    return slice_label(one.kind, translated(one.name))


def slice_label(kind: str, name: str) -> str:
    """The name of one of the parts that a study is cut into by its prompts, as people read it."""
    if kind == "complexity" and name in Prompt.Complexity.values:
        return str(Prompt.Complexity(name).label)
    if kind == "language":
        return language_words(name)
    return name


def language_words(code: str) -> str:
    """A language in the reader's, by its code; the code itself where it is none that Django knows."""
    try:
        return capfirst(str(get_language_info(code)["name_translated"]))
    except KeyError:
        return code


def run_words(model: str, condition: str) -> str:
    """A run's name."""
    return f"{model} · {condition}" if condition else model


def disagreeing(found: MeasureFindings) -> tuple[str, ...]:
    """The runs on which the two corrections of a measure have intervals that do not meet."""
    return tuple(
        run_words(cell.model, cell.condition)
        for cell in found.cells
        if cell.figure.judge.corrections_disagree
    )
