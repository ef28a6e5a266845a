"""What gold labels can't tell: the limits that follow from the data, each said only where it holds."""

from collections.abc import Iterator, Mapping, Sequence

from ihlannotate.pipeline.agreement import AgreementReport
from ihlannotate.pipeline.releasing.facts import Facts
from ihlannotate.pipeline.releasing.fitting import Fit
from ihlannotate.pipeline.releasing.markdown import escaped, figure, listing, number
from ihlannotate.pipeline.releasing.settling import Settled, Tier
from ihlannotate.readers.rubric import RubricSpec
from ihlannotate.stats.calibration import LEAST

TENTATIVE = 0.667  # Krippendorff's lower limit, for the lower bound of alpha's interval


def known_limits(
    rubric: RubricSpec,
    facts: Facts,
    report: AgreementReport,
    settled: Sequence[Settled],
    fits: Mapping[str, Fit],
) -> list[str]:
    """The section on limits, as lines of Markdown."""
    said = [
        "These labels are what these people made of these responses with this rubric. Where they share a mistake, the "
        "labels have it too.",
        *_of_ratings(facts, settled),
        *_of_agreement(report),
        *_of_model(fits),
        *_of_people(facts),
        *_of_rubric(rubric),
    ]
    return ["## Known limits", "", *(f"- {one}" for one in said)]


def _of_ratings(facts: Facts, settled: Sequence[Settled]) -> Iterator[str]:
    unrated = facts.items.rated_by.get(0, 0)
    if unrated:
        yield f"Responses that nobody rated: {number(unrated)}. They have a label only where they were adjudicated."
    single = sum(one.by_tier().get(Tier.SINGLE, 0) for one in settled)
    if single:
        yield f"Labels that rest on one annotator alone: {number(single)} (tier “{Tier.SINGLE}”)."
    open_ones = sum(one.by_tier().get(Tier.CONTESTED, 0) for one in settled)
    if open_ones:
        yield f"Questions that are contested and not adjudicated: {number(open_ones)}. They have no level."
    beside = sum(one.by_tier().get(Tier.INAPPLICABLE, 0) for one in settled)
    if beside:
        yield (
            "Labels of questions that do not apply by gold, although some annotators were asked them: "
            f"{number(beside)} (tier “{Tier.INAPPLICABLE}”). They have no level. Agreement is measured on those "
            "answers all the same."
        )


def _of_agreement(report: AgreementReport) -> Iterator[str]:
    found = [(one.key, one.reliability.krippendorff_alpha) for one in report.criteria]
    found += [(one.key, one.reliability.krippendorff_alpha) for one in report.sets]
    weak = [f"{escaped(key)} {figure(it)}" for key, it in found if it.low is not None and it.low < TENTATIVE]
    if weak:
        yield (
            f"Agreement whose interval reaches below {TENTATIVE}, so that conclusions are not safe: {listing(weak)}."
        )
    unknown = [escaped(key) for key, it in found if it.low is None]
    if unknown:
        yield f"Agreement that could not be measured, or not with an interval: {listing(unknown)}."


def _of_model(fits: Mapping[str, Fit]) -> Iterator[str]:
    if fits:
        yield (
            "The posterior supposes that annotators err independently of each other and on all responses alike. An "
            "adjudicated level has probability 1, which is a convention and not a measurement."
        )
    unchecked = [escaped(key) for key, fit in fits.items() if fit.calibration.n < LEAST]
    if unchecked:
        yield (
            f"Where the posterior’s calibration is not known ({listing(unchecked)}), read it as an order of certainty "
            "and not as a probability."
        )
    restless = [escaped(key) for key, fit in fits.items() if not fit.converged]
    if restless:
        yield f"The model did not come to rest on {listing(restless)}."


def _of_people(facts: Facts) -> Iterator[str]:
    if facts.annotators and all(one.imported for one in facts.annotators):
        yield "All ratings were imported from files: how they came about is not known here."
    silent = sum(not one.expertise for one in facts.raters)
    if silent:
        yield f"Raters who stated no expertise: {silent} of {len(facts.raters)}."
    if len(facts.annotators) == 1:
        yield "There was one annotator: nothing can be said about agreement."
    if len(facts.adjudicators) == 1:
        yield "All adjudications made here are one person's."


def _of_rubric(rubric: RubricSpec) -> Iterator[str]:
    sets = [escaped(one.key) for one in rubric.criteria if one.kind == "many" and not one.self_report]
    if sets:
        yield f"Answers that are sets of options have agreement but no gold label: {listing(sets)}."
    texts = [escaped(one.key) for one in rubric.criteria if one.kind == "text"]
    if texts:
        yield f"Free texts have neither: {listing(texts)}."
    own = [escaped(one.key) for one in rubric.criteria if one.self_report]
    if own:
        yield f"What annotators report of themselves has neither: {listing(own)}."
