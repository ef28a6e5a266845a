"""A rubric file is read into frozen values, and whatever is wrong with it is said plainly."""

from pathlib import Path

import pytest

from ihlannotate.readers.base import ReadError
from ihlannotate.readers.rubric import (
    OptionSpec,
    canonical,
    content_sha256,
    from_canonical,
    read_rubric,
    read_taxonomy,
)

FIXTURES = Path(__file__).parents[2] / "fixtures"

RUBRIC = """
name: small
version: "1.0"
description: Two questions.
criteria:
  - key: refusal
    title: Did it refuse?
    kind: choice
    level: nominal
    required: true
    options:
      - {value: refused, label: Refused, help: All of it.}
      - {value: "no", label: Not refused}
  - key: helpfulness
    title: How helpful?
    kind: scale
    level: ordinal
    show_if: {refusal: [refused]}
    options: [{value: 1}, {value: 2, label: two}, {value: 2.5}]
  - {key: policy, title: Names a policy, kind: flag}
  - {key: rules, title: Which rules, kind: many, options_from: ihl, maximum: 2}
  - {key: comment, title: Anything else, kind: text}
"""
TAXONOMY = """
- {number: 1, title: First, part: I. One, group: Topic}
- {number: 2, title: Second, part: II. Two}
"""


def read(text: str = RUBRIC):
    return read_rubric(text, taxonomies={"ihl": read_taxonomy(TAXONOMY)})


def refused(old: str, new: str) -> str:
    """Return the message for the rubric with one piece replaced."""
    assert RUBRIC.count(old) == 1
    with pytest.raises(ReadError) as caught:
        read(RUBRIC.replace(old, new))
    return str(caught.value)


def test_a_rubric_is_read_in_order():
    spec = read()
    assert (spec.name, spec.version, spec.description) == ("small", "1.0", "Two questions.")
    assert [(c.key, c.kind, c.level, c.required) for c in spec.criteria] == [
        ("refusal", "choice", "nominal", True),
        ("helpfulness", "scale", "ordinal", False),
        ("policy", "flag", "nominal", False),
        ("rules", "many", "nominal", False),
        ("comment", "text", None, False),
    ]


def test_values_are_texts_and_numbers_beside_them():
    spec = read()
    assert spec.criterion("refusal").options == (
        OptionSpec("refused", "Refused", "All of it."),
        OptionSpec("no", "Not refused"),
    )
    assert spec.criterion("helpfulness").options == (
        OptionSpec("1", "1", number=1.0),
        OptionSpec("2", "two", number=2.0),
        OptionSpec("2.5", "2.5", number=2.5),
    )
    assert spec.criterion("helpfulness").show_if == {"refusal": ("refused",)}


def test_a_flag_is_answered_yes_or_no():
    assert read().criterion("policy").values == ("yes", "no")


def test_a_taxonomy_gives_its_entries_as_options():
    rules = read().criterion("rules")
    assert (rules.taxonomy, rules.maximum) == ("ihl", 2)
    assert rules.options == (
        OptionSpec("1", "First", "Topic", 1.0, "I. One"),
        OptionSpec("2", "Second", "", 2.0, "II. Two"),
    )


def test_there_is_no_criterion_of_an_unknown_key():
    with pytest.raises(KeyError):
        read().criterion("other")


def test_the_rubrics_that_are_shipped_are_valid():
    taxonomies = {"ihl_rules": read_taxonomy((FIXTURES / "ihl_rules.yaml").read_text(encoding="utf-8"))}
    assert [option.value for option in taxonomies["ihl_rules"]] == [str(n) for n in range(1, 162)]
    for name in ("rubric.yaml", "three-way-refusal.yaml"):
        spec = read_rubric((FIXTURES / name).read_text(encoding="utf-8"), taxonomies=taxonomies)
        assert from_canonical(canonical(spec)) == spec


def test_the_canonical_text_can_be_read_back():
    assert from_canonical(canonical(read())) == read()


def test_the_hash_depends_on_the_content_and_not_on_the_form_of_the_file():
    reformatted = RUBRIC.replace("required: true\n", "required: true   # a comment\n\n").replace(
        "label: Refused, help: All of it.", "help: 'All of it.', label: Refused"
    )
    assert content_sha256(read(reformatted)) == content_sha256(read())
    assert len(content_sha256(read())) == 64
    assert content_sha256(read(RUBRIC.replace("All of it.", "All."))) != content_sha256(read())


def test_the_hash_depends_on_the_order_of_options():
    turned = RUBRIC.replace("[{value: 1}, {value: 2, label: two}", "[{value: 2, label: two}, {value: 1}")
    assert content_sha256(read(turned)) != content_sha256(read())


def test_an_option_may_have_examples_which_are_part_of_the_content():
    shown = RUBRIC.replace("help: All of it.", 'help: All of it., examples: ["“No.”", 12]')
    spec = read(shown)
    assert spec.criterion("refusal").options[0].examples == ("“No.”", "12")
    assert spec.criterion("refusal").options[1].examples == ()
    assert from_canonical(canonical(spec)) == spec
    assert content_sha256(spec) != content_sha256(read())


def test_a_rubric_without_examples_keeps_the_hash_that_it_had_before_there_were_any():
    assert "examples" not in canonical(read())
    assert content_sha256(read()) == "046a4da03c8203fa3b57d813ff91c495fc69115e29d1b0d7d87751365ffa53fd"


@pytest.mark.parametrize("examples", ["[]", "null"])
def test_no_examples_are_as_good_as_none_given(examples):
    text = RUBRIC.replace("help: All of it.", f"help: All of it., examples: {examples}")
    assert content_sha256(read(text)) == content_sha256(read())


@pytest.mark.parametrize(
    ("examples", "expected"),
    [
        ("one", "examples is not a list"),
        ('["  "]', "an example is empty"),
        ("[[a]]", "this is not a text"),
        ("[yes]", "Put it in quotation marks"),
        (f"[{'x' * 1001}]", "an example is longer than 1000 characters"),
    ],
)
def test_examples_that_are_no_texts_are_refused(examples, expected):
    with pytest.raises(ReadError) as caught:
        read(RUBRIC.replace("help: All of it.", f"help: All of it., examples: {examples}"))
    assert "refusal" in str(caught.value)
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('version: "1.0"', "version: 1.0", "version"),
        ('version: "1.0"\n', "", "version"),
        ("name: small\n", "", "“name” is missing"),
        ("name: small", "nom: small", "there is no field “nom”"),
        ("name: small", "name: yes", "quotation marks"),
        ("name: small", "name: 2026-01-02", "quotation marks"),
        ("description: Two questions.", "description: [a]", "not a text"),
    ],
)
def test_what_is_wrong_at_the_top_is_said(old, new, expected):
    assert expected in refused(old, new)


@pytest.mark.parametrize(
    ("old", "new", "key", "expected"),
    [
        ("key: helpfulness", "key: Helpful", "Helpful", "small letters"),
        ("key: helpfulness", "key: 2nd", "2nd", "small letters"),
        ("key: helpfulness", f"key: {'k' * 61}", "k" * 61, "small letters"),
        ("title: How helpful?", "titel: How?", "helpfulness", "there is no field “titel”"),
        ("title: How helpful?\n", "\n", "helpfulness", "“title” is missing"),
        ("kind: scale", "kind: slider", "helpfulness", "choice, scale, flag, many, text"),
        ("level: ordinal", "level: order", "helpfulness", "nominal, ordinal, interval"),
        ("level: ordinal", "level: nominal", "helpfulness", "has an order"),
        ("    level: ordinal\n", "", "helpfulness", "“level” is missing"),
        ("required: true", "required: 1", "refusal", "neither true nor false"),
        ('value: "no"', "value: no", "refusal", "quotation marks"),
        ('value: "no"', "value: on", "refusal", "quotation marks"),
        ('value: "no"', "value: 2026-01-02", "refusal", "quotation marks"),
        ('value: "no", label', "label", "refusal", "“value” is missing"),
        ('value: "no"', "value: refused", "refusal", "“refused” is given twice"),
        ('value: "no"', f"value: {'v' * 61}", "refusal", "longer than 60"),
        ("label: Not refused", "lable: Not refused", "refusal", "there is no field “lable”"),
        ("level: ordinal\n", "level: interval\n    required: 3\n", "helpfulness", "required"),
        ("[{value: 1}, {value: 2, label: two}, {value: 2.5}]", "[{value: 1}]", "helpfulness", "two options"),
        ("[{value: 1}, {value: 2, label: two}, {value: 2.5}]", "{a: 1}", "helpfulness", "not a list"),
        ("[{value: 1}, {value: 2, label: two}, {value: 2.5}]", "[1, 2]", "helpfulness", "not a mapping"),
        ("{refusal: [refused]}", "{refused: [refused]}", "helpfulness", "no earlier criterion"),
        ("{refusal: [refused]}", "{helpfulness: [1]}", "helpfulness", "no earlier criterion"),
        ("{refusal: [refused]}", "{policy: [yes]}", "helpfulness", "no earlier criterion"),
        ("{refusal: [refused]}", "{refusal: [refuse]}", "helpfulness", "refused, no"),
        ("{refusal: [refused]}", "{refusal: [no]}", "helpfulness", "quotation marks"),
        ("{refusal: [refused]}", "{refusal: refused}", "helpfulness", "list of values"),
        ("{refusal: [refused]}", "{refusal: []}", "helpfulness", "list of values"),
        ("{refusal: [refused]}", "[refusal]", "helpfulness", "not a mapping"),
        ("kind: flag}", "kind: flag, options: [{value: a}, {value: b}]}", "policy", "yes or no"),
        ("kind: flag}", "kind: flag, level: ordinal}", "policy", "nominal"),
        ("kind: flag}", "kind: flag, maximum: 1}", "policy", "kind: many"),
        ("kind: text}", "kind: text, level: nominal}", "comment", "no level"),
        ("kind: text}", "kind: text, options: [{value: a}]}", "comment", "no options"),
        ("options_from: ihl", "options_from: icrc", "rules", "Use one of: ihl"),
        ("options_from: ihl", "options_from: ihl, options: [{value: 1}]", "rules", "without options"),
        ("kind: many", "kind: choice", "rules", "kind: many"),
        ("maximum: 2", "maximum: 3", "rules", "from 1 to 2"),
        ("maximum: 2", "maximum: 0", "rules", "from 1 to 2"),
        ("maximum: 2", "maximum: true", "rules", "whole number"),
        ("maximum: 2", "maximum: two", "rules", "whole number"),
    ],
)
def test_what_is_wrong_with_a_criterion_is_said_with_its_key(old, new, key, expected):
    message = refused(old, new)
    assert f"criterion “{key}”" in message
    assert expected in message


def test_values_of_an_interval_level_must_be_different_numbers():
    interval = RUBRIC.replace("level: ordinal", "level: interval")
    assert read(interval).criterion("helpfulness").level == "interval"
    for values in (
        "[{value: 1}, {value: two}]",
        '[{value: 1}, {value: "1.0"}]',
        "[{value: 1}, {value: .nan}]",
    ):
        with pytest.raises(ReadError, match=r"criterion “helpfulness”.*different numbers"):
            read(interval.replace("[{value: 1}, {value: 2, label: two}, {value: 2.5}]", values))


def test_two_criteria_of_one_key_are_refused():
    assert "the key “refusal” is given twice" in refused("key: helpfulness", "key: refusal")


def test_a_flag_may_word_its_answers():
    worded = 'kind: flag, options: [{value: "no", label: Not at all}, {value: "yes"}]}'
    flag = read(RUBRIC.replace("kind: flag}", worded)).criterion("policy")
    assert [(o.value, o.label) for o in flag.options] == [("no", "Not at all"), ("yes", "yes")]


@pytest.mark.parametrize(
    "text", ["", "- a\n", "text", "name: a\nversion: '1'\ncriteria: []\n", "criteria: 1\n"]
)
def test_what_is_no_rubric_is_refused(text):
    with pytest.raises(ReadError, match="rubric"):
        read(text)


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("name: a\nname: b\n", 2),
        ("criteria:\n  - {key: a, key: b}\n", 2),
        ("a: [1\nb: 2\n", 2),
        ("name: &x a\nversion: *x\n", 2),
        ("a: " + "[" * 50, 1),
        ("a: !!python/object/apply:os.getcwd []\n", 1),
        ("a: \x00", None),
        ("a: 2026-99-99", None),
        ("x" * 1_000_001, None),
    ],
)
def test_yaml_that_is_broken_ambiguous_or_dangerous_is_refused(text, row):
    with pytest.raises(ReadError) as caught:
        read(text)
    assert caught.value.row == row


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        "- {title: No number}",
        "- {number: one, title: A}",
        "- {number: 1}",
        "- {number: 1, title: A}\n- {number: 1, title: B}",
        "- {number: 1, title: A, text: B}",
    ],
)
def test_a_taxonomy_that_makes_no_sense_is_refused(text):
    with pytest.raises(ReadError, match="taxonomy"):
        read_taxonomy(text)
