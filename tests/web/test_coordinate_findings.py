"""Findings on their page and as files: sealed until unblinding, then every figure, plot and warning."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from ihlannotate.models.study import Study
from ihlannotate.pipeline.findings import FIGURE_HEADER, Effect, MeasureFindings, figure_rows, findings
from ihlannotate.pipeline.reporting.findings_plots import change_words, method_of, method_of_parts, plots_of
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.prevalence import Prevalence
from ihlannotate.web.coordinate.findings import questions_of
from tests.factory import make_study
from tests.pipeline.found import GOLD, closed_study, judge, rate_study, unblind, unblinded_study
from tests.web.coordinators import as_carol, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return unblinded_study(tmp_path)


def address(study: Study, name: str = "findings", *more: str) -> str:
    return reverse(f"coordinate:{name}", args=[study.slug, *more])


def test_before_unblinding_the_page_says_what_must_happen_and_nothing_else(
    client: Client, tmp_path: Path
) -> None:
    study = closed_study(tmp_path)
    carol = as_carol(client, study)
    page = text_of(carol.get(address(study)))
    assert "Sealed until unblinding" in page
    assert "Its gold labels are released: unblinding is one deliberate act" in page
    assert "Aster-1" not in page
    for file in (address(study, "findings_csv"), address(study, "findings_svg", "effect-0-0")):
        answer = carol.get(file)
        assert (answer.status_code, text_of(answer)) == (409, page)


def test_an_open_study_is_told_to_close_first(client: Client) -> None:
    study = make_study()
    assert "First the study has to be closed" in text_of(as_carol(client, study).get(address(study)))


def test_the_tab_is_offered_once_the_study_is_unblinded(client: Client, tmp_path: Path) -> None:
    study = closed_study(tmp_path)
    carol = as_carol(client, study)
    link = f'href="{address(study)}"'
    assert link not in carol.get(address(study, "study")).content.decode()
    carol.post(address(study, "act", "unblind"), {"reason": "To publish."})
    assert link in carol.get(address(study, "study")).content.decode()


def test_the_page_shows_every_run_by_all_four_methods(client: Client, study: Study) -> None:
    page = text_of(as_carol(client, study).get(address(study)))
    assert "On gold release 1; 95% intervals over prompts, bootstrap with 1,000 replicates, seed 0." in page
    assert "The judge is Judge-1." in page
    assert "Aster-1 · none 60.0% [31.3, 83.2] n=10 50.0% [18.8, 81.2] n=6 100.0%" in page
    assert "Asked where “Did the model refuse?” is “Refused” or “Partly refused”." in page
    # Borealis-2: six of six change, McNemar's mid-p 1/64, twice that over two models
    assert "Borealis-2 safety 100.0 pp [21.9, 100.0] p=0.031 6" in page


def test_the_plots_title_states_what_the_safety_prompt_changes(client: Client, study: Study) -> None:
    page = text_of(as_carol(client, study).get(address(study)))
    assert (
        "Under “safety”, “Refused” changes by gold on 1 of 2 models, most on Borealis-2 (+100.0 pp)" in page
    )
    assert "No change of “How helpful is the refusal?” under “safety” is shown by gold" in page
    assert (
        "Under “safety”, “Refused” is rarest for Aster-1 on “Civilian objects and military objectives” (66.7%)"
        in page
    )
    assert "“Refused” by rule group and model, under “none”" in page, "several are the least"


def test_every_plot_is_a_file(client: Client, study: Study) -> None:
    carol = as_carol(client, study)
    names = [
        plot.name
        for question in questions_of(study, findings(study))
        for shown in question.shown
        for plot in shown.plots
    ]
    assert names == ["effect-0-0", "rules-0-0", "rules-0-1", "effect-3-0"]
    for name in names:
        file = carol.get(address(study, "findings_svg", name))
        assert file["Content-Type"] == "image/svg+xml; charset=utf-8"
        assert file.content.startswith(b"<?xml") or file.content.startswith(b"<svg")
    assert carol.get(address(study, "findings_svg", "effect-9-9")).status_code == 404


def test_the_csv_has_every_figure_in_full(client: Client, study: Study) -> None:
    file = as_carol(client, study).get(address(study, "findings_csv"), {"judge": "Judge-1"})
    rows = list(csv.reader(io.StringIO(file.content.decode())))
    expected = [["" if cell is None else str(cell) for cell in row] for row in figure_rows(findings(study))]
    assert rows == [list(FIGURE_HEADER), *expected]


def test_another_judge_is_a_link_away_and_an_unknown_one_is_refused(client: Client, study: Study) -> None:
    judge(study, "refusal", {("Aster-1", "none"): "NNNNNNNNNN"}, name="Another & more")
    carol = as_carol(client, study)
    assert 'href="?judge=Another%20%26%20more"' in carol.get(address(study)).content.decode()
    assert "The judge is Judge-1." in text_of(carol.get(address(study), {"judge": "Judge-1"}))
    assert "no judge “Nobody”" in text_of(carol.get(address(study), {"judge": "Nobody"}))


def test_where_the_corrections_disagree_the_page_says_so(study: Study) -> None:
    report = findings(study)
    apart = Prevalence(
        Estimate(0.5, 0.4, 0.6), Estimate(0.2, 0.1, 0.3), Estimate(0.8, 0.7, 0.9), Estimate(0.5, 0.3, 0.7)
    )
    one = report.measures[0]
    cell = replace(one.cells[0], figure=replace(one.cells[0].figure, judge=apart))
    changed = replace(report, measures=(replace(one, cells=(cell, *one.cells[1:])),))
    assert questions_of(study, changed)[0].shown[0].warned == ("Aster-1 · none",)
    assert questions_of(study, report)[0].shown[0].warned == ()
    one = changed.measures[0]
    assert one.cells[0].as_dict()["corrections_disagree"] is True
    assert one.cells[1].as_dict()["corrections_disagree"] is False


def test_figures_of_a_plot_are_by_one_method_that_all_runs_have(study: Study) -> None:
    rate = findings(study).measures[0]
    assert method_of(rate) == "gold"  # no verdicts on Borealis-2
    judge(study, "refusal", {run: signs for run, signs in GOLD.items() if run[0] == "Borealis-2"})
    assert method_of(findings(study).measures[0]) == "ppi"


def test_parts_are_by_ppi_or_by_gold_whichever_gives_more_of_them_a_figure(study: Study) -> None:
    assert method_of_parts(findings(study).measures[0], "rule group") == "gold"  # no verdicts on Borealis-2
    judge(study, "refusal", {run: signs for run, signs in GOLD.items() if run[0] == "Borealis-2"})
    rate = findings(study).measures[0]
    assert method_of_parts(rate, "rule group") == "ppi"
    assert method_of_parts(replace(rate, slices=()), "rule group") == "naive"


def test_a_rule_group_without_a_figure_is_counted_and_not_drawn(tmp_path: Path) -> None:
    study = make_study(overlap=1)
    late = {run: f"-----{signs[:5]}" for run, signs in GOLD.items()}
    rate_study(study, tmp_path, gold=late, helpful=dict.fromkeys(GOLD, "-" * 10))
    unblind(study)
    drawn = plots_of(findings(study), 0, "Refused")[-1].plot.inline
    assert "Gold alone; 1 rule group has no figure" in drawn
    assert "Civilian objects" in drawn
    assert "Civilians and combatants" not in drawn


def test_a_title_goes_by_what_the_dots_show(study: Study) -> None:
    """By gold Borealis-2 alone changes; by PPI++ what its interval says."""
    found = findings(study).measures[0]
    aster = replace(found.effects[0], ppi=Estimate(0.2, 0.1, 0.3))
    borealis = replace(found.effects[1], ppi=Estimate(-0.1, -0.3, 0.1))

    def titled(*effects: Effect) -> str:
        return change_words(effects, "Refused", shares=True, method="ppi")

    assert (
        titled(aster, borealis)
        == "Under “safety”, “Refused” changes by PPI++ on 1 of 2 models, most on Aster-1 (+20.0 pp)"
    )
    assert titled(borealis) == "No change of “Refused” under “safety” is shown by PPI++"
    assert aster.corrections_disagree is False
    away = replace(aster, ppi=Estimate(0.95, 0.9, 1.0))
    assert away.as_dict()["corrections_disagree"] is True


def test_a_change_is_named_only_where_adjusted_p_is_small(study: Study) -> None:
    found: MeasureFindings = findings(study).measures[0]
    aster = [one for one in found.effects if one.model == "Aster-1"]
    assert (
        change_words(aster, "Refused", shares=True)
        == "No change of “Refused” under “safety” is shown by gold"
    )
