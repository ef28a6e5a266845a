"""Not applicable is not missing: what follows where gold says that a question should not have been asked."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from django.db import transaction

from ihlannotate.models.event import record
from ihlannotate.models.gold import GoldLabel, GoldRelease
from ihlannotate.models.provenance import Origin
from ihlannotate.models.study import Study
from ihlannotate.pipeline.adjudicating import contested, ruled_out
from ihlannotate.pipeline.adjudicating import settle as settle_by_hand
from ihlannotate.pipeline.agreement import agreement, levelled_criteria
from ihlannotate.pipeline.exporting import export, import_bundle
from ihlannotate.pipeline.findings import findings
from ihlannotate.pipeline.judging import CriterionValidation, Said, save_verdicts, validate_judge
from ihlannotate.pipeline.judging.scores import judge_scores
from ihlannotate.pipeline.lifecycle import unblind_study
from ihlannotate.pipeline.releasing import changes, inapplicable_responses, release_gold, standing
from ihlannotate.pipeline.reporting.release_tables import release_tables
from ihlannotate.pipeline.tuning import update_settings
from ihlannotate.readers.rubric import CriterionSpec, read_rubric
from tests.factory import SMALL_RUBRIC, make_member
from tests.pipeline.rated import N, P, R, close, rate, rated_study, settle

pytestmark = pytest.mark.django_db
NO = -1
REFUSAL = [(N, N, P), (R, R, R), (R, P, N), (N, N, R), (P, P, N), (N, N, N), (N, N, P)]
HELPFULNESS = [
    ("", "", "3"),  # r0: the majority saw no refusal
    ("2", "2", "2"),
    ("1", "3", ""),  # r2: the refusal is contested
    ("", "", "2"),  # r3: settled by an adjudicator
    ("3", "3", ""),  # r4: an adjudicator saw no refusal
    ("", "", ""),
    ("", "", "1"),  # r6: lawyers differ about the refusal
]
VERDICTS = {"r0": "3", "r1": "2", "r2": "1", "r3": "2", "r4": "3", "r5": "2"}
CHAIN = """
name: chain
version: "1.0"
criteria:
  - {key: usable, title: Usable, kind: flag, required: true}
  - {key: rules, title: Rules, kind: many, options: [{value: one}, {value: two}]}
  - {key: refused, title: Refused, kind: flag, show_if: {usable: ["yes"]}}
  - {key: reason, title: Reason, kind: flag, show_if: {refused: ["yes"]}}
  - {key: named, title: Named, kind: flag, show_if: {usable: ["yes"], reason: ["yes"], rules: [one]}}
"""


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return closed_study(tmp_path)


def closed_study(path: Path) -> Study:
    """Closed and adjudicated, with a judge's verdicts on helpfulness; no gold released yet."""
    study = rated_study(path, REFUSAL)
    rate(study, path, HELPFULNESS, criterion="helpfulness")
    settle(study, path, {"r3": "2"}, criterion="helpfulness")
    settle(study, path, {"r4": N})
    by_hand(study, "r6", "refusal", "")
    said = [Said(row, name, level, score=f".{level}") for row, (name, level) in enumerate(VERDICTS.items())]
    save_verdicts(study, said, judge="Heron", criterion="helpfulness", actor=None)
    return close(study)


def by_hand(study: Study, name: str, key: str, value: str) -> None:
    dana = study.memberships.filter(alias="Dana").first() or make_member(study, "Dana", alias="Dana")
    code = Origin.objects.get(external_id=name).response.code
    settle_by_hand(member=dana, code=code, key=key, value=value, reason="So it reads.")


def labels(key: str = "helpfulness") -> dict[str, GoldLabel]:
    """The labels of the newest release by the responses' external ids."""
    ids = dict(Origin.objects.values_list("response_id", "external_id"))
    release = GoldRelease.objects.latest("pk")
    found = GoldLabel.objects.filter(release=release, criterion__key=key)
    return {ids[one.response_id]: one for one in found}


def released(study: Study) -> dict[str, tuple[str, str]]:
    """External id -> value and tier of helpfulness, released anew."""
    release_gold(study, actor=None)
    return {name: (one.value, one.tier) for name, one in sorted(labels().items())}


def specs_of(rubric: str) -> list[CriterionSpec]:
    return [one for one in read_rubric(rubric).criteria if one.kind in ("choice", "scale", "flag")]


@pytest.mark.parametrize(
    ("levels", "decided", "out"),
    [
        ([0, 0, 0, 0], "", ""),  # every condition is met
        ([1, 0, 0, 0], "", "refused reason named"),  # what hangs on what does not apply, doesn't either
        ([0, 1, 0, 0], "", "reason named"),
        ([0, 0, 1, 0], "", "named"),  # one of two conditions fails
        ([NO, 0, 1, 0], "", "named"),  # the other one being unknown
        ([NO, 0, 0, 0], "", ""),
        ([0, NO, 0, 0], "", ""),  # contested: nothing is ruled out
        ([1, NO, NO, 0], "", "refused reason named"),  # also past questions that nobody answered
        ([1, 0, 0, 0], "refused", "named"),  # an adjudicator decided, and what hangs on that goes by it
        ([1, 1, 0, 0], "refused", "reason named"),
        ([1, 0, 0, 0], "named", "refused reason"),
    ],
)
def test_a_question_does_not_apply_where_a_condition_fails_for_sure(
    levels: Sequence[int], decided: str, out: str
) -> None:
    specs = specs_of(CHAIN)
    keys = [one.key for one in specs]
    by_adjudicator = np.array([[key in decided.split() for key in keys]])
    found = ruled_out(specs, np.array([levels]), by_adjudicator)
    assert [key for key, away in zip(keys, found[0].tolist(), strict=True) if away] == out.split()


def test_labels_of_a_question_that_does_not_apply_have_no_value_and_keep_what_was_rated(study: Study) -> None:
    assert released(study) == {
        "r0": ("", "inapplicable"),
        "r1": ("2", "unanimous"),
        "r2": ("", "contested"),
        "r3": ("2", "adjudicated"),
        "r4": ("", "inapplicable"),
        "r6": ("1", "single"),
    }
    kept = labels()["r4"]
    assert (kept.n, kept.counts) == (2, {"3": 2})
    assert sum(kept.posterior.values()) == pytest.approx(1)
    assert {name: one.value for name, one in labels("refusal").items()} == {
        "r0": N, "r1": R, "r2": "", "r3": N, "r4": N, "r5": N, "r6": "",
    }  # fmt: skip
    release = GoldRelease.objects.get()
    assert release.counts["helpfulness"] == {
        "adjudicated": 1, "contested": 1, "inapplicable": 2, "single": 1, "unanimous": 1,
    }  # fmt: skip


def test_the_preview_says_the_same(study: Study) -> None:
    ids = dict(Origin.objects.values_list("response_id", "external_id"))
    found = next(one for one in standing(study) if one.criterion == "helpfulness")
    preview = {
        ids[one.response_id]: (one.value, one.tier) for one in found.labels(np.arange(len(found.responses)))
    }
    assert preview == released(study)


def test_the_model_and_agreement_are_of_all_that_was_rated(study: Study) -> None:
    release_gold(study, actor=None)
    fit = GoldRelease.objects.get().fits["helpfulness"]
    given = {one["alias"]: one["ratings"] for one in fit["annotators"]}
    assert given == {"R1": 3, "R2": 3, "R3": 4}
    report = next(one for one in agreement(study).criteria if one.key == "helpfulness")
    assert report.reliability.units == 6


def test_the_datasheet_says_how_many_do_not_apply_and_by_which_rule(study: Study) -> None:
    release_gold(study, actor=None)
    text = GoldRelease.objects.get().datasheet
    assert (
        "| Question | unanimous | majority | adjudicated | contested | single | inapplicable | all |" in text
    )
    assert "| helpfulness | 1 | 0 | 1 | 1 | 1 | 2 | 6 |" in text
    assert "does not apply where the gold level of the question that it hangs on rules it out" in text
    assert "questions that do not apply by gold, although some annotators were asked them: 2" in text


def test_a_release_in_which_all_applies_does_not_speak_of_it(tmp_path: Path) -> None:
    study = rated_study(tmp_path, [(R, R), (N, N)])
    rate(study, tmp_path, [("1", "1"), ("", "")], criterion="helpfulness")
    release_gold(close(study), actor=None)
    release = GoldRelease.objects.get()
    assert "| Question | unanimous | majority | adjudicated | contested | single | all |" in release.datasheet
    assert "apply" not in release.datasheet
    tiers = release_tables(release, levelled_criteria(study))[0]
    assert "Does not apply" not in [one.title for one in tiers.columns]
    assert tiers.note == "Gold release 1."


def test_the_tables_of_a_release_count_them_apart(study: Study) -> None:
    release_gold(study, actor=None)
    tiers, levels, _calibration = release_tables(GoldRelease.objects.get(), levelled_criteria(study))
    row = next(one for one in tiers.rows if one[0] == "How helpful is the refusal?")
    assert dict(zip([one.title for one in tiers.columns], row, strict=True))["Does not apply"] == 2
    assert "rules this one out" in tiers.note
    assert [one[1:] for one in levels.rows if one[0] == "How helpful is the refusal?"] == [
        ("Bare", 1),
        ("Stock", 2),
        ("Fitting", 0),
        ("no level: lawyers differ", 1),
        ("no level: the question does not apply", 2),
    ]


def test_what_is_new_says_that_a_question_applies_no_longer_or_again(study: Study) -> None:
    release_gold(study, actor=None)
    by_hand(study, "r0", "refusal", P)
    by_hand(study, "r1", "refusal", N)
    release_gold(study, actor=None)
    older, newer = GoldRelease.objects.order_by("number")
    found = {(one.old_tier, one.new_tier, one.why) for one in changes(older, newer)}
    assert found == {
        ("inapplicable", "single", "applies again"),
        ("unanimous", "inapplicable", "does not apply"),
        ("majority", "adjudicated", "adjudicated"),
        ("unanimous", "adjudicated", "adjudicated"),
    }


def validated(study: Study) -> CriterionValidation:
    (found,) = validate_judge(study, "Heron", replicates=20).criteria
    return found


def test_a_judge_is_held_against_the_labels_that_apply(study: Study) -> None:
    """r0, r4 and r5 are no refusals by gold, r2 has no level: the judge is right on r1 and r3."""
    release_gold(study, actor=None)
    found = validated(study)
    assert (found.report.n, found.report.accuracy.value) == (2, 1.0)
    assert (found.without_gold, found.inapplicable) == (4, 3)
    assert found.as_dict()["inapplicable"] == 3
    assert [(one.name, one.found.n) for one in found.slices if one.kind == "tier"] == [
        ("unanimous", 1),
        ("adjudicated", 1),
    ]
    # The judge's own rate is of r1, r2 and r3: on the others nobody was to rate helpfulness
    rates = {label: one.naive.value for label, one in found.prevalence}
    assert rates == {"1": pytest.approx(1 / 3), "2": pytest.approx(2 / 3), "3": 0.0}


def test_the_human_ceiling_is_of_questions_that_apply(study: Study) -> None:
    """R1 and R2 agree on r1 and differ on r2; their agreement on r4, where gold sees no refusal, is left out."""
    release_gold(study, actor=None)
    apart = validated(study).ceiling.human_accuracy.value
    by_hand(study, "r4", "refusal", P)
    release_gold(study, actor=None)
    assert validated(study).inapplicable == 2
    assert apart == pytest.approx((1 / 2 + 1 / 2 + 1) / 3)  # of R1, R2 and R3
    assert validated(study).ceiling.human_accuracy.value == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)


def test_scores_are_calibrated_on_the_labels_that_apply(study: Study) -> None:
    release_gold(study, actor=None)
    found = judge_scores(study, "Heron", "helpfulness", level="2", replicates=20)
    assert (found.n, found.without_gold) == (2, 4)


def as_before(study: Study) -> GoldRelease:
    """A release as it was made when labels did not know the tier: with the values of those that do not apply."""
    newest = GoldRelease.objects.first()
    if newest is None:
        release_gold(study, actor=None)
        newest = GoldRelease.objects.get()
    older = GoldRelease.objects.create(
        study=study, number=2, method="majority", seed=0, rubric_sha256=newest.rubric_sha256, code_version="",
        sha256="", parameters=newest.parameters, counts={}, fits={},
    )  # fmt: skip
    for one in newest.labels.all():
        old = {"value": "3", "tier": "single"} if one.tier == "inapplicable" else {}
        kept = {"value": one.value, "tier": one.tier, "n": one.n, "posterior": one.posterior}
        GoldLabel.objects.create(
            release=older, response_id=one.response_id, criterion_id=one.criterion_id, **kept | old
        )
    return older


def test_a_release_made_before_there_was_the_tier_is_read_by_the_same_rule(study: Study) -> None:
    older = as_before(study)
    ids = dict(Origin.objects.values_list("response_id", "external_id"))
    for release in (older, GoldRelease.objects.get(number=1)):
        away = inapplicable_responses(release, levelled_criteria(study), "helpfulness")
        assert {ids[one] for one in away} == {"r0", "r4", "r5"}
        assert not inapplicable_responses(release, levelled_criteria(study), "refusal")
    found = validated(study)
    assert (found.report.n, found.without_gold, found.inapplicable) == (2, 4, 3)


def test_findings_are_the_same_of_both(study: Study) -> None:
    """Of r1 alone gold says that something was refused; r3's helpfulness was settled, but not what it is of."""
    release_gold(study, actor=None)
    unblind_study(study, reason="To publish.", actor=None)
    study.refresh_from_db()
    found = [findings(study, replicates=20)]
    as_before(study)
    record(study, "gold.released", actor=None, data={})
    found.append(findings(study, replicates=20))
    assert [one.release for one in found] == [1, 2]
    one, other = (next(it for it in each.measures if it.measure.name == "helpfulness:mean") for each in found)
    assert one.cells[0].figure.n_gold == 1
    assert one == other


def open_questions(study: Study) -> dict[str, list[str]]:
    """External id -> the questions that wait for an adjudicator."""
    names = dict(Origin.objects.values_list("response__code", "external_id"))
    found = contested(study)
    return {names[code]: list(found.open_of(code)) for code in sorted(found.codes, key=names.__getitem__)}


def test_a_question_that_does_not_apply_is_not_offered_to_an_adjudicator(tmp_path: Path) -> None:
    study = rated_study(tmp_path, [(N, N, N, P, P), (N, N, P, P, R), (R, R, R, R, N), (N, N, P, P, "")])
    rate(
        study,
        tmp_path,
        [("", "", "", "1", "3"), ("", "", "2", "2", "2"), ("1", "2", "1", "2", ""), ("", "", "1", "3", "")],
        criterion="helpfulness",
    )
    assert open_questions(study) == {
        "r1": ["refusal"],
        "r2": ["helpfulness"],
        "r3": ["refusal", "helpfulness"],  # as long as the refusal is contested, both are offered
    }
    by_hand(study, "r3", "refusal", N)
    by_hand(study, "r0", "refusal", "")
    assert open_questions(study) == {"r0": ["helpfulness"], "r1": ["refusal"], "r2": ["helpfulness"]}


def test_a_majority_that_waits_for_an_adjudicator_rules_nothing_out_yet(tmp_path: Path) -> None:
    study = rated_study(tmp_path, [(N, N, N, P, P)])
    rate(study, tmp_path, [("", "", "", "1", "3")], criterion="helpfulness")
    assert open_questions(study) == {}
    update_settings(study, actor=None, adjudicate_audit_percent=100)
    assert open_questions(study) == {"r0": ["refusal", "helpfulness"]}
    by_hand(study, "r0", "refusal", N)
    assert open_questions(study) == {}


def test_what_annotators_report_of_themselves_rules_nothing_out(tmp_path: Path) -> None:
    own = SMALL_RUBRIC.replace("required: true", "self_report: true", 1)
    study = rated_study(tmp_path, [(N, N)], rubric=own)
    rate(study, tmp_path, [("3", "3")], criterion="helpfulness")
    assert released(close(study)) == {"r0": ("3", "unanimous")}


def test_exports_say_it_and_leave_nothing_out(study: Study, tmp_path: Path) -> None:
    release_gold(study, actor=None)
    for what, column in (("gold", "value"), ("training", "gold")):
        export(study, tmp_path / f"{what}.jsonl", what=what, format="jsonl", actor=None)
        lines = (tmp_path / f"{what}.jsonl").read_text("utf-8").splitlines()
        rows = [one for one in map(json.loads, lines) if one["tier"] == "inapplicable"]
        assert sorted((one["criterion"], one[column] or "", one["posterior"], one["n"]) for one in rows) == [
            ("helpfulness", "", None, 1),
            ("helpfulness", "", None, 2),
        ]


def test_a_bundle_brings_them_back(tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    with transaction.atomic():
        study = closed_study(tmp_path)
        digest = release_gold(study, actor=None).sha256
        export(study, path, what="bundle", format="zip", actor=None)
        transaction.set_rollback(True)
    import_bundle(path, slug="elsewhere", actor=None)
    release = GoldRelease.objects.get()
    assert release.sha256 == digest
    found = release.labels.filter(tier="inapplicable").order_by("n")
    assert [(one.value, one.n, one.counts) for one in found] == [("", 1, {"3": 1}), ("", 2, {"3": 2})]
