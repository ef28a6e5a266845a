"""The methods of a study as its report tells them: items, people, blinding, the rubric, the statistics."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.releasing.facts import Facts as StudyFacts
from ihlannotate.pipeline.releasing.facts import Rater
from ihlannotate.pipeline.releasing.fitting import STARTS
from ihlannotate.pipeline.reporting.blocks import Block, Facts, Listing, Prose, Section
from ihlannotate.pipeline.reporting.conditions import asked_where
from ihlannotate.pipeline.reporting.figures import counted, fixed, percent
from ihlannotate.readers.rubric import CriterionSpec, RubricSpec
from ihlannotate.writers.tables import Table, TableColumn

MOST_LEVELS = 12  # of a question, told with their anchors; more of them are counted


def methods(study: Study, facts: StudyFacts, *, seed: int, replicates: int) -> Section:
    """How the study was made and what its figures are."""
    return Section(
        _("Methods"),
        sections=(
            Section(_("Items"), tuple(_items(study, facts))),
            Section(_("Annotators"), tuple(_people(facts))),
            Section(_("Blinding"), tuple(_blinding(study))),
            Section(_("Rubric"), tuple(_rubric(study)), tuple(_questions(spec_of(study.rubric)))),
            Section(_("Statistics"), sections=tuple(_statistics(study, seed, replicates))),
        ),
    )


def _items(study: Study, facts: StudyFacts) -> Iterator[Block]:
    found = facts.items
    yield Prose(
        _(
            "%(responses)s responses to %(prompts)s prompts were to be rated: every response that was imported. "
            "Each was meant for %(overlap)s annotators."
        )
        % {
            "responses": counted(found.responses),
            "prompts": counted(found.prompts),
            "overlap": study.overlap,
        }
    )
    if study.grouped:
        yield Prose(_("Each annotator met the answers to one prompt one after another."))
    else:
        yield Prose(
            _(
                "Each annotator met them in a random order of their own, with at least %(spread)s other items between "
                "two answers to one prompt wherever there were so many."
            )
            % {"spread": study.spread}
        )
    if any(one.repeated for one in facts.annotators):
        yield Prose(
            _(
                "%(share)s of an annotator’s items came back once, unannounced and much later, to see whether "
                "annotators agree with themselves. Second answers enter nothing else."
            )
            % {"share": percent(study.repeat_percent / 100)}
        )
    yield Table(
        "items",
        _("Responses by the number of annotators who rated them"),
        (TableColumn(_("Annotators"), numeric=True), TableColumn(_("Responses"), numeric=True)),
        tuple((k, n) for k, n in found.rated_by.items()),
    )


def _people(facts: StudyFacts) -> Iterator[Block]:
    yield Prose(
        _(
            "Raters are named by aliases. Their expertise is in their own words and was not verified. A contested "
            "question is settled by an adjudicator, who answers it before seeing anybody’s answer."
        )
    )
    if any(one.training for one in facts.annotators):
        yield Prose(
            _(
                "Before the first response, annotators trained on items whose right answers were known. These are no "
                "part of agreement or gold."
            )
        )
    if any(one.attention for one in facts.annotators):
        yield Prose(
            _(
                "Items whose right answers were known came unseen among the responses, to see whether annotators "
                "were attentive. They are no part of agreement or gold either."
            )
        )
    yield Table(
        "raters",
        _("Who rated and adjudicated, and how much"),
        (
            TableColumn(_("Alias")),
            TableColumn(_("Role")),
            TableColumn(_("Stated expertise")),
            TableColumn(_("Responses rated"), numeric=True),
            TableColumn(_("Silent repeats"), numeric=True),
            TableColumn(_("Questions settled"), numeric=True),
        ),
        tuple(_rater(one) for one in facts.raters),
    )


def _rater(one: Rater) -> tuple[str | int, ...]:
    role = str(Membership.Role(one.role).label)
    if one.imported:
        role = _("%(role)s, ratings imported") % {"role": role}
    return one.alias, role, one.expertise or _("not stated"), one.rated, one.repeated, one.settled


def _blinding(study: Study) -> Iterator[Block]:
    yield Prose(
        _(
            "Annotators and adjudicators were not told which system wrote a response, under which condition, what "
            "anybody else had answered, or what an automated judge said. Statements by which a response names its "
            "system were hidden from them; the stored texts are unaltered."
        )
    )
    yield Prose(
        _(
            "Models and conditions were unsealed for everybody at once, after the gold labels had been released."
        )
        if study.is_unblinded
        else _(
            "The study is still sealed: nobody has seen an answer by model or condition, and this report names none."
        )
    )


def _rubric(study: Study) -> Iterator[Block]:
    spec = spec_of(study.rubric)
    yield Prose(
        _(
            "Every annotation was made with the rubric %(name)s %(version)s, which cannot be changed once published."
        )
        % {"name": spec.name, "version": spec.version}
    )
    if spec.description.strip():
        yield Prose(spec.description.strip())


def _questions(rubric: RubricSpec) -> Iterator[Section]:
    for one in rubric.criteria:
        yield Section(one.title, tuple(_question(rubric, one)))


def _question(rubric: RubricSpec, one: CriterionSpec) -> Iterator[Block]:
    if one.help.strip():
        yield Prose(one.help.strip())
    yield Prose(" ".join(part for part in (_kind(one), _asked(rubric, one)) if part))
    if one.options and len(one.options) <= MOST_LEVELS:
        yield Facts(tuple((option.label, option.help) for option in one.options))


def _asked(rubric: RubricSpec, one: CriterionSpec) -> str:
    condition = asked_where(rubric, one)
    return f"{condition[:1].upper()}{condition[1:]}." if condition else ""


def _kind(one: CriterionSpec) -> str:
    if one.self_report:
        return _("Annotators say this of themselves; it has neither agreement nor gold.")
    if one.kind == "text":
        return _("Free text.")
    if one.kind == "many":
        return _("Any number of %(n)s options; answers are sets.") % {"n": counted(len(one.options))}
    words = {
        "nominal": _("One of %(n)s levels, which have no order (nominal)."),
        "ordinal": _("One of %(n)s levels in order (ordinal)."),
        "interval": _("One of %(n)s levels that are numbers (interval)."),
    }
    return words.get(one.level or "", _("One of %(n)s levels.")) % {"n": counted(len(one.options))}


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
                "What a condition changes is measured in pairs of the same prompt within each model: the mean "
                "difference with its interval, McNemar’s mid-p for shares (McNemar 1947; Fagerland and others 2013) "
                "and the bootstrap’s p otherwise, adjusted over the models (Holm 1979). Figures given an answer rest "
                "on the responses that have it, and say so."
            )
        ),
    )


def sources(references: tuple[str, ...]) -> Section:
    """The list of sources, in the language in which they are cited."""
    return Section(_("References"), (Listing(references, lang="en"),))
