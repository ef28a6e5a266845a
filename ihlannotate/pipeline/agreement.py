"""Counts from the database -> stats -> a result dataclass. Derived every time, never stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
from django.db.models import Count
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from ihlannotate.models.annotation import Answer
from ihlannotate.models.rubric import Criterion
from ihlannotate.models.study import Study
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.reliability import PairAgreement, Reliability, leave_one_out, pairwise, reliability

IntArray = NDArray[np.int64]
Level = Literal["nominal", "ordinal", "interval"]
LEVELLED = ("choice", "scale", "flag")


@dataclass(frozen=True)
class Counts:
    """The present annotations of one criterion. U units (responses with an annotation), V levels.

    `counts` U × V, `prompts` U (database ids, the clusters), `responses` U (database ids, ascending).
    """

    counts: IntArray
    prompts: IntArray
    responses: IntArray


@dataclass(frozen=True)
class Ratings:
    """The same, annotator by annotator: `codes` R × U level indices (-1: none), `aliases` R."""

    codes: IntArray
    aliases: tuple[str, ...]
    prompts: IntArray
    responses: IntArray


@dataclass(frozen=True)
class Pair:
    a: str
    b: str
    n: int
    percent_agreement: Estimate
    cohen_kappa: Estimate
    weighted_kappa: Estimate


@dataclass(frozen=True)
class CriterionAgreement:
    """Agreement on one criterion. `condition` says when the question was asked at all."""

    key: str
    title: str
    level: str
    condition: str
    labels: tuple[str, ...]  # level values, in order
    reliability: Reliability
    annotators: int
    pairs: tuple[Pair, ...]
    without: tuple[tuple[str, Estimate], ...]  # alias -> alpha of all the others

    def as_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        found = self.reliability
        return {
            "title": self.title,
            "level": self.level,
            "asked_if": self.condition,
            "units": found.units,
            "pairable_units": found.pairable_units,
            "annotations": found.annotations,
            "annotators": self.annotators,
            "percent_agreement": found.percent_agreement.as_dict(),
            "krippendorff_alpha": found.krippendorff_alpha.as_dict(),
            "gwet_ac": found.gwet_ac.as_dict(),
            "gwet_kind": found.gwet_kind,
            "fleiss_kappa": found.fleiss_kappa.as_dict(),
            "per_category": {self.labels[k]: one.as_dict() for k, one in found.per_category},
            "prevalence": {self.labels[k]: one.as_dict() for k, one in found.prevalence},
            "pairs": [
                {
                    "annotators": [pair.a, pair.b],
                    "n": pair.n,
                    "percent_agreement": pair.percent_agreement.as_dict(),
                    "cohen_kappa": pair.cohen_kappa.as_dict(),
                    "weighted_kappa": pair.weighted_kappa.as_dict(),
                }
                for pair in self.pairs
            ],
            "without": {alias: one.as_dict() for alias, one in self.without},
        }


@dataclass(frozen=True)
class AgreementReport:
    study: str
    seed: int
    replicates: int
    criteria: tuple[CriterionAgreement, ...]

    def as_dict(self) -> dict[str, Any]:
        """The stable JSON form: `{"study", "seed", "replicates", "criteria": {KEY: ...}}`."""
        return {
            "study": self.study,
            "seed": self.seed,
            "replicates": self.replicates,
            "criteria": {one.key: one.as_dict() for one in self.criteria},
        }


def levelled_criteria(study: Study) -> list[CriterionSpec]:
    """The criteria whose answers are one of a list of levels: those that agreement and gold are made of.

    What annotators report of themselves is not among them: nobody else could give the same answer.
    """
    criteria = spec_of(study.rubric).criteria
    return [one for one in criteria if one.kind in LEVELLED and not one.self_report]


def agreement(
    study: Study, *, keys: Sequence[str] = (), seed: int = 0, replicates: int = 1000, detail: bool = True
) -> AgreementReport:
    """Agreement of all annotators on each criterion (or those in `keys`), with prompt-bootstrap intervals.

    `detail` adds pairs of annotators and alpha without each. Nothing is broken down by model or condition.
    Raises Refused for a key that the rubric does not have or that has no levels.
    """
    specs = {one.key: one for one in levelled_criteria(study)}
    for key in keys:
        if key not in specs:
            raise Refused(
                _("Agreement is measured on %(specs)s; “%(key)s” is none of them.")
                % {"specs": ", ".join(specs), "key": key}
            )
    ids = dict(Criterion.objects.filter(rubric=study.rubric_id).values_list("key", "pk"))
    return AgreementReport(
        study=study.slug,
        seed=seed,
        replicates=replicates,
        criteria=tuple(
            _criterion(study, specs[key], ids[key], seed, replicates, detail) for key in keys or specs
        ),
    )


def _criterion(
    study: Study, spec: CriterionSpec, criterion_id: int, seed: int, replicates: int, detail: bool
) -> CriterionAgreement:
    level = cast(Level, spec.level)
    values = numbers_of(spec)
    found = counts_of(study, spec, criterion_id)
    result = reliability(
        found.counts, level=level, values=values, clusters=found.prompts, replicates=replicates, seed=seed
    )
    annotators = Answer.objects.filter(study=study, criterion=criterion_id, occasion=1, live=True)
    pairs: Sequence[PairAgreement] = ()
    without: Sequence[tuple[int, Estimate]] = ()
    aliases: tuple[str, ...] = ()
    if detail:
        ratings = ratings_of(study, spec, criterion_id)
        aliases = ratings.aliases
        pairs = pairwise(
            ratings.codes,
            level_count=len(spec.options),
            level=level,
            values=values,
            clusters=ratings.prompts,
            replicates=replicates,
            seed=seed,
        )
        if len(aliases) > 2:
            without = leave_one_out(
                ratings.codes,
                level_count=len(spec.options),
                level=level,
                values=values,
                clusters=ratings.prompts,
                replicates=replicates,
                seed=seed,
            )
    return CriterionAgreement(
        key=spec.key,
        title=spec.title,
        level=level,
        condition="; ".join(f"{key} is {' or '.join(values)}" for key, values in spec.show_if.items()),
        labels=tuple(option.value for option in spec.options),
        reliability=result,
        annotators=annotators.values("annotator").distinct().count(),
        pairs=tuple(
            Pair(
                aliases[one.a],
                aliases[one.b],
                one.n,
                one.percent_agreement,
                one.cohen_kappa,
                one.weighted_kappa,
            )
            for one in pairs
        ),
        without=tuple((aliases[row], one) for row, one in without),
    )


def numbers_of(spec: CriterionSpec) -> NDArray[np.float64] | None:
    """The numeric values of an interval criterion's levels; None for the others."""
    if spec.level != "interval":
        return None
    return np.array([option.number for option in spec.options], dtype=np.float64)


def counts_of(study: Study, spec: CriterionSpec, criterion_id: int) -> Counts:
    """Annotations of each response by level, grouped by the database."""
    index = {option.value: k for k, option in enumerate(spec.options)}
    rows = (
        Answer.objects.filter(study=study, criterion=criterion_id, occasion=1, live=True)
        .values_list("response_id", "prompt_id", "value")
        .annotate(count=Count("pk"))
        .order_by("response_id")
    )
    table = np.array(
        [(response, prompt, index[value], count) for response, prompt, value, count in rows.iterator()],
        dtype=np.int64,
    ).reshape(-1, 4)
    responses, first, unit = np.unique(table[:, 0], return_index=True, return_inverse=True)
    counts = np.zeros((len(responses), len(spec.options)), dtype=np.int64)
    counts[unit, table[:, 2]] = table[:, 3]
    return Counts(counts, table[first, 1], responses)


def ratings_of(study: Study, spec: CriterionSpec, criterion_id: int) -> Ratings:
    """Who chose which level of each response, annotators in the order of their aliases."""
    index = {option.value: k for k, option in enumerate(spec.options)}
    rows = (
        Answer.objects.filter(study=study, criterion=criterion_id, occasion=1, live=True)
        .order_by("response_id")
        .values_list("response_id", "prompt_id", "annotator_id", "value")
    )
    table = np.array(
        [(response, prompt, who, index[value]) for response, prompt, who, value in rows.iterator()],
        dtype=np.int64,
    ).reshape(-1, 4)
    responses, first, unit = np.unique(table[:, 0], return_index=True, return_inverse=True)
    aliases = dict(study.memberships.values_list("pk", "alias"))
    people = sorted(set(table[:, 2].tolist()), key=lambda who: aliases[who])
    row = {who: place for place, who in enumerate(people)}
    codes = np.full((len(people), len(responses)), -1, dtype=np.int64)
    if len(table):
        codes[[row[who] for who in table[:, 2].tolist()], unit] = table[:, 3]
    return Ratings(codes, tuple(aliases[who] for who in people), table[first, 1], responses)
