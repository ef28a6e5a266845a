"""A judge's scores: laid beside gold, calibrated on prompts that maps have not seen, cut where a measure is best."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ihlannotate.models.judge import Judge
from ihlannotate.models.study import Study
from ihlannotate.pipeline.judging.score_results import ScoreReport
from ihlannotate.pipeline.judging.scores import judge_scores, scored_criteria
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.releasing import release_gold
from ihlannotate.stats.calibration import calibration_of_scores
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.score_maps import cross_fit
from ihlannotate.stats.thresholds import Measure
from tests.pipeline.rated import N, P, R
from tests.pipeline.scored import Score, refused, scored_study, told

pytestmark = pytest.mark.django_db
FEW = 50  # replicates: enough to see that there is an interval


def of(study: Study, level: str = "", measure: Measure = "accuracy") -> ScoreReport:
    return judge_scores(study, "Heron", "refusal", level=level, measure=measure, replicates=FEW)


def test_figures_are_those_of_the_scores_beside_gold(tmp_path: Path) -> None:
    found = of(scored_study(tmp_path))
    scores = np.array([told(number) for number in range(90)])
    true = np.array([refused(number) for number in range(90)])
    assert (found.n, found.prompts, found.positives, found.level) == (90, 90, 60, R)
    assert found.raw is not None
    assert found.raw.brier.value == pytest.approx(((scores - true) ** 2).mean())
    by_hand = cross_fit(scores, true, method="platt", clusters=np.arange(90), replicates=FEW)
    assert found.platt.calibration == by_hand.calibration
    assert found.platt.map == by_hand.map
    held_out = found.isotonic.probabilities
    assert held_out is not None
    assert found.isotonic.calibration == calibration_of_scores(
        held_out, true.astype(np.int64), clusters=np.arange(90), replicates=FEW
    )


def test_the_threshold_stands_beside_the_judges_own_labels(tmp_path: Path) -> None:
    found = of(scored_study(tmp_path), measure="accuracy")
    best = found.choice.best
    assert best is not None
    assert best.value == pytest.approx(81 / 90)
    counts = (best.true_positives, best.false_positives, best.false_negatives, best.true_negatives)
    assert counts == (54, 3, 6, 27)
    own = [number % 4 != 0 for number in range(90)]
    assert found.own.true_positives == sum(own[number] and refused(number) for number in range(90))
    assert found.own.value.value == pytest.approx(
        sum(own[number] == refused(number) for number in range(90)) / 90
    )
    assert found.unparsed == 1


def test_responses_without_a_score_or_without_gold_are_counted(tmp_path: Path) -> None:
    found = of(scored_study(tmp_path, lambda number: "" if number < 5 else told(number), split=7))
    assert (found.n, found.without_score, found.without_gold) == (78, 5, 7)


def test_the_first_level_whose_map_rises_is_taken(tmp_path: Path) -> None:
    found = of(scored_study(tmp_path, lambda number: 1 - told(number)))
    assert (found.level, found.chosen) == (N, "rising")


def test_a_level_that_is_asked_for_is_taken(tmp_path: Path) -> None:
    study = scored_study(tmp_path)
    assert (of(study).chosen, of(study, level=N).chosen) == ("rising", "asked")
    assert of(study, level=N).outcome == "no_map"  # this score rises with refusals
    with pytest.raises(Refused, match="no level “maybe”"):
        of(study, level="maybe")


def test_what_was_stated_with_the_judge_decides_the_level(tmp_path: Path) -> None:
    study = scored_study(tmp_path, settings={"score_of": P})
    assert (of(study).level, of(study).chosen) == (P, "stated")
    with pytest.raises(Refused, match="stated to be of “partly_refused”"):
        of(study, level=R)
    assert str(of(study).isotonic.note) == "gold is all of one label: there is nothing to learn from"


def test_a_statement_that_is_no_level_decides_nothing(tmp_path: Path) -> None:
    assert of(scored_study(tmp_path, settings={"score_of": "helpful"})).chosen == "rising"


@pytest.mark.parametrize(
    ("score", "more", "why"),
    [
        (told, {"gold": lambda _number: True}, "gold is all of one label"),
        (lambda _number: 0.5, {}, "one score only"),
        (lambda number: (number * 37 % 90) % 2, {"settings": {"score_of": R}}, "no better than chance"),
        (told, {"n": 30}, "calibration is reported from 50 on"),
        (told, {"prompt": "One request, which the law forbids."}, "one prompt only"),
    ],
    ids=["one label", "one score", "chance", "few", "one prompt"],
)
def test_where_there_is_no_map_the_reason_is_said(
    tmp_path: Path, score: Score, more: dict[str, Any], why: str
) -> None:
    found = of(scored_study(tmp_path, score, **more))
    assert why in found.platt.note
    assert (found.outcome, found.map_dict("platt"), found.best) == ("no_map", None, None)
    json.dumps(found.as_dict(), allow_nan=False)


def test_scores_that_are_no_probabilities_are_mapped_and_not_judged_as_they_are(tmp_path: Path) -> None:
    found = of(scored_study(tmp_path, lambda number: 10 * told(number) - 5))
    assert found.raw is None
    assert "outside 0 to 1" in found.why_no_raw
    assert found.outcome == "mapped"


def test_a_score_that_is_too_sure_of_itself_needs_a_map(tmp_path: Path) -> None:
    found = of(scored_study(tmp_path))
    assert found.outcome == "mapped"
    assert found.best is found.platt or found.best is found.isotonic


def test_the_rules_apply_in_their_order(tmp_path: Path) -> None:
    found = of(scored_study(tmp_path))
    best = found.best
    assert best is not None
    assert best.calibration is not None

    def with_best(brier: Estimate, ece: Estimate) -> ScoreReport:
        assert best.calibration is not None
        return replace(
            found,
            platt=replace(best, calibration=replace(best.calibration, brier=brier, ece=ece)),
            isotonic=best,
        )

    def honest(report: ScoreReport) -> ScoreReport:
        assert report.raw is not None
        return replace(report, raw=replace(report.raw, ece=Estimate(0.0, 0.0, 0.0)))

    useless = with_best(Estimate(0.0, 0.0, 0.3), Estimate(0.0, 0.0, 0.0))
    far_off = with_best(Estimate(0.0, 0.0, 0.1), Estimate(0.9, 0.8, 1.0))
    assert honest(useless).outcome == "no_use"
    assert honest(far_off).outcome == "as_they_are"
    assert far_off.outcome == "off"


def test_a_map_says_where_it_comes_from_and_how_good_it_is(tmp_path: Path) -> None:
    study = scored_study(tmp_path)
    found = of(study).map_dict("isotonic")
    assert found is not None
    assert list(found) == [
        "study", "judge", "criterion", "level", "release", "release_sha256", "n", "prompts", "seed", "folds",
        "brier", "ece", "method", "scores", "probabilities",
    ]  # fmt: skip
    assert found["release_sha256"] == study.gold_releases.get().sha256


def test_only_a_judge_with_scores_has_any_to_look_at(tmp_path: Path) -> None:
    study = scored_study(tmp_path)
    other = Judge.objects.create(study=study, name="Egret")
    with pytest.raises(Refused, match="no score on a response with gold"):
        judge_scores(study, other.name, "refusal")
    assert scored_criteria(study.judges.get(name="Heron")) == ["refusal"]
    assert scored_criteria(other) == []


def test_the_same_seed_gives_the_same_figures_and_a_new_release_new_ones(tmp_path: Path) -> None:
    study = scored_study(tmp_path)
    assert of(study).as_dict() == of(study).as_dict()
    release_gold(study, actor=None)
    assert of(study).release == 2


def test_without_a_release_a_judge_or_a_question_it_says_so(tmp_path: Path) -> None:
    study = scored_study(tmp_path, release=False)
    with pytest.raises(Refused, match="no gold release"):
        of(study)
    with pytest.raises(Refused, match="no judge “Egret”"):
        judge_scores(study, "Egret", "refusal")
    with pytest.raises(Refused, match="no question with levels"):
        judge_scores(study, "Heron", "comment")
