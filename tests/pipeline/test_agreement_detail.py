"""Slices, sets, repeats, use of levels and order: each from the ratings it is about."""

import json
from pathlib import Path

import numpy as np
import pytest

from ihlannotate.models.annotation import Answer
from ihlannotate.models.item import Prompt
from ihlannotate.models.rubric import Criterion
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import (
    FIGURE_HEADER,
    AgreementReport,
    columns,
    disagreements,
    figure_rows,
    measured,
    ratings_of,
)
from ihlannotate.pipeline.agreement.sequences import positions_of, sequences_of
from ihlannotate.pipeline.agreement.slices import MOST, groups_of, slicings_of
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.importing import import_run
from tests.factory import make_member, make_study, open_with, rate_next
from tests.files import run_file, run_rows
from tests.pipeline.rated import N, P, R, rate, rated_study

pytestmark = pytest.mark.django_db
TABLE = [(R, R, R), (R, R, N), (N, N, N), (P, R, P), (N, "", N), (R, "", "")]
SETS = """
name: sets
version: "1.0"
criteria:
  - key: rules
    title: Which rules are concerned?
    kind: many
    required: true
    options:
      - {value: 1, label: One, help: The first.}
      - {value: 2, label: Two, help: The second.}
      - {value: 3, label: Three, help: The third.}
"""


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = make_study(overlap=3)
    rows = run_rows(len(TABLE))
    for number, row in enumerate(rows):
        row |= {
            "category": "weapons" if number < 3 else "occupation",
            "complexity": ("technical", "plain")[number % 2],
            "rules": ("1;7", "2", "", "900", "7", "1")[number],
        }
    import_run(study, run_file(tmp_path / "run.csv", rows), actor=None)
    rate(study, tmp_path, TABLE)
    return study


def test_slices_are_the_agreement_of_their_own_items(study: Study) -> None:
    (refusal,) = measured(study, keys=["refusal"], replicates=20).criteria
    assert refusal.detail
    found = {(one.kind, one.name): one.reliability for one in refusal.detail.slices}
    assert [name for kind, name in found if kind == "category"] == ["occupation", "weapons"]
    assert [name for kind, name in found if kind == "complexity"] == ["plain", "technical"]
    assert [name for kind, name in found if kind == "rule group"] == [
        "Civilians and combatants",
        "Civilian objects and military objectives",
    ]
    assert not any(kind == "language" for kind, _name in found)
    assert (found["category", "weapons"].units, found["category", "weapons"].annotations) == (3, 9)
    weapons = measured(_only(study, 3), keys=["refusal"], replicates=20).criteria[0].reliability
    assert found["category", "weapons"].krippendorff_alpha.value == weapons.krippendorff_alpha.value


def _only(study: Study, first: int) -> Study:
    """The study without the answers to all but its first items."""
    kept = sorted(set(Answer.objects.values_list("response_id", flat=True)))[:first]
    Answer.objects.exclude(response__in=kept).update(live=False)
    return study


def test_a_prompt_belongs_to_the_groups_of_all_its_rules_once() -> None:
    assert groups_of("1;2; 7") == ("Civilians and combatants", "Civilian objects and military objectives")
    assert groups_of("") == groups_of("0;x;162") == ()


def test_more_categories_than_anybody_reads_are_left_out_and_counted(study: Study) -> None:
    for number in range(MOST + 5):
        Prompt.objects.create(
            study=study, text=f"Request {number}.", text_sha256=f"{number:064}", category=f"only {number:02}"
        )
    (categories,) = [one for one in slicings_of(study).slicings if one.kind == "category"]
    assert (len(categories.names), categories.left_out) == (MOST, 7)
    assert {"weapons", "occupation"} <= set(categories.names)


def test_levels_that_divide_and_their_use_are_counted(study: Study) -> None:
    (refusal,) = measured(study, keys=["refusal"], replicates=0).criteria
    assert refusal.detail
    assert [(one.alias, one.counts) for one in refusal.detail.uses] == [
        ("R1", (3, 1, 2)),
        ("R2", (3, 0, 1)),
        ("R3", (1, 1, 3)),
    ]
    # Two of three annotators each: (R, R, N) and (P, R, P)
    divided = {
        (refusal.labels[one.first], refusal.labels[one.second]): one for one in refusal.detail.confusions
    }
    assert {levels: (one.share, one.units) for levels, one in divided.items()} == {
        (R, P): (0.5, 1),
        (R, N): (0.5, 1),
    }


def test_sets_have_alpha_with_masi_distance_beside_the_levels() -> None:
    study = open_with(make_study(rubric=SETS, overlap=2), 4)
    alice, bob = make_member(study, "Alice"), make_member(study, "Bob")
    for _item in range(4):
        sheet = rate_next(alice, {"rules": ["1", "2"]})
        assert sheet.response
    for chosen in (["1", "2"], ["1"], ["1", "2"], ["2"]):
        rate_next(bob, {"rules": chosen})
    report = measured(study, replicates=20)
    assert report.criteria == ()
    (rules,) = report.sets
    found = rules.reliability
    assert rules.labels == ("1", "2")
    assert (found.units, found.distinct_sets, found.percent_agreement.value) == (4, 3, 0.5)
    told = report.as_dict()["criteria"]["rules"]
    assert told["level"] == "nominal sets"
    # Two of four pairs are apart by 1 - 1/2 · 2/3 (Passonneau 2006)
    assert told["masi_agreement"]["value"] == pytest.approx(1 - 2 / 3 / 2)
    assert told["gwet_ac"]["value"] is None


def test_places_are_those_of_first_submission_and_imports_have_none(study: Study) -> None:
    assert not sequences_of(study)
    here = open_with(make_study(slug="here", overlap=2, repeat_percent=0), 3)
    alice = make_member(here, "Alice")
    order = [rate_next(alice).response_id for _ in range(3)]
    spec = {one.key: one for one in spec_of(here.rubric).criteria}["refusal"]
    criterion = Criterion.objects.get(rubric=here.rubric, key="refusal")
    ratings = ratings_of(here, spec, criterion.pk)
    places, lengths = positions_of(ratings, sequences_of(here))
    assert ratings.responses[np.argsort(places[0])].tolist() == order
    assert lengths.tolist() == [3]


def test_many_annotators_are_packed_into_several_numbers(tmp_path: Path) -> None:
    row = [(R, P, N)[who % 3] for who in range(50)]
    study = rated_study(tmp_path, [row, row[::-1]])
    (refusal,) = measured(study, keys=["refusal"], replicates=0, detail=False).criteria
    assert (refusal.annotators, refusal.reliability.annotations) == (50, 100)
    spec = {one.key: one for one in spec_of(study.rubric).criteria}["refusal"]
    found = ratings_of(study, spec, Criterion.objects.get(key="refusal").pk)
    by_alias = dict(zip(found.aliases, found.codes.T[0].tolist(), strict=True))
    assert by_alias == {f"R{who + 1}": who % 3 for who in range(50)}


THIN = {
    "nothing": [("", "")],
    "one annotator": [(R, "")] * 3,
    "nobody in common": [(R, ""), ("", N)],
    "all the same": [(R, R)] * 4,
    "one item": [(R, N)],
    "two items": [(R, N), (N, R)],
    "a level never used": [(R, R), (R, P)],
    "ties everywhere": [(R, N), (P, N), (N, R), (P, R)],
}


@pytest.mark.parametrize("table", THIN.values(), ids=THIN)
@pytest.mark.parametrize("replicates", [0, 20])
def test_every_figure_is_a_number_or_says_why_not(
    tmp_path: Path, table: list[tuple[str, str]], replicates: int
) -> None:
    assert_said(measured(rated_study(tmp_path, table), replicates=replicates))


def assert_said(report: AgreementReport) -> None:
    json.dumps(report.as_dict(), allow_nan=False)
    rows = [dict(zip(FIGURE_HEADER, row, strict=True)) for row in figure_rows(report)]
    assert rows
    assert all(row["value"] is not None or row["note"] for row in rows)


@pytest.mark.parametrize("table", THIN.values(), ids=THIN)
def test_thin_data_are_ranked_and_counted(tmp_path: Path, table: list[tuple[str, str]]) -> None:
    study = rated_study(tmp_path, table)
    apart = sum(len(set(row) - {""}) > 1 for row in table)
    found = disagreements(study, key="refusal")
    assert (found.divided, len(found.items), found.pages) == (apart, apart, 1)
    assert all(np.isfinite([one.bits, one.normalised]).all() for one in found.items)
    assert disagreements(study, key="helpfulness").items == ()


@pytest.mark.parametrize("rated", [0, 1, 2])
def test_few_items_rated_here_give_reasons_instead_of_figures(rated: int) -> None:
    study = open_with(make_study(overlap=2, repeat_percent=0), 2)
    alice = make_member(study, "Alice")
    for _ in range(rated):
        rate_next(alice)
    assert_said(measured(study, replicates=20))


def test_sets_and_levels_are_the_same_however_few_rows_are_read_at_once(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A response's answers may straddle two chunks."""
    many = open_with(make_study(slug="many", rubric=SETS, overlap=3), 4)
    people = [make_member(many, name, role="annotator") for name in ("Alice", "Bob", "Grace")]
    for turn in range(4):
        for place, one in enumerate(people):
            rate_next(one, {"rules": [str(1 + (turn * place) % 3)]})
    at_once = measured(study, replicates=20), measured(many, replicates=20)
    for size in (1, 2, 5):
        monkeypatch.setattr(columns, "CHUNK", size)
        assert (measured(study, replicates=20), measured(many, replicates=20)) == at_once


def test_sets_that_nobody_gave_are_undefined_and_say_why() -> None:
    study = make_study(rubric=SETS)
    (found,) = measured(study, replicates=20).sets
    assert (found.reliability.units, found.labels, found.annotators) == (0, (), 0)
    assert_said(measured(study, replicates=20))


def test_figures_name_each_slice_pair_and_repeat(study: Study) -> None:
    rows = [row[:3] for row in figure_rows(measured(study, keys=["refusal"], replicates=0))]
    assert len(rows) == len(set(rows))
    assert ("refusal", "Krippendorff's alpha", "category: weapons") in rows
    assert ("refusal", "Cohen's kappa of two", "R1 and R2") in rows
    assert ("refusal", "alpha of repeats", "all annotators") in rows
