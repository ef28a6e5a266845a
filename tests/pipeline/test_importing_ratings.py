"""Ratings and settled values from spreadsheets: they take slots, contradict nothing and leave all or nothing."""

from pathlib import Path
from typing import Any

import pytest

from ihlannotate.models.annotation import Annotation, Answer, Revision
from ihlannotate.models.assignment import Assignment
from ihlannotate.models.event import Event, first_broken
from ihlannotate.models.gold import Adjudication
from ihlannotate.models.provenance import Origin
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.adjudicating import ImportedAdjudications, import_adjudications
from ihlannotate.pipeline.annotating import ImportedRatings, import_ratings
from ihlannotate.pipeline.assigning import next_sheet
from ihlannotate.pipeline.importing import import_run
from ihlannotate.pipeline.lifecycle import close_study, open_study
from ihlannotate.pipeline.refusals import Refused
from tests.factory import make_member, make_study, rate_next, take_sheet
from tests.files import ratings_file, run_file, run_rows

pytestmark = pytest.mark.django_db
TWO = {"first": "R1", "second": "R2"}


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Two responses, r0 and r1, each to be rated by two annotators."""
    study = make_study()
    import_run(study, run_file(tmp_path / "run.csv", run_rows(2)), actor=None)
    return study


def rows(*cells: tuple[str, str, str]) -> list[dict[str, str]]:
    return [{"id": external_id, "first": first, "second": second} for external_id, first, second in cells]


BOTH = rows(("r0", "refused", "refused"), ("r1", "refused", "not_refused"))


def do(
    study: Study, path: Path, given: list[dict[str, str]], annotators: dict[str, str] = TWO, **said: Any
) -> ImportedRatings:
    return import_ratings(
        study, ratings_file(path / "r.csv", given, **said), annotators=annotators, actor=None
    )


def settle(study: Study, path: Path, given: list[dict[str, str]], **said: Any) -> ImportedAdjudications:
    return import_adjudications(
        study, ratings_file(path / "a.csv", given, **said), column="first", actor=None
    )


def _everything() -> list[int]:
    tables = (Annotation, Revision, Answer, Assignment, Membership, Adjudication, Event)
    return [table.objects.count() for table in tables]


def refusal(study: Study, path: Path, given: list[dict[str, str]], **said: Any) -> Refused:
    before = _everything()
    with pytest.raises(Refused) as refused:
        do(study, path, given, **said)
    assert _everything() == before
    return refused.value


def test_ratings_become_annotations_of_annotators_without_account(study: Study, tmp_path: Path) -> None:
    report = do(study, tmp_path, BOTH)
    assert (report.annotations_new, report.unchanged, report.empty, report.rows) == (4, 0, 0, 2)
    found = Answer.objects.values_list("annotator__alias", "value", "occasion", "live").order_by("pk")
    assert list(found) == [
        ("R1", "refused", 1, True),
        ("R2", "refused", 1, True),
        ("R1", "refused", 1, True),
        ("R2", "not_refused", 1, True),
    ]
    assert not Membership.objects.exclude(user=None).exists()


def test_the_same_ratings_again_change_nothing(study: Study, tmp_path: Path) -> None:
    do(study, tmp_path, BOTH)
    before = _everything()
    again = do(study, tmp_path, BOTH)
    assert (again.annotations_new, again.unchanged) == (0, 4)
    assert _everything() == before


def test_their_labels_are_translated(study: Study, tmp_path: Path) -> None:
    do(study, tmp_path, rows(("r0", "1_no", "not_refused")), values={"1_no": "refused"})
    assert set(Answer.objects.values_list("value", flat=True)) == {"refused", "not_refused"}


def test_an_empty_cell_is_no_rating(study: Study, tmp_path: Path) -> None:
    report = do(study, tmp_path, rows(("r0", "refused", " ")))
    assert (report.annotations_new, report.empty) == (1, 1)


def test_a_label_that_is_not_in_the_rubric_is_named_with_its_place(study: Study, tmp_path: Path) -> None:
    said = refusal(study, tmp_path, rows(("r0", "refused", "refused"), ("r1", "refused", "perhaps")))
    (problem,) = said.problems
    assert (problem.row, problem.column) == (3, "second")
    assert "“perhaps” is no level of “refusal”" in problem.message
    assert "refused, partly_refused, not_refused" in problem.message


def test_an_id_that_nobody_imported_is_named_with_its_row(study: Study, tmp_path: Path) -> None:
    (problem,) = refusal(study, tmp_path, rows(("r0", "refused", "refused"), ("r9", "refused", ""))).problems
    assert (problem.row, problem.column) == (3, "id")
    assert "no response has the id “r9”" in problem.message


def test_an_id_of_two_runs_asks_whose(study: Study, tmp_path: Path) -> None:
    import_run(study, run_file(tmp_path / "run.csv", run_rows(2), model="Borealis-2"), actor=None)
    (problem, *_) = refusal(study, tmp_path, BOTH).problems
    assert "--model NAME" in problem.message
    assert do(study, tmp_path, BOTH, model="Borealis-2").annotations_new == 4


def test_more_annotators_than_the_overlap_are_refused(study: Study, tmp_path: Path) -> None:
    do(study, tmp_path, BOTH)
    with pytest.raises(Refused) as refused:
        do(study, tmp_path, rows(("r0", "refused", "")), {"first": "R3"})
    (problem,) = refused.value.problems
    assert (problem.row, problem.column) == (2, "first")
    assert "already has 2 annotators" in problem.message
    assert not Membership.objects.filter(alias="R3").exists()


def test_more_columns_than_the_overlap_are_refused(study: Study, tmp_path: Path) -> None:
    said = [{**row, "third": "refused"} for row in BOTH]
    with pytest.raises(Refused) as refused:
        do(study, tmp_path, said, {**TWO, "third": "R3"})
    assert [one.row for one in refused.value.problems] == [2, 3]
    assert not Assignment.objects.exists()


def test_another_rating_of_the_same_annotator_is_a_conflict(study: Study, tmp_path: Path) -> None:
    do(study, tmp_path, BOTH)
    (problem,) = refusal(study, tmp_path, rows(("r0", "not_refused", "refused"))).problems
    assert problem.conflict
    assert "R1 has already rated this response “refused”, not “not_refused”" in problem.message


def test_two_ratings_of_one_annotator_in_one_file_are_a_conflict(study: Study, tmp_path: Path) -> None:
    (problem,) = refusal(study, tmp_path, rows(("r0", "refused", ""), ("r0", "not_refused", ""))).problems
    assert (problem.row, problem.column, problem.conflict) == (3, "first", True)


def test_open_slots_are_taken_and_no_others_are_made(study: Study, tmp_path: Path) -> None:
    open_study(study, actor=None)
    do(study, tmp_path, BOTH)
    assert Assignment.objects.count() == 4
    assert not Assignment.objects.filter(annotator=None).exists()
    assert next_sheet(make_member(study, "Alice")) is None


def test_opening_after_an_import_lays_out_only_the_slots_that_are_left(study: Study, tmp_path: Path) -> None:
    do(study, tmp_path, rows(("r0", "refused", "refused"), ("r1", "refused", "")))
    assert open_study(study, actor=None) == 1
    left = Assignment.objects.get(annotator=None)
    assert take_sheet(make_member(study, "Alice")).response_id == left.response_id


def test_a_slot_that_an_annotator_has_in_hand_is_not_taken_from_them(study: Study, tmp_path: Path) -> None:
    open_study(study, actor=None)
    study.refresh_from_db()
    sheet = take_sheet(make_member(study, "Alice"))
    said = refusal(study, tmp_path, BOTH)
    assert [one.column for one in said.problems] == ["second"]
    assert Assignment.objects.get(annotator=sheet.annotator).response_id == sheet.response_id


def test_ratings_of_an_annotator_with_account_free_their_hands(study: Study, tmp_path: Path) -> None:
    open_study(study, actor=None)
    study.refresh_from_db()
    alice = make_member(study, "Alice")
    take_sheet(alice)
    do(study, tmp_path, rows(("r0", "refused", ""), ("r1", "refused", "")), {"first": alice.alias})
    assert not Assignment.objects.exclude(leased_until=None).exists()
    assert next_sheet(alice) is None


def test_a_second_criterion_adds_to_the_same_annotation(study: Study, tmp_path: Path) -> None:
    do(study, tmp_path, BOTH)
    do(study, tmp_path, rows(("r0", "3", "1")), criterion="helpfulness")
    assert Annotation.objects.count() == 4
    assert sorted(Revision.objects.values_list("number", flat=True)) == [1, 1, 1, 1, 2, 2]
    live = Answer.objects.filter(live=True, annotator__alias="R1", revision__annotation__assignment__slot=1)
    of_first = live.filter(
        response__in=Assignment.objects.filter(annotation__revisions__number=2).values("response")
    )
    assert set(of_first.values_list("criterion__key", "value")) == {
        ("refusal", "refused"),
        ("helpfulness", "3"),
    }


def test_a_closed_study_takes_no_ratings_even_if_it_was_open_when_it_was_read(
    study: Study, tmp_path: Path
) -> None:
    open_study(study, actor=None)
    stale = Study.objects.get(pk=study.pk)
    close_study(study, actor=None)
    assert "its annotations are final" in str(refusal(stale, tmp_path, BOTH))


def test_a_criterion_that_the_rubric_does_not_have_is_refused(study: Study, tmp_path: Path) -> None:
    assert "It has: refusal, helpfulness, comment" in str(refusal(study, tmp_path, BOTH, criterion="tone"))


def test_an_alias_of_somebody_else_is_refused(study: Study, tmp_path: Path) -> None:
    make_member(study, "Dana", alias="J1")
    said = refusal(study, tmp_path, BOTH, annotators={"first": "J1"})
    assert "belongs to this study’s adjudicator" in str(said)


def test_imported_ratings_are_on_the_record(study: Study, tmp_path: Path) -> None:
    do(study, tmp_path, BOTH)
    verbs = list(Event.objects.filter(study=study).order_by("number").values_list("verb", flat=True))
    assert verbs == ["study.founded", "run.imported", "member.added", "member.added", "annotations.imported"]
    assert first_broken(study) is None


def test_settled_values_become_adjudications_once(study: Study, tmp_path: Path) -> None:
    do(study, tmp_path, BOTH)
    first = settle(study, tmp_path, rows(("r0", "not_refused", ""), ("r1", "", "")))
    again = settle(study, tmp_path, rows(("r0", "not_refused", ""), ("r1", "", "")))
    assert (first.adjudications_new, first.unchanged) == (1, 0)
    assert (again.adjudications_new, again.unchanged) == (0, 1)
    settled = Adjudication.objects.get()
    assert (settled.value, settled.source) == ("not_refused", "a.csv, column first")


def test_another_settled_value_is_a_conflict_with_its_row(study: Study, tmp_path: Path) -> None:
    settle(study, tmp_path, rows(("r0", "refused", "")))
    with pytest.raises(Refused) as refused:
        settle(study, tmp_path, rows(("r1", "refused", ""), ("r0", "not_refused", "")))
    (problem,) = refused.value.problems
    assert (problem.row, problem.column, problem.conflict) == (3, "first", True)
    assert Adjudication.objects.count() == 1


def test_two_settled_values_of_one_id_in_one_file_are_a_conflict(study: Study, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        settle(study, tmp_path, rows(("r0", "refused", ""), ("r0", "not_refused", "")))
    assert [(one.row, one.conflict) for one in refused.value.problems] == [(3, True)]
    assert not Adjudication.objects.exists()


def test_ratings_stay_as_they_were_when_an_item_is_settled(study: Study, tmp_path: Path) -> None:
    do(study, tmp_path, BOTH)
    before = list(Answer.objects.order_by("pk").values())
    settle(study, tmp_path, rows(("r0", "not_refused", "")))
    assert list(Answer.objects.order_by("pk").values()) == before


def test_a_rating_that_came_from_the_page_counts_against_the_overlap(study: Study, tmp_path: Path) -> None:
    open_study(study, actor=None)
    study.refresh_from_db()
    rated = rate_next(make_member(study, "Alice"))
    said = refusal(study, tmp_path, BOTH)
    assert len(said.problems) == 1
    other = next(row for row in BOTH if row["id"] != _external_id(rated.response_id))
    assert do(study, tmp_path, [other]).annotations_new == 2


def _external_id(response_id: int) -> str:
    return Origin.objects.get(response=response_id).external_id
