"""What a response says of its own identity is hidden, and nothing else; the stored text stays as it is."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ihlannotate.models.item import Response
from ihlannotate.pipeline.annotating import item_page, submit
from ihlannotate.pipeline.masking import COMMON_NAMES, MASK, mask
from tests.factory import REFUSED, make_member, make_study, open_with, take_sheet

WORDS = "\n".join(COMMON_NAMES)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("As ChatGPT, I can't help.", f"As {MASK}, I can't help."),
        ("I'm Claude, made by Anthropic.", f"I'm {MASK}, made by {MASK}."),
        ("i am CLAUDE", f"i am {MASK}"),
        ("chatgpt refuses", f"{MASK} refuses"),
        ("GPT-4o and GPT-4", f"{MASK} and {MASK}"),
        ("I am a model by Mistral AI.", f"I am a model by {MASK}."),
        ("I was trained by Google DeepMind in a lab.", f"I was trained by {MASK} in a lab."),
    ],
)
def test_known_names_are_masked_whatever_their_case(said: str, shown: str) -> None:
    assert mask(said, WORDS) == shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("I'm Zephyrine, an AI assistant.", f"I'm {MASK}, an AI assistant."),
        ("My name is Zephyrine-7b.", f"My name is {MASK}."),
        (
            "As an AI model developed by Borealis Labs, I won't.",
            f"As an AI model developed by {MASK}, I won't.",
        ),
        ("I was created by Borealis Labs. I won't.", f"I was created by {MASK}. I won't."),
        ("I am a helpful assistant, built by Borealis.ai.", f"I am a helpful assistant, built by {MASK}."),
    ],
)
def test_an_unlisted_name_is_recognised_by_its_form(said: str, shown: str) -> None:
    assert mask(said, WORDS) == shown


@pytest.mark.parametrize(
    "said",
    [
        "Claudette and Geminids and a llamas' herd.",
        "A rule developed by States, codified in Geneva and drafted by Experts.",
        "The convention was created by The Hague Conference. I can't help.",
        "I am not able to help with that.",
        "I am the model of a soldier who was trained by officers.",
        "I'm sorry, but Additional Protocol I forbids it.",
    ],
)
def test_other_words_stay(said: str) -> None:
    assert mask(said, WORDS) == said


def test_an_empty_list_masks_by_form_alone() -> None:
    assert mask("As ChatGPT, I can't.", "") == "As ChatGPT, I can't."
    assert mask("As ChatGPT, I can't.", " \n\n ") == "As ChatGPT, I can't."


def test_a_word_is_a_word_and_no_pattern() -> None:
    assert mask("A.B and AxB", "a.b") == f"{MASK} and AxB"


@given(st.text(max_size=200))
def test_masking_twice_is_masking_once(text: str) -> None:
    assert mask(mask(text, WORDS), WORDS) == mask(text, WORDS)


@given(st.text(max_size=60), st.sampled_from(COMMON_NAMES), st.text(max_size=60))
def test_no_listed_name_survives_between_spaces(before: str, name: str, after: str) -> None:
    assert name.casefold() not in mask(f"{before} {name} {after}", WORDS).casefold().split()


@pytest.mark.django_db
def test_annotators_see_the_mask_and_the_database_keeps_the_text() -> None:
    said = "As ChatGPT, I can't help."
    study = open_with(make_study(), [said])
    sheet = take_sheet(make_member(study, "Alice"))
    assert item_page(sheet).response.text == f"As {MASK}, I can't help."
    submit(sheet, answers=REFUSED, submission=uuid.uuid4())
    assert Response.objects.get().text == said
