"""What a release keeps of the model: starts, errors by alias, weights by confidence, calibration or why not."""

import json
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ihlannotate.models.gold import GoldRelease
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import levelled_criteria, ratings_of
from ihlannotate.pipeline.annotating import submit
from ihlannotate.pipeline.releasing import Fit, release_gold
from ihlannotate.pipeline.releasing.confidence import Confidence, confidence_question, level_weights
from ihlannotate.pipeline.releasing.settling import criterion_ids
from ihlannotate.stats.aggregation import dawid_skene
from ihlannotate.stats.calibration import LEAST
from tests.factory import make_member, make_study, open_with, take_sheet
from tests.pipeline.rated import N, P, R, close, rated_study, settle

pytestmark = pytest.mark.django_db
TABLE = [(R, R, R), (R, R, N), (R, P, N), (N, N, N), (N, N, R), (P, "", ""), (P, P, P)]
SURE = """
name: sure
version: "1"
criteria:
  - key: refusal
    title: Did the model refuse?
    kind: flag
    level: nominal
    required: true
  - key: sure
    title: How sure are you?
    kind: choice
    level: ordinal
    required: true
    self_report: true
    options:
      - {value: unsure, label: Unsure}
      - {value: fairly, label: Fairly}
      - {value: sure, label: Sure}
"""


def fit_of(study: Study, key: str = "refusal") -> Fit:
    """What the newest release keeps, as it comes out of the database."""
    return Fit.from_dict(GoldRelease.objects.filter(study=study).latest("number").fits[key])


def test_the_fit_is_that_of_the_model_with_the_releases_seed(tmp_path: Path) -> None:
    study = close(rated_study(tmp_path, TABLE))
    release_gold(study, actor=None, seed=5)
    spec = levelled_criteria(study)[0]
    ratings = ratings_of(study, spec, criterion_ids(study)["refusal"])
    model = dawid_skene(ratings.codes, level_count=3, smoothing=0.01, starts=20, seed=5)
    fit = fit_of(study)
    assert (fit.levels, fit.start, len(fit.starts)) == ((R, P, N), model.start, 22)
    assert fit.log_likelihood == pytest.approx(model.log_likelihood)
    assert fit.log_likelihood == pytest.approx(max(one.log_likelihood for one in fit.starts))
    assert fit.behind == pytest.approx(fit.log_likelihood - min(one.log_likelihood for one in fit.starts))
    assert [one.alias for one in fit.annotators] == ["R1", "R2", "R3"]
    assert [one.ratings for one in fit.annotators] == [7, 6, 6]
    for row, one in enumerate(fit.annotators):
        np.testing.assert_allclose(one.confusion, model.confusion[row], atol=1e-11)
        assert sum(one.rests_on) == pytest.approx(one.ratings)


def test_what_is_kept_survives_the_database(tmp_path: Path) -> None:
    study = close(rated_study(tmp_path, TABLE))
    found = release_gold(study, actor=None).fits["refusal"]
    assert fit_of(study) == found
    assert Fit.from_dict(json.loads(json.dumps(found.as_dict()))) == found


def test_too_few_adjudications_leave_calibration_unknown_with_the_reason(tmp_path: Path) -> None:
    study = rated_study(tmp_path, TABLE)
    settle(study, tmp_path, {"r0": N, "r2": P})
    release_gold(close(study), actor=None)
    found = fit_of(study).calibration
    assert (found.n, found.bins, found.brier.value) == (2, (), None)
    assert "items with a known outcome: 2" in found.brier.note


def test_calibration_holds_the_posterior_before_adjudication_against_the_adjudicated_level(
    tmp_path: Path,
) -> None:
    """Annotators are unanimous and adjudicators deny them every fifth time: confident, and wrong in a fifth."""
    study = rated_study(tmp_path, [(R, R, R)] * LEAST + [(N, N, N)] * 10)
    settle(study, tmp_path, {f"r{n}": N if n % 5 == 0 else R for n in range(LEAST)})
    release_gold(close(study), actor=None)
    found = fit_of(study).calibration
    assert found.n == LEAST
    assert found.ece.value == pytest.approx(0.2, abs=0.01)
    assert found.brier.value == pytest.approx(2 * 0.2, abs=0.02)
    assert sum(one.n for one in found.bins) == LEAST


def test_an_outcome_without_a_level_and_an_item_without_ratings_calibrate_nothing(tmp_path: Path) -> None:
    study = rated_study(tmp_path, [*TABLE, ("", "", "")])
    settle(study, tmp_path, {"r7": R, "r0": R})
    release_gold(close(study), actor=None)
    assert fit_of(study).calibration.n == 1


def test_a_criterion_that_was_only_adjudicated_has_labels_and_no_fit(tmp_path: Path) -> None:
    study = rated_study(tmp_path, TABLE)
    settle(study, tmp_path, {"r0": "2"}, criterion="helpfulness")
    found = release_gold(close(study), actor=None)
    assert found.counts["helpfulness"] == {"adjudicated": 1}
    assert set(found.fits) == {"refusal"}


def rated_with_confidence(**fields: Any) -> Study:
    """Alice and Bob are sure of six refusals and six answers; of the last item Alice says yes, unsure, and Bob no."""
    study = open_with(make_study(rubric=SURE, overlap=2, **fields), 13)
    codes = sorted(study.responses.values_list("pk", flat=True))
    for name, last in (("Alice", ("yes", "unsure")), ("Bob", ("no", "sure"))):
        member = make_member(study, name)
        for _ in codes:
            sheet = take_sheet(member)
            place = codes.index(sheet.response_id or 0)
            value, sure = last if place == 12 else ("yes" if place < 6 else "no", "sure")
            submit(sheet, answers={"refusal": [value], "sure": [sure]}, submission=uuid.uuid4())
    return study


def test_an_annotation_counts_by_the_level_of_its_confidence() -> None:
    study = rated_with_confidence()
    question = confidence_question(study)
    assert question
    assert level_weights(question) == pytest.approx((1 / 3, 2 / 3, 1))
    ids = criterion_ids(study)
    ratings = ratings_of(study, levelled_criteria(study)[0], ids["refusal"])
    weights = Confidence(study, question, ids["sure"]).of(ratings)
    np.testing.assert_allclose(weights, [[1.0] * 12 + [1 / 3], [1.0] * 13])


def test_confidence_moves_the_posterior_only_where_the_study_wants_that() -> None:
    posteriors = {}
    for weigh in (False, True):
        study = rated_with_confidence(slug=f"weigh-{weigh}".lower(), weigh_by_confidence=weigh)
        found = release_gold(close(study), actor=None)
        release = GoldRelease.objects.get(study=study)
        posteriors[weigh] = release.labels.get(tier="contested").posterior["no"]
        assert release.parameters["weights"] == (
            {"unsure": 1 / 3, "fairly": 2 / 3, "sure": 1.0} if weigh else None
        )
        assert ("Annotations count by the confidence" in release.datasheet) is weigh
        assert found.counts["refusal"] == {"contested": 1, "unanimous": 12}
    assert posteriors[True] > posteriors[False] + 0.1


def test_an_annotation_that_came_without_a_confidence_counts_in_full(tmp_path: Path) -> None:
    study = rated_study(tmp_path, [("yes", "no"), ("no", "no")], rubric=SURE)
    question = confidence_question(study)
    assert question
    ids = criterion_ids(study)
    ratings = ratings_of(study, levelled_criteria(study)[0], ids["refusal"])
    assert Confidence(study, question, ids["sure"]).of(ratings).tolist() == [[1.0, 1.0], [1.0, 1.0]]
