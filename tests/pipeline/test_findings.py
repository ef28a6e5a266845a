"""Findings of a small study, worked out by hand, and what they refuse."""

from pathlib import Path

import pytest

from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import data_version
from ihlannotate.pipeline.findings import (
    FIGURE_HEADER,
    Cell,
    Effect,
    MeasureFindings,
    figure_rows,
    findings,
    measures_of,
)
from ihlannotate.pipeline.lifecycle import unblind_study
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.releasing import release_gold
from tests.factory import make_study
from tests.pipeline.found import closed_study, judge, rate_study, unblind, unblinded_study

pytestmark = pytest.mark.django_db


def near(value: float) -> object:
    return pytest.approx(value, abs=1e-9)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return unblinded_study(tmp_path)


def measured(study: Study, name: str) -> MeasureFindings:
    return next(one for one in findings(study, replicates=200).measures if one.measure.name == name)


def cell(found: MeasureFindings, model: str, condition: str) -> Cell:
    return next(one for one in found.cells if (one.model, one.condition) == (model, condition))


def effect(found: MeasureFindings, model: str) -> Effect:
    return next(one for one in found.effects if one.model == model)


def test_findings_wait_for_unblinding(tmp_path: Path) -> None:
    study = closed_study(tmp_path)
    with pytest.raises(Refused, match=r"not unblinded.*Close it, release its gold labels, then unblind it"):
        findings(study)


def test_a_refusal_rate_has_four_figures_that_follow_from_the_table(study: Study) -> None:
    """Gold 3 of 6; verdicts 6 of 10; sensitivity and specificity 2/3, rate 3/4 elsewhere; PPI++ with λ = 1/8."""
    found = cell(measured(study, "refusal:refused"), "Aster-1", "none").figure
    assert (found.n_judge, found.n_gold, found.n_both, found.n_elsewhere) == (10, 6, 6, 4)
    assert found.gold.value == near(3 / 6)
    assert found.judge.naive.value == near(6 / 10)
    # (3/4 + 2/3 - 1)/(2/3 + 2/3 - 1) = 5/4, which no share can be
    assert found.judge.corrected.value == near(1.0)
    # λ = (1/12)/((1 + 6/4)·(10·.24/9)); then λ·3/4 + 1/2 - λ·1/2
    assert found.judge.ppi.value == near(1 / 8 * 3 / 4 + 1 / 2 - 1 / 8 * 1 / 2)
    for one in (found.gold, found.judge.naive, found.judge.corrected, found.judge.ppi):
        limits = [limit for limit in (one.low, one.value, one.high) if limit is not None]
        assert len(limits) == 3
        assert limits == sorted(limits)


def test_helpfulness_is_of_refusals_alone(study: Study) -> None:
    """Gold 3, 2, 1 of six that experts saw; the judge misses the third refusal and rates one that is none."""
    measure = measured(study, "helpfulness:mean")
    assert measure.measure.condition == (("refusal", ("refused", "partly_refused")),)
    found = cell(measure, "Aster-1", "none").figure
    assert (found.n_judge, found.n_gold, found.n_both, found.n_elsewhere) == (5, 3, 6, 4)
    assert found.gold.value == near(2.0)
    assert found.judge.naive.value == near((3 + 2 + 1 + 3 + 3) / 5)
    # Less the gold mean: gold 1 0 -1 0 0 0, judge 1 0 0 0 0 -1 there and 1 1 0 0 elsewhere: λ = (1/6)/((1 + 6/4)·.4),
    # and what it adds is spread over the half of gold that refused
    tuning = (1 / 6) / (2.5 * 0.4)
    assert found.judge.ppi.value == near(2 + tuning * (2 / 4 - 0) / (1 / 2))
    assert found.judge.corrected.value is None
    assert "shares" in found.judge.corrected.note


def test_a_judge_who_takes_refusals_for_none_does_not_bias_what_is_given_a_refusal(tmp_path: Path) -> None:
    """Where the judge sees no refusal it rates nothing: gold says what it missed, and how helpful that was."""
    study = make_study(overlap=1)
    refused = {("Aster-1", "none"): "R" * 40 + "N" * 40 + "-" * 320}
    worth = {("Aster-1", "none"): "31" * 20 + "-" * 360}
    # Of refusals the judge sees the helpful ones alone, and takes each tenth of the others for one of helpfulness 3
    seen = {("Aster-1", "none"): "RN" * 20 + "RNNNNNNNNN" * 4 + ("RN" * 20 + "RNNNNNNNNN" * 4) * 4}
    rated = {("Aster-1", "none"): ("3-" * 20 + "3---------" * 4) * 5}
    rate_study(study, tmp_path, gold=refused, helpful=worth)
    judge(study, "refusal", seen)
    judge(study, "helpfulness", rated)
    unblind(study)
    found = cell(measured(study, "helpfulness:mean"), "Aster-1", "none").figure
    assert found.judge.naive.value == near(3.0)
    assert found.gold.value == near(2.0)
    # What the judge says elsewhere is what it says on gold, so that it moves nothing
    assert found.judge.ppi.value == near(2.0)
    assert found.judge.ppi.high < 3
    assert found.judge.ppi.high - found.judge.ppi.low < found.gold.high - found.gold.low


def test_a_figure_without_verdicts_or_gold_says_why(study: Study) -> None:
    rate = measured(study, "refusal:refused")
    figure = cell(rate, "Borealis-2", "none").figure
    assert figure.judge.naive.note == "no verdict on this question"
    assert figure.judge.corrected.value is None
    assert figure.gold.value == 0.0
    helpful = cell(measured(study, "helpfulness:mean"), "Borealis-2", "none").figure
    assert helpful.gold.note == "no gold response"
    alike = cell(measured(study, "helpfulness:mean"), "Borealis-2", "safety").figure
    assert (alike.gold.value, alike.gold.low) == (1.0, None)
    assert "all values are the same" in alike.gold.note


def test_the_safety_prompt_is_compared_within_models_in_pairs(study: Study) -> None:
    """By gold Aster-1 changes on 1 of 6 prompts and Borealis-2 on 6 of 6; by verdicts Aster-1 on 2 of 10."""
    assert findings(study, replicates=200).baseline == "none"
    rate = measured(study, "refusal:refused")
    aster, borealis = effect(rate, "Aster-1"), effect(rate, "Borealis-2")
    assert aster.gold.effect.difference.value == near(1 / 6)
    assert aster.naive.effect.difference.value == near(2 / 10)
    assert borealis.gold.effect.difference.value == near(1.0)
    assert aster.gold.effect.mcnemar is not None
    assert aster.gold.effect.mcnemar.second_only == 1
    assert (aster.gold.p, aster.naive.p) == (near(0.5), near(0.25))
    assert borealis.gold.p == near(2 / 64 - 1 / 64)


def test_p_values_are_adjusted_over_models(study: Study) -> None:
    rate = measured(study, "refusal:refused")
    assert effect(rate, "Borealis-2").gold.p_holm == near(2 / 64)
    assert effect(rate, "Aster-1").gold.p_holm == near(0.5)
    assert effect(rate, "Aster-1").naive.p_holm == near(0.25)  # the only model with verdicts
    assert effect(rate, "Borealis-2").naive.p_holm is None


def test_ppi_of_a_difference_moves_golds_by_what_the_judge_says_elsewhere(study: Study) -> None:
    """Differences: gold 0 0 0 1 0 0, judge 0 0 1 0 0 0 there and 0 0 0 1 elsewhere. Gold and judge go apart: λ is 0."""
    found = effect(measured(study, "refusal:refused"), "Aster-1").ppi
    assert found.value == near(1 / 6)


def test_means_are_compared_where_both_sides_refused(study: Study) -> None:
    found = effect(measured(study, "helpfulness:mean"), "Aster-1").gold.effect
    assert found.pairs == 3
    assert found.difference.value == near((0 + 1 + 2) / 3)
    assert found.mcnemar is None


def test_parts_of_the_study_have_the_same_figures(study: Study) -> None:
    slices = {(one.kind, one.name): one for one in measured(study, "refusal:refused").slices}
    plain = next(one for one in slices["complexity", "plain"].cells if one.condition == "none")
    assert plain.figure.gold.value == near(3 / 5)
    assert plain.figure.n_gold == 5
    # Rule 7 is named by all prompts, rule 1 by the first five: a prompt may be in several groups
    groups = {
        name: one.cells[0].figure.n_gold for (kind, name), one in slices.items() if kind == "rule group"
    }
    assert groups == {"Civilians and combatants": 5, "Civilian objects and military objectives": 6}
    assert measured(study, "refusal:not_refused").slices == ()


def test_every_figure_is_a_row_that_adds_its_n(study: Study) -> None:
    report = findings(study, replicates=200)
    rows = [dict(zip(FIGURE_HEADER, row, strict=True)) for row in figure_rows(report)]
    cells = sum(len(one.cells) + sum(len(part.cells) for part in one.slices) for one in report.measures)
    assert len(rows) == 4 * cells + 3 * sum(len(one.effects) for one in report.measures)
    wanted = {"measure": "refusal:refused", "part": "", "model": "Aster-1", "condition": "none"}
    found = [row for row in rows if wanted.items() <= row.items()]
    assert [(row["method"], row["n"], row["value"]) for row in found[:2]] == [
        ("judge alone", 10, 0.6),
        ("gold alone", 6, 0.5),
    ]


def test_findings_are_kept_until_a_verdict_a_release_or_unblinding(tmp_path: Path) -> None:
    study = closed_study(tmp_path)
    versions = [data_version(study)]
    unblind_study(study, reason="To publish.", actor=None)
    study.refresh_from_db()
    versions.append(data_version(study))
    before = findings(study, replicates=20)
    assert before.release == 1
    release_gold(study, actor=None)
    versions.append(data_version(study))
    assert findings(study, replicates=20).release == 2
    judge(study, "refusal", {("Borealis-2", "none"): "RRRRRNNNNN"})
    versions.append(data_version(study))
    rate = findings(study, replicates=20).measures[0]
    assert cell(rate, "Borealis-2", "none").figure.judge.naive.value == near(0.5)
    assert len(set(versions)) == len(versions)


def test_a_judge_is_chosen_by_name_and_the_first_is_taken_otherwise(study: Study) -> None:
    judge(study, "refusal", {("Aster-1", "none"): "NNNNNNNNNN"}, name="Another")
    assert findings(study, replicates=20).judge == "Another"
    assert findings(study, judge="Judge-1", replicates=20).judge == "Judge-1"
    with pytest.raises(Refused, match=r"no judge “Nobody”. Its judges: “Another”, “Judge-1”"):
        findings(study, judge="Nobody")


def test_a_study_without_a_judge_has_figures_of_gold(tmp_path: Path) -> None:
    study = unblinded_study(tmp_path)
    study.judges.all().delete()
    found = cell(findings(study, judge="", replicates=20).measures[0], "Aster-1", "none").figure
    assert found.gold.value == 0.5
    assert found.judge.ppi.note == "no verdict on this question"


def test_the_default_rubric_gives_the_papers_tables() -> None:
    names = {one.name: one for one in measures_of(make_study(rubric="default"))}
    assert list(names)[:3] == ["refusal:refused", "refusal:partly_refused", "refusal:not_refused"]
    assert {
        "helpfulness:mean",
        "reason:stock+specific",
        "alternative:vague+concrete",
        "policy_named:yes",
    } <= set(names)
    assert "legal_basis:general+specific_right+specific_wrong" in names
    assert names["severity:mean"].numbers == (0, 1, 2, 3)
    assert names["helpfulness:mean"].condition == (
        ("usable", ("usable",)),
        ("refusal", ("refused", "partly_refused")),
    )
    assert not any(name.startswith(("confidence", "usable")) for name in names)
