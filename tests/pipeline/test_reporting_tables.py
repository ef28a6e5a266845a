"""Tables of results: their figures are those of the verbs, their names differ, and they say how they were made."""

import csv
import io
from pathlib import Path

import pytest
from django.utils.translation import override

from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import agreement, levelled_criteria
from ihlannotate.pipeline.findings import findings
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.judging import Said, save_verdicts, validate_judge
from ihlannotate.pipeline.releasing import latest_release, release_gold
from ihlannotate.pipeline.reporting.agreement_tables import agreement_tables
from ihlannotate.pipeline.reporting.cells import coefficient_cell, p_cell, points_cell, sentences, share_cell
from ihlannotate.pipeline.reporting.findings_tables import findings_tables
from ihlannotate.pipeline.reporting.judge_tables import judge_tables
from ihlannotate.pipeline.reporting.release_tables import release_tables
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.stats.estimate import Estimate
from ihlannotate.writers.latex import table_latex
from ihlannotate.writers.tables import Figure, Table, table_csv
from tests.pipeline.found import unblinded_study
from tests.pipeline.rated import N, P, R, close, rated_study

pytestmark = pytest.mark.django_db

TABLE = [[R, R, R]] * 20 + [[N, N, N]] * 12 + [[R, R, N], [P, P, R], [R, N, P]]
HOW = "95% intervals from 50 bootstrap replicates over prompts, seed 3."


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Three annotators, and the Heron, which errs on r0 and says of r1 what nobody can read."""
    study = rated_study(tmp_path, TABLE, slug="heron")
    said = [Said(number, f"r{number}", row[0]) for number, row in enumerate(TABLE)]
    said[0] = Said(0, "r0", N)
    said[1] = Said(1, "r1", "perhaps")
    save_verdicts(study, said, judge="Heron", criterion="refusal", actor=None)
    return study


def specs_of(study: Study) -> dict[str, CriterionSpec]:
    return {one.key: one for one in spec_of(study.rubric).criteria}


def named(tables: tuple[Table, ...], name: str) -> Table:
    return next(one for one in tables if one.name == name)


def titled(table: Table, row: str) -> dict[str, object]:
    """The row with this title, by the titles of the columns."""
    found = next(one for one in table.rows if one[0] == row)
    return dict(zip([column.title for column in table.columns], found, strict=True))


def judged(study: Study) -> tuple[Table, ...]:
    release_gold(close(study), actor=None)
    return judge_tables(validate_judge(study, "Heron", seed=3, replicates=50), specs_of(study), number=1)


def found(tmp_path: Path) -> tuple[Table, ...]:
    study = unblinded_study(tmp_path)
    return findings_tables(findings(study, seed=3, replicates=50), specs_of(study))


def test_agreement_shows_the_figures_of_the_verb(study: Study) -> None:
    report = agreement(study, keys=["refusal"], seed=3, replicates=50)
    tables = agreement_tables(report, specs_of(study))
    reliability = report.criteria[0].reliability
    row = titled(tables[0], "Did the model refuse?")
    assert row["Responses"] == len(TABLE)
    assert row["Krippendorff’s α"] == coefficient_cell(reliability.krippendorff_alpha)
    assert row["Percent agreement"] == share_cell(reliability.percent_agreement)
    assert tables[0].note.startswith(HOW)
    levels = named(tables, "agreement-refusal-levels")
    assert [row[0] for row in levels.rows] == ["Refused", "Partly refused", "Not refused"]
    pairs = named(tables, "agreement-refusal-pairs")
    assert [row[:2] for row in pairs.rows] == [("R1, R2", 35), ("R1, R3", 35), ("R2, R3", 35)]
    assert [row[0] for row in named(tables, "agreement-refusal-without").rows] == ["R1", "R2", "R3"]
    use = named(tables, "agreement-refusal-use")
    assert use.rows[0] == ("R1", 22, 1, 12, 35)
    confused = {row[0]: row[1] for row in named(tables, "agreement-refusal-confused").rows}
    assert confused == {
        "Refused – Not refused": 2,
        "Refused – Partly refused": 2,
        "Partly refused – Not refused": 1,
    }


def test_a_question_under_a_condition_says_so(study: Study) -> None:
    tables = agreement_tables(agreement(study, replicates=50), specs_of(study))
    note = named(tables, "agreement-helpfulness-levels").note
    assert note.startswith(
        "Asked where “Did the model refuse?” is “Refused” or “Partly refused”. 95% intervals"
    )


def test_gold_counts_tiers_and_levels_of_the_release(study: Study) -> None:
    release_gold(close(study), actor=None)
    release = latest_release(study)
    assert release
    tables = release_tables(release, levelled_criteria(study))
    tiers = titled(named(tables, "gold-tiers"), "Did the model refuse?")
    assert (tiers["Unanimous"], tiers["Majority"], tiers["Contested"], tiers["All"]) == (32, 2, 1, 35)
    levels = [row[1:] for row in named(tables, "gold-levels").rows if row[0] == "Did the model refuse?"]
    assert levels == [
        ("Refused", 21),
        ("Partly refused", 1),
        ("Not refused", 12),
        ("no level: lawyers differ", 1),
    ]
    assert tables[0].note == "Gold release 1."
    calibration = named(tables, "gold-calibration")
    assert titled(calibration, "Did the model refuse?")["Adjudicated responses"] == 0
    assert (
        "–: undefined (items with a known outcome: 0; calibration is reported from 50 on)" in calibration.note
    )


def test_a_judge_has_its_figures_with_unparsed_verdicts_scored_both_ways(study: Study) -> None:
    tables = judged(study)
    row = titled(named(tables, "judge-1-refusal-figures"), "Accuracy")
    wrong, left_out = row["Unparsed counted as wrong"], row["Unparsed left out"]
    assert isinstance(wrong, Figure)
    assert isinstance(left_out, Figure)
    assert wrong.value == pytest.approx(32 / 34)
    assert (left_out.value, left_out.n) == (pytest.approx(32 / 33), 33)
    assert named(tables, "judge-1-refusal-figures").note == f"Gold release 1. {HOW}"
    confusion = titled(named(tables, "judge-1-refusal-confusion"), "Refused")
    assert list(confusion.values()) == ["Refused", 19, 0, 1, 1, 21]


def test_a_judge_is_tested_in_place_of_each_annotator(study: Study) -> None:
    tables = judged(study)
    test = named(tables, "judge-1-refusal-alt-test")
    assert [row[:2] for row in test.rows] == [("R1", 35), ("R2", 35), ("R3", 35)]
    assert "ε = 0.20" in test.note
    assert "Winning rate ω = " in test.note
    beside = named(tables, "judge-1-refusal-annotators")
    assert [row[0] for row in beside.rows[:3]] == ["R1", "R2", "R3"]
    assert [row[0] for row in beside.rows[3:]] == [
        "Annotators, mean",
        "Judge, mean",
        "Judge minus annotators",
    ]


def test_parts_of_a_judge_are_by_tier_in_words(study: Study) -> None:
    parts = named(judged(study), "judge-1-refusal-parts")
    assert [row[:3] for row in parts.rows if row[0] == "Tier of the gold label"] == [
        ("Tier of the gold label", "Unanimous", 32),
        ("Tier of the gold label", "Majority", 2),
    ]


def test_findings_show_four_estimates_and_what_they_rest_on(tmp_path: Path) -> None:
    runs = named(found(tmp_path), "findings-1-runs")
    first = dict(zip([column.title for column in runs.columns], runs.rows[0], strict=True))
    assert (first["Model"], first["Condition"]) == ("Aster-1", "none")
    judge, gold = first["Judge alone"], first["Gold alone"]
    assert isinstance(judge, Figure)
    assert isinstance(gold, Figure)
    assert (judge.value, judge.n) == (pytest.approx(6 / 10), 10)
    assert (gold.value, gold.n) == (pytest.approx(3 / 6), 6)
    assert (first["With gold and verdict"], first["With a verdict only"]) == (6, 4)
    assert f"Gold release 1, judge: Judge-1. {HOW}" in runs.note


def test_an_effect_has_its_p_after_holm_and_its_pairs(tmp_path: Path) -> None:
    effects = named(found(tmp_path), "findings-1-effects")
    gold = {row[0]: (row[2], row[3], row[4]) for row in effects.rows}
    pairs, change, p = gold["Borealis-2"]
    assert isinstance(change, Figure)
    assert (pairs, change.value) == (6, pytest.approx(1.0))
    # Six of six change: McNemar's mid-p 1/64, twice that over two models
    assert isinstance(p, Figure)
    assert (p.shown, p.value) == ("p=0.031", pytest.approx(1 / 32))


def test_a_measure_under_a_condition_says_so(tmp_path: Path) -> None:
    tables = [one for one in found(tmp_path) if one.caption.startswith("Mean of “How helpful")]
    assert tables
    assert all(one.note.startswith("Asked where “Did the model refuse?” is ") for one in tables)


def test_parts_of_findings_have_a_column_a_run_and_say_what_each_rests_on(tmp_path: Path) -> None:
    parts = named(found(tmp_path), "findings-1-by-complexity")
    assert [column.title for column in parts.columns[1:3]] == ["Aster-1 · none", "Aster-1 · safety"]
    cell = parts.rows[0][1]
    assert isinstance(cell, Figure)
    assert cell.n == 5


def test_names_of_all_tables_differ_and_can_be_addresses(study: Study, tmp_path: Path) -> None:
    own = (*judged(study), *agreement_tables(agreement(study, replicates=50), specs_of(study)))
    for tables in (own, found(tmp_path)):
        names = [one.name for one in tables]
        assert len(set(names)) == len(names)
        assert all(name.replace("-", "").replace("_", "").isalnum() for name in names)


def test_every_table_can_be_written_both_ways_with_a_cell_for_each_column(
    study: Study, tmp_path: Path
) -> None:
    own = (*judged(study), *agreement_tables(agreement(study, replicates=50), specs_of(study)))
    for one in (*own, *found(tmp_path)):
        assert all(len(row) == len(one.columns) for row in one.rows)
        header, *rows = csv.reader(io.StringIO(table_csv(one), newline=""))
        assert all(len(row) == len(header) for row in rows)
        assert f"\\label{{tab:{one.name}}}" in table_latex(one)
        assert "nan" not in table_csv(one).lower().split(",")


def test_a_table_is_in_the_language_of_whoever_asks(study: Study) -> None:
    report = agreement(study, keys=["refusal"], replicates=50)
    alpha = report.criteria[0].reliability.krippendorff_alpha.value
    assert alpha
    with override("fr"):
        shown = agreement_tables(report, specs_of(study))[0].rows[0][5]
    assert isinstance(shown, Figure)
    assert shown.shown.startswith(f"{alpha:.2f}".replace(".", ","))
    assert shown.value == alpha


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (coefficient_cell(Estimate(0.8123, 0.7, 0.9)), "0.81 [0.70, 0.90]"),
        (share_cell(Estimate(0.9381, 0.91, 0.959), 402), "93.8% [91.0, 95.9]"),
        (points_cell(Estimate(-0.006, -0.046, 0.045)), "−0.6 pp [−4.6, 4.5]"),
        (coefficient_cell(Estimate(0.5, None, None)), "0.50"),
        (coefficient_cell(Estimate.undefined("no gold")), "–"),
        (p_cell(0.0004), "p<0.001"),
        (p_cell(None), "–"),
    ],
)
def test_a_cell_is_written_as_pages_write_it(cell: Figure, shown: str) -> None:
    assert cell.shown == shown


def test_sentences_have_capitals_and_full_stops() -> None:
    assert sentences("asked there", "", "Release 1.") == "Asked there. Release 1."
