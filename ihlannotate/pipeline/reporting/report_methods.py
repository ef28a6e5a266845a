"""The methods of a study as its report tells them: items, people, blinding, the rubric."""

from collections.abc import Iterator

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.releasing.facts import Facts as StudyFacts
from ihlannotate.pipeline.releasing.facts import Rater
from ihlannotate.pipeline.reporting.blocks import Block, Facts, Listing, Prose, Section
from ihlannotate.pipeline.reporting.conditions import asked_where
from ihlannotate.pipeline.reporting.figures import counted, percent
from ihlannotate.pipeline.reporting.report_statistics import statistics
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
            statistics(study, seed=seed, replicates=replicates),
        ),
    )


def _items(study: Study, facts: StudyFacts) -> Iterator[Block]:
    found = facts.items
    counts = {
        "responses": counted(found.responses),
        "prompts": counted(found.prompts),
        "overlap": study.overlap,
    }
    words = _(
        "%(responses)s responses to %(prompts)s prompts were to be rated: every response that was imported. "
        "Each was meant for %(overlap)s annotators."
    )
    if found.sample:
        words = _(
            "%(responses)s responses to %(prompts)s prompts were to be rated: a random sample of the %(all)s that were "
            "imported, drawn within strata with known probabilities (%(low)s to %(high)s), by which estimates of how "
            "common something is are weighed back. Each was meant for %(overlap)s annotators."
        )
        counts |= {
            "all": counted(found.sample.responses),
            "low": number_format(found.sample.lowest, 3),
            "high": number_format(found.sample.highest, 3),
        }
    yield Prose(words % counts)
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


def sources(references: tuple[str, ...]) -> Section:
    """The list of sources, in the language in which they are cited."""
    return Section(_("References"), (Listing(references, lang="en"),))
