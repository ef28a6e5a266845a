"""Which questions show, and what is wrong with a set of answers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ihlannotate.readers.rubric import OptionSpec, read_rubric
from ihlannotate.readers.rubric_check import MAX_TEXT, problems, visible

SPEC = read_rubric(
    """
name: chained
version: "1"
criteria:
  - {key: usable, title: Usable, kind: flag, required: true}
  - key: refusal
    title: Refused?
    kind: choice
    level: ordinal
    required: true
    show_if: {usable: ["yes"]}
    options: [{value: refused}, {value: partly}, {value: none}]
  - key: reason
    title: Reason?
    kind: choice
    level: nominal
    required: true
    show_if: {usable: ["yes"], refusal: [refused, partly]}
    options: [{value: a}, {value: b}]
  - {key: rules, title: Rules, kind: many, maximum: 2, options_from: t, show_if: {reason: [a]}}
  - {key: comment, title: Comment, kind: text}
""",
    taxonomies={"t": tuple(OptionSpec(str(number), str(number)) for number in range(1, 6))},
)
COMPLETE = {"usable": ["yes"], "refusal": ["partly"], "reason": ["a"], "rules": ["1", "5"], "comment": ["ok"]}


@pytest.mark.parametrize(
    ("answers", "shown"),
    [
        ({}, {"usable", "comment"}),
        ({"usable": ["no"]}, {"usable", "comment"}),
        ({"usable": ["yes"]}, {"usable", "refusal", "comment"}),
        ({"usable": ["yes"], "refusal": ["none"]}, {"usable", "refusal", "comment"}),
        ({"usable": ["yes"], "refusal": ["partly"]}, {"usable", "refusal", "reason", "comment"}),
        (COMPLETE, {"usable", "refusal", "reason", "rules", "comment"}),
    ],
)
def test_a_question_shows_where_all_its_conditions_hold(answers, shown):
    assert visible(SPEC, answers) == shown


def test_a_question_behind_a_hidden_one_is_hidden_whatever_was_answered_there():
    assert visible(SPEC, COMPLETE | {"usable": ["no"]}) == {"usable", "comment"}


def test_complete_answers_have_no_problems():
    assert problems(SPEC, COMPLETE) == []


def test_a_question_that_does_not_show_need_not_be_answered():
    assert problems(SPEC, {"usable": ["no"]}) == []
    assert problems(SPEC, {"usable": ["no"], "refusal": [], "reason": [""], "comment": [" \n"]}) == []


@pytest.mark.parametrize(
    ("change", "key", "code"),
    [
        ({"usable": []}, "usable", "missing"),
        ({"reason": [" "]}, "reason", "missing"),
        ({"refusal": ["refuse"]}, "refusal", "unknown_value"),
        ({"rules": ["6"]}, "rules", "unknown_value"),
        ({"reason": ["a", "b"]}, "reason", "too_many"),
        ({"rules": ["1", "2", "3"]}, "rules", "too_many"),
        ({"rules": ["1", "1"]}, "rules", "too_many"),
        ({"reason": ["b"]}, "rules", "not_shown"),
        ({"other": ["x"]}, "other", "unknown_criterion"),
        ({"other": []}, "other", "unknown_criterion"),
        ({"comment": ["x" * (MAX_TEXT + 1)]}, "comment", "too_long"),
        ({"comment": ["x", "y"]}, "comment", "too_many"),
    ],
)
def test_each_kind_of_problem_is_found_and_names_its_criterion(change, key, code):
    found = problems(SPEC, COMPLETE | change)
    assert (key, code) in [(problem.key, problem.code) for problem in found]
    assert all(problem.message.endswith(".") for problem in found)


def test_a_text_of_exactly_the_limit_is_allowed():
    assert problems(SPEC, COMPLETE | {"comment": ["x" * MAX_TEXT]}) == []


VALUES = st.lists(
    st.sampled_from(["yes", "no", "refused", "partly", "none", "a", "b", "1", "2", ""]), max_size=3
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*COMPLETE, "other"]), VALUES))
def test_answers_without_problems_are_exactly_the_ones_that_fit(answers):
    """Judged again in the plainest way: every rule of the rubric, one by one."""
    given_values = {key: [value for value in values if value] for key, values in answers.items()}
    shown = visible(SPEC, given_values)
    fits = "other" not in answers
    for criterion in SPEC.criteria:
        values = given_values.get(criterion.key, [])
        limit = {"rules": 2}.get(criterion.key, 1)
        fits &= criterion.key in shown or not values
        fits &= bool(values) or not (criterion.required and criterion.key in shown)
        fits &= criterion.kind == "text" or set(values) <= set(criterion.values)
        fits &= len(values) <= limit and len(set(values)) == len(values)
    assert (problems(SPEC, answers) == []) == fits
