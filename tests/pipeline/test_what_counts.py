"""Repeats, known items and what was taken back enter no gold, no adjudication, no agreement; exports mark repeats."""

import csv
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ihlannotate.models.annotation import Answer, Attempt
from ihlannotate.models.assignment import Assignment, Sheet
from ihlannotate.models.gold import GoldLabel
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.agreement import agreement
from ihlannotate.pipeline.annotating import submit, withdraw
from ihlannotate.pipeline.exporting import export
from ihlannotate.pipeline.lifecycle import close_study, open_study
from ihlannotate.pipeline.releasing import release_gold
from tests.factory import (
    REFUSED,
    contested_in,
    make_item,
    make_known,
    make_member,
    make_study,
    open_with,
    rate_next,
    sheet_at,
    take_sheet,
)

pytestmark = pytest.mark.django_db
NOT_REFUSED = {"refusal": ["not_refused"]}
PARTLY = {"refusal": ["partly_refused"], "helpfulness": ["1"]}
Answers = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class World:
    """Two responses (k = 2) that Alice and Bob refused alike, then one more thing that must count nowhere."""

    study: Study
    alice: Membership
    bob: Membership
    sheet: Sheet  # Alice's, of the response that she rated first


def base(*, texts: Sequence[str] = ("Never, and that is all.", "No.")) -> World:
    study = open_with(make_study(attention_every=0, repeat_percent=0), texts)
    alice, bob = make_member(study, "Alice"), make_member(study, "Bob")
    sheets = [rate_next(member) for member in (alice, alice, bob, bob)]
    return World(study, alice, bob, sheets[0])


def repeat(world: World, answers: Answers = NOT_REFUSED) -> None:
    """Alice rates her first response once more, and otherwise."""
    again = {"response": world.sheet.response, "annotator": world.alice, "occasion": Assignment.REPEAT}
    Assignment.objects.create(study=world.study, position=0, **again)
    submit(Sheet.objects.create(**again), answers=answers, submission=uuid.uuid4())


def attention(world: World) -> None:
    """Alice and Bob answer an attention item, and otherwise."""
    known = make_known(world.study, prompt="Attention prompt.", response="Attention response.")
    for member in (world.alice, world.bob):
        submit(sheet_at(member, known), answers=NOT_REFUSED, submission=uuid.uuid4())
    assert Attempt.objects.count() == 2


def taken_back(world: World) -> None:
    """A third response that Alice and Bob disagreed on, and both took back."""
    make_item(world.study, prompt="Third.", response="Third response.")
    open_study(world.study, actor=None)
    for member, answers in ((world.alice, NOT_REFUSED), (world.bob, PARTLY)):
        rate_next(member, answers)
        withdraw(member)


def closed(study: Study) -> Study:
    close_study(study, actor=None)
    return Study.objects.get(pk=study.pk)


def figures(study: Study) -> list[Any]:
    return [
        (one.key, one.reliability.units, one.reliability.annotations, one.reliability.percent_agreement)
        for one in agreement(study, replicates=0).criteria
    ]


def gold(study: Study) -> list[tuple[Any, ...]]:
    release_gold(study, actor=None)
    labels = GoldLabel.objects.filter(release__study=study).order_by("criterion__position", "response__code")
    return list(labels.values_list("criterion__key", "response", "value", "tier", "n"))


@pytest.mark.parametrize("happens", [repeat, attention, taken_back])
def test_it_changes_neither_agreement_nor_what_is_contested_nor_gold(happens: Any) -> None:
    world = base()
    before = figures(world.study)
    happens(world)
    assert figures(world.study) == before
    assert contested_in(world.study) == {}
    labels = gold(closed(world.study))
    assert {value for key, _, value, _, _ in labels if key == "refusal"} == {"refused"}
    assert {(tier, n) for key, _, _, tier, n in labels if key == "refusal"} == {("unanimous", 2)}
    assert {response for _, response, _, _, _ in labels} == set(
        Answer.objects.filter(live=True, occasion=1).values_list("response", flat=True)
    )


def test_a_repeat_that_is_revised_leaves_the_first_rating_as_it_was() -> None:
    world = base()
    repeat(world)
    sheet = Sheet.objects.get(annotator=world.alice, occasion=Assignment.REPEAT)
    submit(sheet, answers=PARTLY, submission=uuid.uuid4(), reason="I read it again.")
    first = Answer.objects.get(
        annotator=world.alice, response=sheet.response, occasion=1, criterion__key="refusal", live=True
    )
    assert first.value == "refused"


def test_a_response_that_was_rated_twice_by_one_alone_is_not_contested() -> None:
    study = open_with(make_study(attention_every=0, repeat_percent=0), 1)
    alice = make_member(study, "Alice")
    repeat(World(study, alice, alice, rate_next(alice)))
    assert contested_in(study) == {}
    (label,) = (one for one in gold(closed(study)) if one[0] == "refusal")
    assert label[2:] == ("refused", "single", 1)


def rows_of(study: Study, folder: Path) -> tuple[list[dict[str, str]], dict[str, Any]]:
    """The exported annotations, and the manifest."""
    export(study, folder / "a.csv", what="annotations", format="csv", actor=None)
    with (folder / "a.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return rows, json.loads((folder / "a.csv.manifest.json").read_text("utf-8"))


def test_a_repeat_is_exported_and_marked_as_one(tmp_path: Path) -> None:
    world = base()
    repeat(world)
    rows, manifest = rows_of(world.study, tmp_path)
    code = world.sheet.response.code
    mine = [row for row in rows if row["response"] == code and row["annotator"] == world.alice.alias]
    assert [(row["occasion"], row["refusal"]) for row in mine] == [("1", "refused"), ("2", "not_refused")]
    assert manifest["annotations"] == {"first_ratings": 4, "repeats": 1, "withdrawn": 0}


def test_what_was_taken_back_is_counted_and_not_exported(tmp_path: Path) -> None:
    world = base()
    taken_back(world)
    rows, manifest = rows_of(world.study, tmp_path)
    assert len(rows) == 4
    assert {row["refusal"] for row in rows} == {"refused"}
    assert manifest["annotations"] == {"first_ratings": 4, "repeats": 0, "withdrawn": 2}


def test_what_was_taken_back_and_rated_again_is_exported_as_it_stands(tmp_path: Path) -> None:
    world = base()
    taken_back(world)
    submit(take_sheet(world.alice), answers=PARTLY, submission=uuid.uuid4())
    rows, manifest = rows_of(world.study, tmp_path)
    assert [row["refusal"] for row in rows if row["response_text"] == "Third response."] == ["partly_refused"]
    assert manifest["annotations"] == {"first_ratings": 5, "repeats": 0, "withdrawn": 1}


def test_nothing_of_known_items_is_exported(tmp_path: Path) -> None:
    world = base()
    attention(world)
    export(closed(world.study), tmp_path / "all.jsonl", what="all", format="jsonl", actor=None)
    texts = "".join(path.read_text("utf-8") for path in tmp_path.iterdir())
    assert "Never, and that is all." in texts
    assert "Attention" not in texts
    assert "known-0" not in texts
    assert "not_refused" not in "".join(
        path.read_text("utf-8") for path in tmp_path.glob("*annotations*") if "manifest" not in path.name
    )


def test_evidence_is_exported_with_its_place_and_passage_of_the_newest_revision(tmp_path: Path) -> None:
    study = open_with(
        make_study(attention_every=0, repeat_percent=0, masked_words="Aster"), ["I am Aster: never. Ever."]
    )
    alice = make_member(study, "Alice")
    sheet = rate_next(alice)
    passages = [("refusal", 12, 18), ("comment", 5, 10)]
    submit(sheet, answers=REFUSED, submission=uuid.uuid4(), evidence=passages[:1], reason="To mark it.")
    submit(sheet, answers=REFUSED, submission=uuid.uuid4(), evidence=passages, reason="To mark more.")
    rows, _ = rows_of(study, tmp_path)
    (row,) = rows
    assert json.loads(row["evidence"]) == [
        {"criterion": "comment", "start": 5, "end": 10, "passage": "Aster"},
        {"criterion": "refusal", "start": 12, "end": 18, "passage": "never."},
    ]
    for one in json.loads(row["evidence"]):
        assert row["response_text"][one["start"] : one["end"]] == one["passage"]


def test_without_evidence_the_cell_is_empty(tmp_path: Path) -> None:
    rows, _ = rows_of(base().study, tmp_path)
    assert {row["evidence"] for row in rows} == {""}
