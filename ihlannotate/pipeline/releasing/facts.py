"""What a datasheet tells of people and items, read from the database: who rated how much, and what there was."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from django.db.models import Count
from numpy.typing import NDArray

from ihlannotate.models.annotation import Answer
from ihlannotate.models.gold import Adjudication
from ihlannotate.models.item import Prompt
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.readiness import AttentionResult, TrainingResult, attention_report, training_results
from ihlannotate.pipeline.sampling import SampleReport, sample_of, to_rate

IntArray = NDArray[np.int64]
Role = Membership.Role


@dataclass(frozen=True)
class Rater:
    """An annotator or adjudicator who did something. `imported`: ratings from a file, with no account behind them.

    `rated`: responses rated; `repeated`: of these, once more as a silent repeat; `settled`: questions adjudicated.
    """

    alias: str
    role: str
    expertise: str
    imported: bool
    rated: int
    repeated: int
    settled: int
    training: TrainingResult | None
    attention: AttentionResult | None


@dataclass(frozen=True)
class Items:
    """What there was to rate. `rated_by`: annotators -> responses that so many rated, none of them included.

    `languages`, `categories` and `complexities`: value -> responses; the empty value where none is given. `sample`: how
    the responses were drawn; None where all that were imported were rated.
    """

    prompts: int
    responses: int
    languages: Mapping[str, int]
    categories: Mapping[str, int]
    complexities: Mapping[str, int]
    rated_by: Mapping[int, int]
    sample: SampleReport | None


@dataclass(frozen=True)
class Settling:
    """Adjudications of one criterion that count: all, those that said that lawyers differ, those from a file."""

    settled: int
    undecided: int
    imported: int


@dataclass(frozen=True)
class Facts:
    raters: tuple[Rater, ...]
    items: Items
    settling: Mapping[str, Settling]

    @property
    def annotators(self) -> tuple[Rater, ...]:
        return tuple(one for one in self.raters if one.role == Role.ANNOTATOR)

    @property
    def adjudicators(self) -> tuple[Rater, ...]:
        return tuple(one for one in self.raters if one.role == Role.ADJUDICATOR)


def gather(study: Study) -> Facts:
    """The facts of a study as it is now."""
    said = Answer.objects.filter(study=study, live=True)
    pairs = said.values_list("annotator_id", "occasion", "response_id").distinct()
    rows = np.array(list(pairs.iterator(chunk_size=20_000)), dtype=np.int64).reshape(-1, 3)
    return Facts(
        raters=_raters(study, rows),
        items=_items(study, rows[rows[:, 1] == 1, 2]),
        settling=_settling(study),
    )


def _raters(study: Study, rows: IntArray) -> tuple[Rater, ...]:
    training = {one.alias: one for one in training_results(study) if one.rounds or one.waived}
    attention = {one.alias: one for one in attention_report(study) if one.met}
    settled = dict(
        Adjudication.objects.filter(study=study, adjudicator__isnull=False)
        .values_list("adjudicator")
        .annotate(n=Count("pk"))
    )
    found = []
    members = study.memberships.filter(role__in=(Role.ANNOTATOR, Role.ADJUDICATOR))
    for member in sorted(members, key=lambda one: (one.role != Role.ANNOTATOR, one.alias)):
        own = rows[rows[:, 0] == member.pk, 1]
        rater = Rater(
            alias=member.alias,
            role=member.role,
            expertise=member.expertise,
            imported=member.user_id is None,
            rated=int((own == 1).sum()),
            repeated=int((own == 2).sum()),
            settled=settled.get(member.pk, 0),
            training=training.get(member.alias),
            attention=attention.get(member.alias),
        )
        if rater.rated or rater.settled:
            found.append(rater)
    return tuple(found)


def _items(study: Study, rated: IntArray) -> Items:
    responses = to_rate(study)

    def by(field: str) -> dict[str, int]:
        rows = responses.values_list(f"prompt__{field}").annotate(n=Count("pk"))
        return dict(sorted(rows.order_by(), key=lambda row: (-row[1], row[0])))

    _, times = np.unique(rated, return_counts=True)
    counts = np.bincount(times)
    total = responses.count()
    found = {k: int(n) for k, n in enumerate(counts) if n} | {0: total - len(times)}
    return Items(
        prompts=Prompt.objects.filter(responses__in=responses).distinct().count(),
        responses=total,
        languages=by("language"),
        categories=by("category"),
        complexities=by("complexity"),
        rated_by={k: n for k, n in sorted(found.items(), reverse=True) if n},
        sample=sample_of(study),
    )


def _settling(study: Study) -> dict[str, Settling]:
    rows = Adjudication.objects.filter(study=study).order_by("number")
    latest = {
        (key, response): (value, source)
        for key, response, value, source in rows.values_list(
            "criterion__key", "response_id", "value", "source"
        )
    }
    found: dict[str, list[tuple[str, str]]] = {}
    for (key, _response), said in latest.items():
        found.setdefault(key, []).append(said)
    return {
        key: Settling(
            settled=len(each),
            undecided=sum(not value for value, _source in each),
            imported=sum(bool(source) for _value, source in each),
        )
        for key, each in sorted(found.items())
    }
