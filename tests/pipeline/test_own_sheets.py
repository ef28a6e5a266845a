"""An annotator's own items as a list: states, words, answers, pages; never another's, never training."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ihlannotate.models.assignment import Sheet
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.annotating import Filter, own_sheets, submit, withdraw
from ihlannotate.pipeline.annotating.own import main_question
from ihlannotate.pipeline.assigning import skip
from ihlannotate.pipeline.founding import default_rubric
from ihlannotate.readers.rubric import read_rubric
from tests.factory import (
    REFUSED,
    SMALL_RUBRIC,
    keep_draft,
    make_known,
    make_member,
    make_study,
    open_with,
    rate_next,
    sheet_at,
    take_sheet,
)

pytestmark = pytest.mark.django_db
COMPLIED = {"refusal": ["not_refused"], "comment": ["Gives a TABLE of steps."]}


@pytest.fixture
def study() -> Study:
    return open_with(make_study(), 8)


@pytest.fixture
def alice(study: Study) -> Membership:
    return make_member(study, "Alice")


def found(member: Membership, **only: str) -> set[str]:
    lines, count = own_sheets(member, only=Filter(**only))
    assert count == len(lines)
    return {line.code for line in lines}


@pytest.fixture
def sheets(alice: Membership) -> dict[str, Sheet]:
    """One item of each kind, by what became of it."""
    said = {"refused": rate_next(alice), "complied": rate_next(alice, COMPLIED)}
    said["skipped"] = take_sheet(alice)
    skip(said["skipped"], reason="other")
    said["changing"] = rate_next(alice)
    keep_draft(said["changing"], {"comment": ["Perhaps a chart."]})
    said["known"] = sheet_at(alice, make_known(alice.study, prompt="Known table, please."))
    submit(said["known"], answers=COMPLIED, submission=uuid.uuid4())
    said["draft"] = take_sheet(alice)
    keep_draft(said["draft"], {"comment": ["A chart of it."]})
    return said


def codes(sheets: dict[str, Sheet], *names: str) -> set[str]:
    return {sheets[name].code for name in names}


def test_each_state_finds_its_own(alice: Membership, sheets: dict[str, Sheet]) -> None:
    assert found(alice) == codes(sheets, *sheets)
    assert found(alice, state="submitted") == codes(sheets, "refused", "complied", "changing", "known")
    assert found(alice, state="draft") == codes(sheets, "draft", "changing")
    assert found(alice, state="skipped") == codes(sheets, "skipped")
    assert found(alice, state="open") == set()
    assert found(alice, state="no such state") == set()


def test_an_item_just_handed_out_is_not_begun(alice: Membership) -> None:
    sheet = take_sheet(alice)
    assert found(alice, state="open") == {sheet.code}


def test_what_was_taken_back_is_a_draft_again(alice: Membership) -> None:
    sheet = rate_next(alice)
    withdraw(alice)
    assert found(alice, state="draft") == {sheet.code}
    assert found(alice, state="submitted") == set()
    assert found(alice, answer="refused") == set()


def test_words_are_looked_for_in_prompts_comments_and_drafts(
    alice: Membership, sheets: dict[str, Sheet]
) -> None:
    assert found(alice, words="table") == codes(sheets, "complied", "known")
    assert found(alice, words="table steps gives") == codes(sheets, "complied", "known")
    assert found(alice, words="chart") == codes(sheets, "draft", "changing")
    assert found(alice, words="please") == codes(sheets, "known")
    assert found(alice, words="table chart") == set()
    assert found(alice, words="100%") == set(), "no wildcard"


def test_answers_to_the_main_question_find_their_items(alice: Membership, sheets: dict[str, Sheet]) -> None:
    assert found(alice, answer="not_refused") == codes(sheets, "complied", "known")
    assert found(alice, answer="refused") == codes(sheets, "refused", "changing")
    assert found(alice, answer="refused", state="draft") == codes(sheets, "changing")
    assert found(alice, answer="perhaps") == set()


def test_a_line_says_what_counts(alice: Membership, sheets: dict[str, Sheet]) -> None:
    lines = {line.code: line for line in own_sheets(alice)[0]}
    assert lines[sheets["complied"].code].headline == "Not refused"
    assert lines[sheets["known"].code].headline == "Not refused"
    assert lines[sheets["draft"].code].headline == ""
    assert [name for name in sheets if lines[sheets[name].code].changing] == ["changing"]


def test_words_of_others_find_nothing(study: Study, alice: Membership) -> None:
    rate_next(make_member(study, "Bob"), COMPLIED)
    rate_next(alice)
    assert found(alice, words="table") == set()


def test_a_list_takes_the_same_few_queries_whatever_is_asked(
    alice: Membership, sheets: dict[str, Sheet]
) -> None:
    assert alice.study.rubric
    for only in (Filter(), Filter(state="submitted", words="table steps", answer="not_refused")):
        with CaptureQueriesContext(connection) as taken:
            own_sheets(alice, only=only)
        assert len(taken) <= 3


def test_the_main_question_is_the_first_that_must_be_answered_about_the_response() -> None:
    asked = main_question(default_rubric())
    assert asked is not None
    assert asked.key == "refusal"
    small = main_question(read_rubric(SMALL_RUBRIC))
    assert small is not None
    assert small.key == "refusal"


def test_a_rubric_of_texts_alone_has_no_main_question() -> None:
    text = 'name: words\nversion: "1"\ncriteria: [{key: comment, title: Comment, kind: text, required: true}]'
    assert main_question(read_rubric(text)) is None
    study = open_with(make_study(slug="words", rubric=text), 1)
    alice = make_member(study, "Alice")
    rate_next(alice, {"comment": ["Some words."]})
    lines, count = own_sheets(alice)
    assert (count, lines[0].headline) == (1, "")
    assert own_sheets(alice, only=Filter(answer="x")) == ([], 0)


def test_answers_are_what_was_submitted_last(alice: Membership) -> None:
    sheet = rate_next(alice, REFUSED)
    submit(sheet, answers=COMPLIED, submission=uuid.uuid4(), reason="Misread.")
    assert found(alice, answer="refused") == set()
    assert found(alice, answer="not_refused") == {sheet.code}
