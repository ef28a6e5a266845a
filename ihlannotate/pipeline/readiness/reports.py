"""For coordinators alone: how annotators did in the training, and on attention items among the real ones."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from ihlannotate.models.annotation import Attempt
from ihlannotate.models.event import Event
from ihlannotate.models.known import KnownItem
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.readiness.scoring import KeyedAnswer, Score, compare, score
from ihlannotate.pipeline.readiness.training import rounds_of
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.proportions import wilson

Purpose = KnownItem.Purpose


@dataclass(frozen=True)
class TrainingRound:
    """One round of an annotator: how many of the items in use it holds, and how its answers agree with the key."""

    number: int
    done: int
    score: Score


@dataclass(frozen=True)
class TrainingResult:
    """An annotator's training. `waived` where the coordinator let them begin without having passed."""

    alias: str
    rounds: tuple[TrainingRound, ...]
    total: int
    qualified_at: datetime | None
    waived: bool


@dataclass(frozen=True)
class Miss:
    """An attention item that an annotator did not answer as its key does; `answers` are those that differ."""

    item: str
    at: datetime
    answers: tuple[KeyedAnswer, ...]


@dataclass(frozen=True)
class AttentionResult:
    """An annotator's attention items: how many they met, and the share answered in full as the key says.

    The share is of items, not of questions: answers to one item hang together. Wilson's interval.
    """

    alias: str
    met: int
    agreed: int
    share: Estimate
    misses: tuple[Miss, ...]


def training_results(study: Study) -> list[TrainingResult]:
    """The training of every annotator who has an account, by alias. Scores are over the items now in use."""
    spec = spec_of(study.rubric)
    in_use = set(
        KnownItem.objects.filter(study=study, purpose=Purpose.TRAINING, retired_at=None).values_list(
            "pk", flat=True
        )
    )
    attempts: dict[int, list[Attempt]] = defaultdict(list)
    for attempt in _attempts(study, Purpose.TRAINING).filter(withdrawn=False):
        attempts[attempt.sheet.annotator_id].append(attempt)
    waived = set(
        Event.objects.filter(study=study, verb="training.waived").values_list("data__alias", flat=True)
    )
    results = []
    for member in _annotators(study):
        rounds = []
        for number, held in enumerate(rounds_of(attempts[member.pk]), start=1):
            counted = {item: attempt for item, attempt in held.items() if item in in_use}
            answers = [
                one for attempt in counted.values() for one in compare(spec, _key(attempt), attempt.answers)
            ]
            rounds.append(TrainingRound(number, len(counted), score(answers)))
        results.append(
            TrainingResult(
                alias=member.alias,
                rounds=tuple(rounds),
                total=len(in_use),
                qualified_at=member.qualified_at,
                waived=member.alias in waived,
            )
        )
    return results


def attention_report(study: Study) -> list[AttentionResult]:
    """How every annotator who has an account answered attention items, by alias; retired items count too.

    The newest attempt on an item counts, and none where it was taken back.
    """
    spec = spec_of(study.rubric)
    newest: dict[int, dict[int, Attempt]] = defaultdict(dict)
    for attempt in _attempts(study, Purpose.ATTENTION):
        newest[attempt.sheet.annotator_id][attempt.sheet_id] = attempt
    results = []
    for member in _annotators(study):
        met = [one for one in newest[member.pk].values() if not one.withdrawn]
        compared = [(one, compare(spec, _key(one), one.answers)) for one in met]
        misses = tuple(
            Miss(_item(one).name, one.created_at, tuple(answer for answer in answers if not answer.agrees))
            for one, answers in compared
            if not all(answer.agrees for answer in answers)
        )
        agreed = len(met) - len(misses)
        results.append(AttentionResult(member.alias, len(met), agreed, wilson(agreed, len(met)), misses))
    return results


def _annotators(study: Study) -> list[Membership]:
    members = study.memberships.filter(role=Membership.Role.ANNOTATOR, user__isnull=False)
    return list(members.order_by("alias"))


def _attempts(study: Study, purpose: KnownItem.Purpose) -> QuerySet[Attempt]:
    attempts = Attempt.objects.filter(sheet__known__study=study, sheet__known__purpose=purpose)
    return attempts.select_related("sheet__known").order_by("pk")


def _item(attempt: Attempt) -> KnownItem:
    item = attempt.sheet.known
    assert item is not None
    return item


def _key(attempt: Attempt) -> dict[str, list[str]]:
    key: dict[str, list[str]] = _item(attempt).key
    return key
