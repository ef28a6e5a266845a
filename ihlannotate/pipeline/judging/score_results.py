"""What a judge's scores are worth on one level of a criterion: calibration before and after a map, thresholds."""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ihlannotate.stats.calibration import Calibration
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.score_maps import CrossFit, MapMethod
from ihlannotate.stats.thresholds import Threshold, ThresholdChoice

Outcome: TypeAlias = Literal["no_map", "no_use", "as_they_are", "mapped", "off"]
Chosen: TypeAlias = Literal["stated", "asked", "rising", "first"]


@dataclass(frozen=True)
class OwnLabels:
    """How the judge's own labels fare on the responses that have scores: counts, and the measure by them."""

    value: Estimate
    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int


@dataclass(frozen=True)
class ScoreReport:
    """The scores of one judge beside the gold of one release: does gold give `level` on the criterion `key`?

    `chosen` says why it is this level: it was `stated` with the judge, it was `asked` for, it is the first whose
    Platt map is `rising`, or only the `first` of the rubric. `n` responses have a score and gold, from `prompts`;
    `positives` of them have the level, and the judge's own label of `unparsed` could not be read. `without_score`
    have a verdict and gold only, `without_gold` a score only. `raw` is the calibration of the scores as they are,
    None where `why_no_raw` says why they are no probabilities.
    """

    study: str
    judge: str
    criterion: str
    title: str
    level: str
    chosen: Chosen
    release: int
    release_sha256: str
    seed: int
    replicates: int
    n: int
    prompts: int
    positives: int
    without_score: int
    without_gold: int
    unparsed: int
    raw: Calibration | None
    why_no_raw: str
    isotonic: CrossFit
    platt: CrossFit
    choice: ThresholdChoice
    own: OwnLabels

    @property
    def best(self) -> CrossFit | None:
        """The map with the lower Brier score on prompts it has not seen; None where there is no map."""
        found = [(_brier(one), one) for one in (self.isotonic, self.platt) if one.calibration is not None]
        return min(found, key=lambda pair: pair[0])[1] if found else None

    @property
    def base_brier(self) -> float | None:
        """The Brier score of giving every response the share of the level; None without responses."""
        return self.positives / self.n * (1 - self.positives / self.n) if self.n else None

    @property
    def outcome(self) -> Outcome:
        """What the scores are worth; the first rule that applies decides, as docs/methods.md states.

        no_map: neither map could be made and checked. no_use: the better map's Brier score is not shown to be below
        that of one probability for all. as_they_are: the error of the scores as they are is no larger than chance
        makes it. mapped: the same of the better map. off: neither.
        """
        best, base = self.best, self.base_brier
        if best is None or best.calibration is None or base is None:
            return "no_map"
        high = best.calibration.brier.high
        if high is None or high >= base:
            return "no_use"
        if self.raw is not None and _within_chance(self.raw):
            return "as_they_are"
        return "mapped" if _within_chance(best.calibration) else "off"

    def fitted(self, method: MapMethod) -> CrossFit:
        """The map of this method."""
        return self.isotonic if method == "isotonic" else self.platt

    def map_dict(self, method: MapMethod) -> dict[str, Any] | None:
        """The map of this method for its owner to apply, in the stable JSON form; None where there is none."""
        found = self.fitted(method)
        if found.map is None or found.calibration is None:
            return None
        return {
            **self._where(),
            "n": self.n,
            "prompts": self.prompts,
            "seed": self.seed,
            "folds": found.folds,
            "brier": found.calibration.brier.as_dict(),
            "ece": found.calibration.ece.as_dict(),
            **found.map.as_dict(),
        }

    def as_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {
            **self._where(),
            "level_chosen": self.chosen,
            "outcome": self.outcome,
            "n": self.n,
            "prompts": self.prompts,
            "positives": self.positives,
            "without_score": self.without_score,
            "without_gold": self.without_gold,
            "unparsed": self.unparsed,
            "seed": self.seed,
            "replicates": self.replicates,
            "raw": {"note": str(self.why_no_raw)} if self.raw is None else _calibration(self.raw),
            "maps": {
                one.method: {
                    "note": str(one.note),
                    "folds": one.folds,
                    "map": one.map.as_dict() if one.map else None,
                    **({} if one.calibration is None else _calibration(one.calibration)),
                }
                for one in (self.isotonic, self.platt)
            },
            "threshold": {
                "measure": self.choice.measure,
                "best": None if self.choice.best is None else threshold_dict(self.choice.best),
                "on_other_prompts": self.choice.on_other_prompts.as_dict(),
                "note": str(self.choice.note),
            },
            "own_labels": {**vars(self.own), "value": self.own.value.as_dict()},
        }

    def _where(self) -> dict[str, Any]:
        return {
            "study": self.study,
            "judge": self.judge,
            "criterion": self.criterion,
            "level": self.level,
            "release": self.release,
            "release_sha256": self.release_sha256,
        }


def threshold_dict(one: Threshold) -> dict[str, float | int]:
    """The JSON form of a threshold: where it is, its counts and the measure."""
    return dict(vars(one))


def _brier(one: CrossFit) -> float:
    value = one.calibration.brier.value if one.calibration else None
    return 1.0 if value is None else value


def _within_chance(found: Calibration) -> bool:
    most = found.ece_by_chance.high
    return found.ece.value is not None and most is not None and found.ece.value <= most


def _calibration(found: Calibration) -> dict[str, Any]:
    return {
        "n": found.n,
        "brier": found.brier.as_dict(),
        "ece": found.ece.as_dict(),
        "ece_by_chance": found.ece_by_chance.as_dict(),
        "bins": [
            {
                "low": one.low,
                "high": one.high,
                "n": one.n,
                "predicted": one.predicted,
                "observed": one.observed.as_dict(),
            }
            for one in found.bins
        ],
    }
