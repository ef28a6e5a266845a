"""What agreement on a study is: frozen, complete, and the same as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ihlannotate.phrases import Phrase
from ihlannotate.pipeline.agreement.sequences import OwnThird
from ihlannotate.stats.disagreement import Confusion
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.reliability import Drift, IntraAgreement, Reliability, SetReliability, Third

NOT_OF_SETS = Phrase("not defined for sets of labels")


@dataclass(frozen=True)
class Pair:
    a: str
    b: str
    n: int
    percent_agreement: Estimate
    cohen_kappa: Estimate
    weighted_kappa: Estimate

    def as_dict(self) -> dict[str, Any]:
        return {
            "annotators": [self.a, self.b],
            "n": self.n,
            "percent_agreement": self.percent_agreement.as_dict(),
            "cohen_kappa": self.cohen_kappa.as_dict(),
            "weighted_kappa": self.weighted_kappa.as_dict(),
        }


@dataclass(frozen=True)
class Slice:
    """Agreement on the items of one slice: `kind` is category, language, rule group or complexity."""

    kind: str
    name: str
    reliability: Reliability

    def as_dict(self) -> dict[str, Any]:
        found = self.reliability
        return {"kind": self.kind, "name": self.name, "prompts": found.clusters, **_coefficients(found)}


@dataclass(frozen=True)
class Intra:
    """How far annotators agree with themselves: all silent repeats pooled, and under each alias that has some."""

    pooled: IntraAgreement
    per_annotator: tuple[tuple[str, IntraAgreement], ...]

    def as_dict(self) -> dict[str, Any]:
        each = {alias: _intra(one) for alias, one in self.per_annotator}
        return {"pooled": _intra(self.pooled), "per_annotator": each}


def _intra(found: IntraAgreement) -> dict[str, Any]:
    return {
        "n": found.n,
        "prompts": found.clusters,
        "percent_agreement": found.percent_agreement.as_dict(),
        "krippendorff_alpha": found.krippendorff_alpha.as_dict(),
        "cohen_kappa": found.cohen_kappa.as_dict(),
        "weighted_kappa": found.weighted_kappa.as_dict(),
    }


@dataclass(frozen=True)
class LevelUse:
    """How often one annotator chose each level (in the order of the labels)."""

    alias: str
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Detail:
    """What lies behind the coefficients of a criterion.

    `without`: alias -> alpha of all the others. `confusions`: the pairs of levels that divide annotators, the most
    frequent first. `slices_left_out`: kind -> how many of its smallest slices are not measured. `drift` is that of
    all annotators, `own_thirds` what each did (alias -> first, middle and last third), who has a sequence.
    """

    pairs: tuple[Pair, ...]
    without: tuple[tuple[str, Estimate], ...]
    uses: tuple[LevelUse, ...]
    confusions: tuple[Confusion, ...]
    slices: tuple[Slice, ...]
    slices_left_out: tuple[tuple[str, int], ...]
    intra: Intra
    drift: Drift
    own_thirds: tuple[tuple[str, tuple[OwnThird, ...]], ...]


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
    detail: Detail | None

    @property
    def pairs(self) -> tuple[Pair, ...]:
        return self.detail.pairs if self.detail else ()

    @property
    def without(self) -> tuple[tuple[str, Estimate], ...]:
        return self.detail.without if self.detail else ()

    def as_dict(self) -> dict[str, Any]:
        """The stable JSON form; what the detail adds is null where it was not asked for."""
        found = self.reliability
        return {
            "title": self.title,
            "level": self.level,
            "asked_if": self.condition,
            **_coefficients(found),
            "annotators": self.annotators,
            "prompts": found.clusters,
            "per_category": {self.labels[k]: one.as_dict() for k, one in found.per_category},
            "prevalence": {self.labels[k]: one.as_dict() for k, one in found.prevalence},
            "pairs": [pair.as_dict() for pair in self.pairs],
            "without": {alias: one.as_dict() for alias, one in self.without},
            **self._detail(),
        }

    def _detail(self) -> dict[str, Any]:
        if self.detail is None:
            return dict.fromkeys(("level_use", "confusions", "slices", "slices_left_out", "intra", "drift"))
        uses = {one.alias: dict(zip(self.labels, one.counts, strict=True)) for one in self.detail.uses}
        return {
            "level_use": uses,
            "confusions": [_confusion(one, self.labels) for one in self.detail.confusions],
            "slices": [one.as_dict() for one in self.detail.slices],
            "slices_left_out": dict(self.detail.slices_left_out),
            "intra": self.detail.intra.as_dict(),
            "drift": _drift(self.detail, self.labels),
        }


def _coefficients(found: Reliability) -> dict[str, Any]:
    return {
        "units": found.units,
        "pairable_units": found.pairable_units,
        "annotations": found.annotations,
        "percent_agreement": found.percent_agreement.as_dict(),
        "krippendorff_alpha": found.krippendorff_alpha.as_dict(),
        "gwet_ac": found.gwet_ac.as_dict(),
        "gwet_kind": found.gwet_kind,
        "fleiss_kappa": found.fleiss_kappa.as_dict(),
    }


def _drift(detail: Detail, labels: Sequence[str]) -> dict[str, Any]:
    own = {alias: [_own_third(one, labels) for one in thirds] for alias, thirds in detail.own_thirds}
    return {
        "thirds": [
            {
                **_own_third(one, labels),
                "pairable_units": one.pairable_units,
                "krippendorff_alpha": one.krippendorff_alpha.as_dict(),
            }
            for one in detail.drift.thirds
        ],
        "slopes": _by_level(detail.drift.slopes, labels),
        "slope": detail.drift.slope.as_dict(),
        "per_annotator": own,
    }


def _own_third(found: Third | OwnThird, labels: Sequence[str]) -> dict[str, Any]:
    shares = _by_level(found.shares, labels)
    return {"annotations": found.annotations, "shares": shares, "mean": found.mean.as_dict()}


def _by_level(estimates: Sequence[Estimate], labels: Sequence[str]) -> dict[str, Any]:
    return {label: one.as_dict() for label, one in zip(labels, estimates, strict=True)}


def _confusion(found: Confusion, labels: Sequence[str]) -> dict[str, Any]:
    return {
        "levels": [labels[found.first], labels[found.second]],
        "coincidences": found.coincidences,
        "share": found.share,
        "by_chance": found.by_chance,
        "units": found.units,
    }


@dataclass(frozen=True)
class SetAgreement:
    """Agreement on a criterion whose answers are sets of options: alpha has MASI distance.

    `labels` are the options that somebody chose, and `reliability` speaks of these. `without`: alias -> alpha of all
    the others, where the detail was asked for.
    """

    key: str
    title: str
    condition: str
    labels: tuple[str, ...]
    reliability: SetReliability
    annotators: int
    without: tuple[tuple[str, Estimate], ...]

    level = "nominal sets"

    def as_dict(self) -> dict[str, Any]:
        """The JSON form, with the names that criteria with levels have, and why some are undefined here."""
        found = self.reliability
        undefined = Estimate.undefined(NOT_OF_SETS).as_dict()
        return {
            "title": self.title,
            "level": self.level,
            "asked_if": self.condition,
            "units": found.units,
            "pairable_units": found.pairable_units,
            "annotations": found.annotations,
            "annotators": self.annotators,
            "prompts": found.clusters,
            "percent_agreement": found.percent_agreement.as_dict(),
            "krippendorff_alpha": found.krippendorff_alpha.as_dict(),
            "gwet_ac": undefined,
            "gwet_kind": "",
            "fleiss_kappa": undefined,
            "masi_agreement": found.masi_agreement.as_dict(),
            "distinct_sets": found.distinct_sets,
            "per_category": {self.labels[k]: one.as_dict() for k, one in found.per_label},
            "prevalence": {self.labels[k]: one.as_dict() for k, one in found.prevalence},
            "pairs": [],
            "without": {alias: one.as_dict() for alias, one in self.without},
        }


@dataclass(frozen=True)
class AgreementReport:
    """Agreement on a study: `criteria` have levels, the answers to `sets` are sets."""

    study: str
    seed: int
    replicates: int
    criteria: tuple[CriterionAgreement, ...]
    sets: tuple[SetAgreement, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The stable JSON form: `{"study", "seed", "replicates", "criteria": {KEY: ...}}`."""
        levelled = {one.key: one.as_dict() for one in self.criteria}
        return {
            "study": self.study,
            "seed": self.seed,
            "replicates": self.replicates,
            "criteria": levelled | {one.key: one.as_dict() for one in self.sets},
        }
