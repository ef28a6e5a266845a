"""Columns are guessed by their names, and a mapping overrides the guess."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ihlannotate.readers.base import ReadError
from ihlannotate.readers.columns import (
    FIELDS,
    SYNONYMS,
    apply_mapping,
    guess_columns,
    parse_mapping,
)

NAMES = [name for names in SYNONYMS.values() for name in names]


def test_no_name_stands_for_two_fields():
    assert all(set(SYNONYMS[a]).isdisjoint(SYNONYMS[b]) for a, b in combinations(FIELDS, 2))


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("id", "external_id"),
        ("Item ID", "external_id"),
        ("sample_id", "external_id"),
        ("UID", "external_id"),
        ("Question", "prompt"),
        ("user_prompt", "prompt"),
        ("completion", "response"),
        ("Model Output", "response"),
        ("model_name", "model"),
        ("system", "condition"),
        ("System Prompt", "system_prompt"),
        ("type", "category"),
        ("ruleId", "rules"),
        ("api_error", "error"),
        ("prompt-id", "prompt_id"),
        ("LANGUAGE", "language"),
        ("complexity", "complexity"),
    ],
)
def test_common_names_are_understood_whatever_their_spelling(column, field):
    assert guess_columns(["zzz", column]) == {field: column}


def test_the_fields_own_name_wins_over_its_synonyms():
    assert guess_columns(["output", "id", "response", "external_id"]) == {
        "external_id": "external_id",
        "response": "response",
    }


@settings(deadline=None)
@given(st.lists(st.sampled_from([*NAMES, "Prompt", "PROMPT", "system prompt", "other"]), unique=True))
def test_no_column_is_guessed_for_two_fields(columns):
    guess = guess_columns(columns)
    assert len(set(guess.values())) == len(guess)
    assert set(guess.values()) <= set(columns)
    assert set(guess) <= set(FIELDS)


def test_a_mapping_overrides_the_guess():
    mapping = parse_mapping(["response=base_response", "category = kind"])
    assert apply_mapping(["id", "response", "base_response", "kind"], mapping) == {
        "external_id": "id",
        "response": "base_response",
        "category": "kind",
    }


def test_a_column_that_is_mapped_is_not_guessed_for_another_field_as_well():
    assert apply_mapping(["id", "prompt"], {"prompt_id": "id"}) == {"prompt": "prompt", "prompt_id": "id"}


def test_two_fields_may_be_mapped_to_one_column_on_purpose():
    assert apply_mapping(["id"], {"prompt_id": "id", "external_id": "id"}) == {
        "external_id": "id",
        "prompt_id": "id",
    }


def test_an_empty_column_says_that_the_file_has_no_such_field():
    assert apply_mapping(["id", "type"], parse_mapping(["category="])) == {"external_id": "id"}


def test_a_mapped_column_may_be_spelled_differently_unless_that_is_ambiguous():
    assert apply_mapping(["Base Response"], {"response": "base_response"}) == {"response": "Base Response"}
    with pytest.raises(ReadError):
        apply_mapping(["Base Response", "base-response"], {"response": "base_response"})


def test_a_missing_column_is_refused_with_the_columns_that_exist():
    with pytest.raises(ReadError, match=r"run.csv, column “answr”.*id, prompt, answer") as caught:
        apply_mapping(["id", "prompt", "answer"], {"response": "answr"}, file="run.csv")
    assert caught.value.column == "answr"


@pytest.mark.parametrize("pairs", [["respons=a"], ["prompt"], ["prompt=a", "prompt=b"]])
def test_a_mapping_that_makes_no_sense_is_refused(pairs):
    with pytest.raises(ReadError):
        parse_mapping(pairs)


def test_an_unknown_field_is_refused_with_the_fields_that_exist():
    with pytest.raises(ReadError, match=", ".join(FIELDS)):
        parse_mapping(["respons=a"])
    with pytest.raises(ReadError, match=", ".join(FIELDS)):
        apply_mapping(["a"], {"respons": "a"})
