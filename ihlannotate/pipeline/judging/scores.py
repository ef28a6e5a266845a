"""A judge's scores beside gold: what they are worth as probabilities, maps that mend them, and where to cut them."""

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from ihlannotate.models.gold import GoldRelease
from ihlannotate.models.judge import Judge, Verdict
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import kept, levelled_criteria
from ihlannotate.pipeline.judging.beside_gold import Judged, beside_gold, judge_named, release_of
from ihlannotate.pipeline.judging.score_results import Chosen, OwnLabels, ScoreReport
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.stats.calibration import Calibration, calibration_of_scores
from ihlannotate.stats.score_maps import cross_fit, fit_map, why_no_probabilities
from ihlannotate.stats.thresholds import Measure, choose_threshold, decision_cells, measure_of_decisions

SCORE_OF = "score_of"  # the setting that names the level of which a judge's score speaks
FloatArray = NDArray[np.float64]


def scored_criteria(judge: Judge) -> list[str]:
    """The keys of the criteria on which the judge gave scores, in the rubric's order."""
    scored = Verdict.objects.filter(judge=judge, score__isnull=False)
    return list(scored.order_by("criterion__position").values_list("criterion__key", flat=True).distinct())


def scored_criterion(study: Study, judge: str) -> str:
    """The key of the one criterion on which the judge gave scores. Raises Refused: no such judge, none, several."""
    keys = scored_criteria(judge_named(study, judge))
    if not keys:
        raise Refused(_("Judge “%(judge)s” gave no scores.") % {"judge": judge})
    if len(keys) > 1:
        raise Refused(
            _("Judge “%(judge)s” gave scores on several questions. Name one of: %(keys)s.")
            % {"judge": judge, "keys": ", ".join(keys)}
        )
    return keys[0]


def stated_level(judge: Judge, spec: CriterionSpec) -> str:
    """The level of this criterion that the judge's scores were stated to be of; empty where none was."""
    stated = str(judge.settings.get(SCORE_OF, ""))
    return stated if stated in [option.value for option in spec.options] else ""


def judge_scores(
    study: Study,
    judge: str,
    key: str,
    *,
    level: str = "",
    measure: Measure = "accuracy",
    seed: int = 0,
    replicates: int = 1000,
) -> ScoreReport:
    """What the judge's scores on a criterion say of one level, on the latest gold release; kept until data change.

    `level` may be left out: then it is the one that was stated with the judge, else the first of the rubric whose
    Platt map rises. `measure` is what the threshold maximises. Raises Refused: no such judge, criterion or level, no
    release, no scores beside gold, or a level other than the stated one.
    """
    known = judge_named(study, judge)
    spec = next((one for one in levelled_criteria(study) if one.key == key), None)
    if spec is None:
        raise Refused(_("“%(key)s” is no question with levels in this study.") % {"key": key[:80]})
    stated = stated_level(known, spec)
    if level and level not in [option.value for option in spec.options]:
        raise Refused(_("“%(key)s” has no level “%(level)s”.") % {"key": key, "level": level[:80]})
    if stated and level and level != stated:
        raise Refused(
            _(
                "The scores of “%(judge)s” were stated to be of “%(level)s”, so they say nothing of another level."
            )
            % {"judge": judge, "level": stated}
        )
    release = release_of(study)
    parameters: dict[str, int | str] = {
        "judge": judge, "key": key, "level": level, "stated": stated, "measure": measure, "seed": seed,
        "replicates": replicates,
    }  # fmt: skip

    def compute() -> ScoreReport:
        return _report(study, known, release, spec, level, stated, measure, seed, replicates)

    return kept(study, "scores", parameters, compute)


def _report(
    study: Study,
    judge: Judge,
    release: GoldRelease,
    spec: CriterionSpec,
    asked: str,
    stated: str,
    measure: Measure,
    seed: int,
    replicates: int,
) -> ScoreReport:
    held = beside_gold(study, judge, release, spec)
    scores, has, elsewhere = _scores(judge, held)
    if not has.any():
        raise Refused(
            _("Judge “%(judge)s” has no score on a response with gold in “%(key)s”.")
            % {"judge": judge.name, "key": spec.key}
        )
    scores, gold, said, prompts = scores[has], held.gold[has], held.said[has], held.prompts[has]
    at, chosen = _level(spec, scores, gold, asked, stated)
    true = gold == at
    choice = choose_threshold(
        scores, true, measure=measure, clusters=prompts, replicates=replicates, seed=seed
    )
    return ScoreReport(
        study=study.slug,
        judge=judge.name,
        criterion=spec.key,
        title=spec.title,
        level=spec.options[at].value,
        chosen=chosen,
        release=release.number,
        release_sha256=release.sha256,
        seed=seed,
        replicates=replicates,
        n=len(scores),
        prompts=len(np.unique(prompts)),
        positives=int(true.sum()),
        without_score=int((~has).sum()),
        without_gold=elsewhere,
        unparsed=int((said == -1).sum()),
        raw=_raw(scores, true, prompts, replicates, seed),
        why_no_raw=why_no_probabilities(scores),
        isotonic=cross_fit(
            scores, true, method="isotonic", clusters=prompts, replicates=replicates, seed=seed
        ),
        platt=cross_fit(scores, true, method="platt", clusters=prompts, replicates=replicates, seed=seed),
        choice=choice,
        own=OwnLabels(
            measure_of_decisions(
                said == at, true, measure=measure, clusters=prompts, replicates=replicates, seed=seed
            ),
            *(int(cell.sum()) for cell in decision_cells(said == at, true)),
        ),
    )


def _scores(judge: Judge, held: Judged) -> tuple[FloatArray, NDArray[np.bool_], int]:
    """The score of each response with gold (NaN: none), which have one, and how many scores there are elsewhere."""
    found = dict(
        Verdict.objects.filter(judge=judge, criterion=held.criterion, score__isnull=False).values_list(
            "response_id", "score"
        )
    )
    scores = np.array([found.get(one, np.nan) for one in held.responses.tolist()], dtype=np.float64)
    has = ~np.isnan(scores)
    return scores, has, len(found) - int(has.sum())


def _level(
    spec: CriterionSpec, scores: FloatArray, gold: NDArray[np.int64], asked: str, stated: str
) -> tuple[int, Chosen]:
    levels = [option.value for option in spec.options]
    if stated or asked:
        return levels.index(stated or asked), "stated" if stated else "asked"
    for at in range(len(levels)):
        if fit_map(scores, gold == at, method="platt")[0] is not None:
            return at, "rising"
    return 0, "first"


def _raw(
    scores: FloatArray, true: NDArray[np.bool_], prompts: NDArray[np.int64], replicates: int, seed: int
) -> Calibration | None:
    if why_no_probabilities(scores):
        return None
    return calibration_of_scores(
        scores, true.astype(np.int64), clusters=prompts, replicates=replicates, seed=seed
    )
