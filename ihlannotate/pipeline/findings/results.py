"""What findings hold: figures by run, what a condition changes, parts of the study; and their stable JSON form."""

from dataclasses import dataclass
from typing import Any

from ihlannotate.pipeline.findings.measures import Measure
from ihlannotate.stats.effects import PairedEffect
from ihlannotate.stats.estimate import Estimate, apart
from ihlannotate.stats.prevalence import Prevalence


@dataclass(frozen=True)
class Figure:
    """One measure of some responses: by the judge alone (`naive`), corrected and by PPI++, and by `gold` alone.

    `n_judge` and `n_gold` are what the first and the last rest on; the corrections take `n_both` responses with gold
    and a verdict, and `n_elsewhere` with a verdict only.
    """

    judge: Prevalence
    n_judge: int
    n_gold: int
    n_both: int
    n_elsewhere: int

    @property
    def gold(self) -> Estimate:
        return self.judge.gold

    def as_dict(self) -> dict[str, Any]:
        """The four estimates, `n`, and whether the corrections' intervals do not meet."""
        return {
            "n": {
                "judge": self.n_judge,
                "gold": self.n_gold,
                "both": self.n_both,
                "elsewhere": self.n_elsewhere,
            },
            "naive": self.judge.naive.as_dict(),
            "gold": self.gold.as_dict(),
            "corrected": self.judge.corrected.as_dict(),
            "ppi": self.judge.ppi.as_dict(),
            "corrections_disagree": self.judge.corrections_disagree,
        }


@dataclass(frozen=True)
class Cell:
    """A measure of one model under one condition."""

    model: str
    condition: str
    figure: Figure

    def as_dict(self) -> dict[str, Any]:
        return {"model": self.model, "condition": self.condition, **self.figure.as_dict()}


@dataclass(frozen=True)
class Comparison:
    """A paired effect with the P value that counts, and the same adjusted by Holm over the models.

    `p` is McNemar's mid-p for a share where each pair has a prompt of its own, the bootstrap's otherwise.
    """

    effect: PairedEffect
    p: float | None
    p_holm: float | None

    def as_dict(self) -> dict[str, Any]:
        found = self.effect
        tested = found.mcnemar
        return {
            "pairs": found.pairs,
            "prompts": found.clusters,
            "baseline": found.first.as_dict(),
            "condition": found.second.as_dict(),
            "difference": found.difference.as_dict(),
            "mcnemar": {
                "baseline_only": tested.first_only,
                "condition_only": tested.second_only,
                "exact": tested.exact,
                "mid_p": tested.mid_p,
                "note": tested.note,
            }
            if tested
            else None,
            "p": self.p,
            "p_holm": self.p_holm,
        }


@dataclass(frozen=True)
class Effect:
    """What `condition` changes against the baseline within one model: by verdicts, by gold, and by PPI++ of both."""

    model: str
    condition: str
    naive: Comparison
    gold: Comparison
    ppi: Estimate

    @property
    def corrections_disagree(self) -> bool:
        """Whether gold's difference and that by PPI++ have intervals that do not meet: gold is not like the rest."""
        return apart(self.gold.effect.difference, self.ppi)

    def as_dict(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "condition": self.condition,
            "naive": self.naive.as_dict(),
            "gold": self.gold.as_dict(),
            "ppi": self.ppi.as_dict(),
            "corrections_disagree": self.corrections_disagree,
        }


@dataclass(frozen=True)
class Slice:
    """A measure in one part of the study, as “plain” of the `kind` complexity."""

    kind: str
    name: str
    cells: tuple[Cell, ...]

    def as_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "name": self.name, "cells": [one.as_dict() for one in self.cells]}


@dataclass(frozen=True)
class MeasureFindings:
    """One measure: a cell for each run, an effect for each model and condition beside the baseline, and slices.

    Slices are made of the first measure and of means.
    """

    measure: Measure
    title: str  # of the criterion
    cells: tuple[Cell, ...]
    effects: tuple[Effect, ...]
    slices: tuple[Slice, ...]

    def as_dict(self) -> dict[str, Any]:
        return {
            "measure": self.measure.name,
            "criterion": self.measure.criterion,
            "title": self.title,
            "statistic": self.measure.statistic,
            "levels": list(self.measure.levels),
            "given": {key: list(values) for key, values in self.measure.condition},
            "cells": [one.as_dict() for one in self.cells],
            "effects": [one.as_dict() for one in self.effects],
            "slices": [one.as_dict() for one in self.slices],
        }


@dataclass(frozen=True)
class FindingsReport:
    """The findings of an unblinded study, on one gold release and one judge (empty: no judge)."""

    study: str
    judge: str
    release: int
    seed: int
    replicates: int
    baseline: str
    measures: tuple[MeasureFindings, ...]

    def as_dict(self) -> dict[str, Any]:
        """The stable JSON form: `{"study", "judge", "release", ..., "measures": [...]}`."""
        return {
            "study": self.study,
            "judge": self.judge,
            "release": self.release,
            "seed": self.seed,
            "replicates": self.replicates,
            "baseline": self.baseline,
            "measures": [one.as_dict() for one in self.measures],
        }
