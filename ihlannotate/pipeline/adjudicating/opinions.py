"""What an adjudicator thinks of contested questions before seeing anybody's answer. Given once, it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils.translation import gettext as _

from ihlannotate.models.event import record
from ihlannotate.models.gold import Opinion
from ihlannotate.models.item import Response
from ihlannotate.models.rubric import Criterion
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.adjudicating.applying import moot_by
from ihlannotate.pipeline.adjudicating.rule import contested
from ihlannotate.pipeline.adjudicating.settling import adjudicated
from ihlannotate.pipeline.agreement import levelled_criteria
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.refusals import Problem, Refused
from ihlannotate.readers.rubric import CriterionSpec, OptionSpec, RubricSpec
from ihlannotate.readers.rubric_check import problems as rubric_problems

Answers = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Standing:
    """Where an adjudicator stands with an item: the questions that are open, their own `opinions` (key -> value,
    empty where lawyers differ), the questions that these make `moot`, and those that still `wait` for an opinion."""

    open: tuple[str, ...]
    opinions: Mapping[str, str]
    moot: frozenset[str]
    waiting: tuple[str, ...]


def standing_of(member: Membership, response: Response) -> Standing:
    """The adjudicator's standing with an item of their study."""
    study = member.study
    now_open = tuple(contested(study).open_of(response.code))
    own = Opinion.objects.filter(adjudicator=member, response=response)
    opinions = dict(own.values_list("criterion__key", "value"))
    moot = frozenset(moot_by(levelled_criteria(study), opinions))
    waiting = tuple(key for key in now_open if key not in opinions and key not in moot)
    return Standing(now_open, opinions, moot, waiting)


def differing(spec: CriterionSpec) -> str:
    """What stands in a form for “reasonable lawyers differ”: no level of this criterion of the study’s rubric."""
    value = "differ"
    while value in spec.values:
        value += "-"
    return value


def asked_first(study: Study, keys: Sequence[str]) -> RubricSpec:
    """The part of the study's rubric that an adjudicator answers first: these questions, each with a further answer.

    All must be answered. A question that hangs on another of them is asked unless that one's answer rules it out.
    """
    rubric = spec_of(study.rubric)
    chosen = {one.key: one for one in rubric.criteria if one.key in keys}
    return replace(rubric, criteria=tuple(_asked(one, chosen) for one in chosen.values()))


def _asked(spec: CriterionSpec, chosen: Mapping[str, CriterionSpec]) -> CriterionSpec:
    differ = OptionSpec(
        differing(spec),
        _("Reasonable lawyers differ"),
        _("The text supports more than one answer."),
    )
    conditions = {
        key: (*values, differing(chosen[key])) for key, values in spec.show_if.items() if key in chosen
    }
    # On a scale the further answer would stand among the numbers; as a list each level has its words beside it
    kind = "choice" if spec.kind == "scale" else spec.kind
    options = [_unnumbered(one, place) for place, one in enumerate(spec.options, start=1)]
    return replace(spec, kind=kind, required=True, show_if=conditions, options=(*options, differ))


def _unnumbered(option: OptionSpec, place: int) -> OptionSpec:
    """A level whose number is its place in the list, which shows that already."""
    number = f"{option.value} · " if option.value == str(place) else ""
    return replace(option, label=option.label.removeprefix(number))


@transaction.atomic
def give_opinion(*, member: Membership, code: str, answers: Answers) -> None:
    """Keep an adjudicator's answers to the questions of an item that wait for them, all of them or none.

    `answers` are those of a form made from `asked_first`. Where nothing waits (any more), nothing changes: an
    opinion that was given stands. Raises Refused: not an adjudicator, study unblinded, unknown item, answers that are
    missing or do not fit (`problems` names each criterion in `column`).
    """
    study = adjudicated(member)
    response = Response.objects.filter(study=study, code=code).first()
    if response is None:
        raise Refused(_("There is no such item in this study."))
    waiting = standing_of(member, response).waiting
    if not waiting:
        return
    asked = asked_first(study, waiting)
    wrong = rubric_problems(asked, {key: answers[key] for key in waiting if key in answers})
    if wrong:
        raise Refused(
            _("Some answers are missing or do not fit."),
            problems=tuple(Problem(one.message, column=one.key) for one in wrong),
        )
    criteria = Criterion.objects.filter(rubric=study.rubric_id).in_bulk(field_name="pk")
    ids = {one.key: one for one in criteria.values()}
    given = {key: answers[key][0] for key in waiting if answers.get(key)}
    differ = {one.key: differing(one) for one in spec_of(study.rubric).criteria}
    Opinion.objects.bulk_create(
        Opinion(
            study=study,
            response=response,
            criterion=ids[key],
            adjudicator=member,
            value="" if value == differ[key] else value,
        )
        for key, value in given.items()
    )
    record(study, "opinion.given", actor=member.user, data={"response": code, "criteria": list(given)})
