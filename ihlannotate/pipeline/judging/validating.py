"""A judge held against the latest gold release: errors, agreement, the human ceiling, corrected prevalence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from ihlannotate.models.gold import GoldLabel, GoldRelease
from ihlannotate.models.item import Response
from ihlannotate.models.judge import Judge, Verdict
from ihlannotate.models.rubric import Criterion
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import Level, levelled_criteria, numbers_of, ratings_of
from ihlannotate.pipeline.judging.conclusions import Conclusion, conclusion, summary
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.releasing import latest_release
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.stats.alternative import AltTest, alternative_annotator_test
from ihlannotate.stats.ceiling import HumanCeiling, human_ceiling
from ihlannotate.stats.judging import JudgeReport, judge_report
from ihlannotate.stats.prevalence import Prevalence, prevalence

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class CriterionValidation:
    """One judge on one criterion. `without_gold` responses have a verdict but no settled gold value."""

    key: str
    title: str
    level: str
    without_gold: int
    report: JudgeReport
    ceiling: HumanCeiling
    alt_test: AltTest
    prevalence: tuple[tuple[str, Prevalence], ...]
    aliases: tuple[str, ...]  # of the annotators in the ceiling and the test, by row

    @property
    def conclusion(self) -> Conclusion:
        return conclusion(
            self.title,
            n=self.report.n,
            kappa=self.report.cohen_kappa,
            test=self.alt_test,
            difference=self.ceiling.accuracy_difference,
        )

    def as_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        found = self.report
        return {
            "title": self.title,
            "level": self.level,
            "conclusion": self.conclusion.as_dict(),
            "n": found.n,
            "unparsed": found.unparsed,
            "without_gold": self.without_gold,
            "accuracy": found.accuracy.as_dict(),
            "cohen_kappa": found.cohen_kappa.as_dict(),
            "weighted_kappa": found.weighted_kappa.as_dict(),
            "parsed_only": {
                "n": found.parsed_only.n,
                "accuracy": found.parsed_only.accuracy.as_dict(),
                "cohen_kappa": found.parsed_only.cohen_kappa.as_dict(),
            },
            "krippendorff_alpha": found.krippendorff_alpha.as_dict(),
            "mcc": found.mcc.as_dict(),
            "macro_f1": found.macro_f1.as_dict(),
            "confusion": {
                "labels": list(found.confusion.labels),
                "matrix": [list(row) for row in found.confusion.matrix],
                "columns": [*found.confusion.labels, "unparsed"],
            },
            "per_label": {
                one.label: {
                    "sensitivity": one.sensitivity.as_dict(),
                    "specificity": one.specificity.as_dict(),
                    "precision": one.precision.as_dict(),
                    "f1": one.f1.as_dict(),
                }
                for one in found.per_label
            },
            "human_ceiling": {
                "human_accuracy": self.ceiling.human_accuracy.as_dict(),
                "human_kappa": self.ceiling.human_kappa.as_dict(),
                "judge_accuracy": self.ceiling.judge_accuracy.as_dict(),
                "judge_kappa": self.ceiling.judge_kappa.as_dict(),
                "accuracy_difference": self.ceiling.accuracy_difference.as_dict(),
            },
            "alt_test": {
                "epsilon": self.alt_test.epsilon,
                "winning_rate": self.alt_test.winning_rate,
                "advantage_probability": self.alt_test.advantage_probability,
                "annotators_tested": self.alt_test.annotators_tested,
                "passed": self.alt_test.passed,
                "note": self.alt_test.note,
            },
            "prevalence": {
                label: {
                    "naive": one.naive.as_dict(),
                    "corrected": one.corrected.as_dict(),
                    "ppi": one.ppi.as_dict(),
                }
                for label, one in self.prevalence
            },
        }


@dataclass(frozen=True)
class ValidationReport:
    study: str
    judge: str
    release: int
    seed: int
    replicates: int
    criteria: tuple[CriterionValidation, ...]

    @property
    def conclusion(self) -> str:
        """One sentence on all criteria; empty where there are none."""
        return summary([(one.title, one.conclusion) for one in self.criteria])

    def as_dict(self) -> dict[str, Any]:
        """The stable JSON form: `{"judge", "criteria": {KEY: ...}}` and how it was computed."""
        return {
            "study": self.study,
            "judge": self.judge,
            "release": self.release,
            "conclusion": str(self.conclusion),
            "seed": self.seed,
            "replicates": self.replicates,
            "criteria": {one.key: one.as_dict() for one in self.criteria},
        }


def judges_of(study: Study) -> list[str]:
    """The names of the study's judges."""
    return list(study.judges.order_by("name").values_list("name", flat=True))


def validate_judge(
    study: Study, judge: str, *, keys: Sequence[str] = (), seed: int = 0, replicates: int = 1000
) -> ValidationReport:
    """Hold a judge against the study's latest gold release, on every criterion it has verdicts for (or on `keys`).

    Raises Refused: no such judge, no gold release, no verdicts on a criterion that was asked for.
    """
    known = Judge.objects.filter(study=study, name=judge).first()
    if known is None:
        names = ", ".join(f"“{name}”" for name in judges_of(study)) or _("none yet")
        raise Refused(
            _("Study “%(slug)s” has no judge “%(judge)s”. Its judges: %(names)s.")
            % {"slug": study.slug, "judge": judge, "names": names}
        )
    release = latest_release(study)
    if release is None:
        raise Refused(
            _(
                "Study “%(slug)s” has no gold release to hold a judge against. Close the study and "
                "release its gold labels first."
            )
            % {"slug": study.slug}
        )
    judged = set(Verdict.objects.filter(judge=known).values_list("criterion__key", flat=True).distinct())
    specs = {one.key: one for one in levelled_criteria(study)}
    for key in keys:
        if key not in judged:
            raise Refused(
                _("Judge “%(judge)s” has no verdicts on “%(key)s”. It has some on: %(judged)s.")
                % {"judge": judge, "key": key, "judged": ", ".join(sorted(judged))}
            )
    chosen = [spec for key, spec in specs.items() if key in (keys or judged)]
    return ValidationReport(
        study=study.slug,
        judge=judge,
        release=release.number,
        seed=seed,
        replicates=replicates,
        criteria=tuple(_criterion(study, known, release, spec, seed, replicates) for spec in chosen),
    )


def _criterion(
    study: Study, judge: Judge, release: GoldRelease, spec: CriterionSpec, seed: int, replicates: int
) -> CriterionValidation:
    criterion = Criterion.objects.get(rubric=study.rubric_id, key=spec.key)
    levels = [option.value for option in spec.options]
    index = {level: k for k, level in enumerate(levels)}
    level, values = cast(Level, spec.level), numbers_of(spec)
    verdicts = {
        response: index.get(value, -1)
        for response, value in Verdict.objects.filter(judge=judge, criterion=criterion).values_list(
            "response_id", "value"
        )
    }
    prompts = dict(Response.objects.filter(study=study).values_list("pk", "prompt_id"))
    labels = {
        response: (index[value], [posterior.get(one, 0.0) for one in levels])
        for response, value, posterior in GoldLabel.objects.filter(release=release, criterion=criterion)
        .exclude(value="")
        .values_list("response_id", "value", "posterior")
    }
    held = sorted(labels.keys() & verdicts.keys())
    elsewhere = sorted(verdicts.keys() - labels.keys())
    gold = _codes([labels[response][0] for response in held])
    said = _codes([verdicts[response] for response in held])
    clusters = _codes([prompts[response] for response in held])
    others = _codes([verdicts[response] for response in elsewhere])
    other_clusters = _codes([prompts[response] for response in elsewhere])
    posterior = np.array([labels[response][1] for response in held], dtype=np.float64).reshape(
        -1, len(levels)
    )
    ratings = ratings_of(study, spec, criterion.pk)
    rated = np.isin(ratings.responses, list(verdicts))
    codes = ratings.codes[:, rated]
    on_rated = _codes([verdicts[response] for response in ratings.responses[rated].tolist()])
    return CriterionValidation(
        key=spec.key,
        title=spec.title,
        level=spec.level or "",
        without_gold=len(elsewhere),
        report=judge_report(
            gold,
            said,
            labels=levels,
            level=level,
            values=values,
            posterior=_normalised(posterior),
            clusters=clusters,
            replicates=replicates,
            seed=seed,
        ),
        ceiling=human_ceiling(
            codes,
            on_rated,
            level_count=len(levels),
            clusters=ratings.prompts[rated],
            replicates=replicates,
            seed=seed,
        ),
        alt_test=alternative_annotator_test(
            codes, on_rated, epsilon=study.epsilon, level=level, values=values
        ),
        prevalence=tuple(
            (
                label,
                prevalence(
                    gold,
                    said,
                    others,
                    label=k,
                    clusters_on_gold=clusters,
                    clusters_elsewhere=other_clusters,
                ),
            )
            for k, label in enumerate(levels)
        ),
        aliases=ratings.aliases,
    )


def _codes(values: Sequence[int]) -> IntArray:
    return np.array(values, dtype=np.int64)


def _normalised(posterior: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows that sum to 1 again after they were stored with twelve decimals."""
    sums: NDArray[np.float64] = posterior.sum(axis=1, keepdims=True)
    return posterior / sums
