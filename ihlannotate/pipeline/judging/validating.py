"""A judge held against the latest gold release: errors, agreement, the human ceiling, corrected prevalence."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from django.utils.translation import gettext as _

from ihlannotate.models.gold import GoldRelease
from ihlannotate.models.judge import Judge, Verdict
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import Level, levelled_criteria, numbers_of, ratings_of
from ihlannotate.pipeline.judging.beside_gold import Judged, beside_gold, codes, judge_named, release_of
from ihlannotate.pipeline.judging.conclusions import Conclusion, conclusion, summary
from ihlannotate.pipeline.judging.slices import JudgeSlice, judge_slices
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.stats.alternative import AltTest, alternative_annotator_test
from ihlannotate.stats.ceiling import HumanCeiling, human_ceiling
from ihlannotate.stats.judging import JudgeReport, judge_report
from ihlannotate.stats.prevalence import Prevalence, prevalence
from ihlannotate.stats.proportions import clustered_proportion


@dataclass(frozen=True)
class CriterionValidation:
    """One judge on one criterion. `without_gold` responses have a verdict but no settled gold value; on `inapplicable`
    of them the question does not apply by gold."""

    key: str
    title: str
    level: str
    without_gold: int
    inapplicable: int
    report: JudgeReport
    ceiling: HumanCeiling
    alt_test: AltTest
    prevalence: tuple[tuple[str, Prevalence], ...]
    aliases: tuple[str, ...]  # of the annotators in the ceiling and the test, by row
    slices: tuple[JudgeSlice, ...]

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
            "inapplicable": self.inapplicable,
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
                    "gold": one.gold.as_dict(),
                }
                for label, one in self.prevalence
            },
            "slices": [one.as_dict() for one in self.slices],
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


def validate_judge(
    study: Study, judge: str, *, keys: Sequence[str] = (), seed: int = 0, replicates: int = 1000
) -> ValidationReport:
    """Hold a judge against the study's latest gold release, on every criterion it has verdicts for (or on `keys`).

    Raises Refused: no such judge, no gold release, no verdicts on a criterion that was asked for.
    """
    known = judge_named(study, judge)
    release = release_of(study)
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
    levels = [option.value for option in spec.options]
    level, values = cast(Level, spec.level), numbers_of(spec)
    held = beside_gold(study, judge, release, spec)
    ratings = ratings_of(study, spec, held.criterion)
    rated = np.isin(ratings.responses, list(held.verdicts.keys() - held.inapplicable))
    codes_rated = ratings.codes[:, rated]
    on_rated = codes([held.verdicts[response] for response in ratings.responses[rated].tolist()])
    return CriterionValidation(
        key=spec.key,
        title=spec.title,
        level=spec.level or "",
        without_gold=len(held.verdicts) - len(held.responses),
        inapplicable=len(held.inapplicable),
        report=judge_report(
            held.gold,
            held.said,
            labels=levels,
            level=level,
            values=values,
            posterior=held.posterior,
            clusters=held.prompts,
            replicates=replicates,
            seed=seed,
        ),
        ceiling=human_ceiling(
            codes_rated,
            on_rated,
            level_count=len(levels),
            clusters=ratings.prompts[rated],
            replicates=replicates,
            seed=seed,
        ),
        alt_test=alternative_annotator_test(
            codes_rated, on_rated, epsilon=study.epsilon, level=level, values=values
        ),
        prevalence=tuple((label, _prevalence(held, k)) for k, label in enumerate(levels)),
        aliases=ratings.aliases,
        slices=judge_slices(study, held, level_count=len(levels), replicates=replicates, seed=seed),
    )


def _prevalence(held: Judged, label: int) -> Prevalence:
    """How common a level is; from a sample, gold is weighed, and the judge's part is that of all verdicts."""
    found = prevalence(
        held.gold,
        held.said,
        held.elsewhere,
        label=label,
        clusters_on_gold=held.prompts,
        clusters_elsewhere=held.prompts_elsewhere,
        weights_on_gold=held.weights,
    )
    if held.weights is None:
        return found
    naive = clustered_proportion(held.elsewhere == label, held.prompts_elsewhere, empty=found.naive.note)
    return replace(found, naive=naive)
