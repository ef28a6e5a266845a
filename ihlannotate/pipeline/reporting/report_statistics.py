"""What the figures of a report are, in prose with formulae and sources."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from ihlannotate.models.study import Study
from ihlannotate.pipeline.releasing.fitting import STARTS
from ihlannotate.pipeline.reporting.blocks import Block, Prose, Section
from ihlannotate.pipeline.reporting.figures import counted, fixed


def statistics(study: Study, *, seed: int, replicates: int) -> Section:
    """Intervals, agreement, gold, judges and findings: how each is computed, and after whom."""
    return Section(_("Statistics"), sections=tuple(_statistics(study, seed, replicates)))


def _statistics(study: Study, seed: int, replicates: int) -> Iterator[Section]:
    yield Section(
        _("Intervals"),
        (
            Prose(
                _(
                    "Responses to one prompt resemble each other, so the prompt is the unit that is drawn again: 95%% "
                    "percentile intervals come from %(replicates)s bootstrap replicates that draw prompts with all "
                    "their responses (seed %(seed)s). Simple shares have Wilson’s interval at the effective size that "
                    "shared prompts leave (Wilson 1927; Efron and Tibshirani 1993; Cameron and others 2008). What "
                    "cannot be computed is called undefined, with the reason, and never shown as 0 or 1."
                )
                % {"replicates": counted(replicates), "seed": seed}
            ),
        ),
    )
    yield Section(_("Agreement"), _of_agreement())
    yield Section(_("Gold labels"), _of_gold())
    yield Section(_("Judge against gold"), _of_judges(study))
    yield Section(_("Prevalence and findings"), _of_findings())


def _of_agreement() -> tuple[Block, ...]:
    return (
        Prose(
            _(
                "Agreement is measured on annotators’ own submissions; adjudications and judges never enter it. "
                "Krippendorff’s α = 1 − D(observed) / D(expected), where disagreement is 0 or 1 for nominal levels, "
                "the squared difference for numbers, and the squared distance in ranks for ordered levels "
                "(Krippendorff 2019). Sets of labels have MASI distance (Passonneau 2006)."
            )
        ),
        Prose(
            _(
                "Where nearly all answers are of one level, chance-corrected figures collapse. So percent agreement, "
                "Gwet’s AC1 or AC2 = (p(a) − p(e)) / (1 − p(e)) (Gwet 2014), Fleiss’ κ (Fleiss 1971) and the share of "
                "each level stand beside α. Pairs of annotators have Cohen’s κ, with quadratic weights where levels "
                "have an order (Cohen 1960, 1968)."
            )
        ),
        Prose(
            _(
                "Sentences go by the lower end of α’s interval against Krippendorff’s limits: strong from .80, "
                "moderate from .667, uncertain where the interval holds .667, low below."
            )
        ),
    )


def _of_gold() -> tuple[Block, ...]:
    return (
        Prose(
            _(
                "A gold label is the level that more than half of a response’s annotators chose; an adjudication "
                "decides against any vote. Contested responses keep the distribution of their answers and have no "
                "level: that reasonable lawyers differ is an outcome."
            )
        ),
        Prose(
            _(
                "Each label has a posterior over the levels, from the model of annotators’ errors of Dawid and Skene "
                "(1979), fitted by EM from %(starts)s random starts and two others; the highest likelihood is kept. "
                "Whether the posterior is calibrated is checked against adjudicated levels, by Brier score "
                "(Brier 1950) and by the expected calibration error."
            )
            % {"starts": STARTS}
        ),
    )


def _of_judges(study: Study) -> tuple[Block, ...]:
    return (
        Prose(
            _(
                "An automated judge is held against gold by its confusion matrix, accuracy, Cohen’s κ, Matthews’ "
                "correlation (Gorodkin 2004), α, and for each level sensitivity, specificity, precision and F1. A "
                "verdict that cannot be parsed counts as wrong; the figures without such verdicts stand beside. The "
                "doubt about gold is carried: in each replicate gold levels are drawn anew from their posterior."
            )
        ),
        Prose(
            _(
                "The human ceiling scores each annotator against the majority of the others, and the judge against "
                "the same references. The alternative annotator test asks of each annotator with at least 30 items "
                "whether judge or annotator is closer to the rest; the judge may be worse by ε = %(epsilon)s, fixed "
                "beforehand. One-sided t-tests are corrected for the number of annotators (Benjamini and Yekutieli, "
                ".05), and the test is passed at a winning rate of at least .5 (Calderon and others 2025)."
            )
            % {"epsilon": fixed(study.epsilon, 2)}
        ),
        Prose(
            _(
                "A judge’s scores are read as probabilities of one level through two maps, an isotonic one and "
                "Platt’s (logistic). Each is fitted on some prompts and checked on others (cross-fitting), by Brier "
                "score and expected calibration error with bins of equal size. A threshold is chosen on all "
                "responses; what it is worth elsewhere is measured on prompts that did not choose it."
            )
        ),
    )


def _of_findings() -> tuple[Block, ...]:
    return (
        Prose(
            _(
                "How common a level is stands in three forms beside gold alone. The judge alone repeats its errors. "
                "Corrected: θ = (p + q0 − 1) / (q0 + q1 − 1), with the judge’s rate p, its sensitivity q1 and its "
                "specificity q0 (Rogan and Gladen 1978), and an interval that counts the doubt about all three (Lee "
                "and others 2025); undefined where q0 + q1 ≤ 1. PPI++ moves the mean of the verdicts by their mean "
                "error on gold, with the weight that makes the interval shortest (Angelopoulos and others 2023). "
                "Where the two corrections disagree, the report warns."
            )
        ),
        Prose(
            _(
                "A figure given an answer (helpfulness given a refusal) is a ratio, and the judge may err about both "
                "its parts. PPI++ solves E[w(v − θ)] = 0 for the value v where the condition holds (w = 1), in one "
                "step from the mean by gold, with an interval by the delta method (Cochran 1977); a corrected share is "
                "the ratio of two corrected rates. Such figures say under which answer they were asked."
            )
        ),
        Prose(
            _(
                "What a condition changes is measured in pairs of the same prompt within each model: the mean "
                "difference with its interval, McNemar’s mid-p for shares (McNemar 1947; Fagerland and others 2013) "
                "and the bootstrap’s p otherwise, adjusted over the models (Holm 1979)."
            )
        ),
    )
