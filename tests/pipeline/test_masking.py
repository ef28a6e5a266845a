"""What a response says of its own identity is hidden, and nothing else; the stored text stays as it is."""

import uuid
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ihlannotate.models.item import Response
from ihlannotate.pipeline.annotating import item_page, submit
from ihlannotate.pipeline.masking import COMMON_NAMES, MASK, mask, masked
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


NAMES = ("ChatGPT", "**Chat**GPT", "Claude’s", "je suis Claude,", "I'm Zed, an AI", "我是Claude")
PIECES = st.sampled_from((*NAMES, " ", "\n\n", "é", "&shy;", "▮▮▮", "*", "."))
TEXTS = st.lists(PIECES | st.text(max_size=8), max_size=12).map("".join)


@given(TEXTS)
def test_bars_put_back_are_the_original(text: str) -> None:
    found = masked(text, WORDS)
    original = ""
    last = 0
    for bar in found.bars:
        assert found.text[bar.start : bar.end] == MASK
        original += found.text[last : bar.start] + text[bar.original_start : bar.original_end]
        last = bar.end
    assert original + found.text[last:] == text


@given(TEXTS)
def test_bars_are_in_order_and_apart_and_hide_something(text: str) -> None:
    bars = masked(text, WORDS).bars
    for bar in bars:
        assert bar.start < bar.end
        assert bar.original_start < bar.original_end
    for one, other in pairwise(bars):
        assert one.end <= other.start
        assert one.original_end <= other.original_start


@given(TEXTS)
def test_every_place_that_is_shown_leads_to_the_same_letter_in_the_original(text: str) -> None:
    found = masked(text, WORDS)
    hidden = {place for bar in found.bars for place in range(bar.start, bar.end)}
    for place, letter in enumerate(found.text):
        if place not in hidden:
            assert text[found.original(place)] == letter


@given(TEXTS, st.data())
def test_a_passage_leads_to_one_that_holds_it_and_every_bar_it_touches(
    text: str, data: st.DataObject
) -> None:
    found = masked(text, WORDS)
    if not found.text:
        return
    start = data.draw(st.integers(0, len(found.text) - 1))
    end = data.draw(st.integers(start + 1, len(found.text)))
    from_, to = found.original(start), found.original(end, end=True)
    assert 0 <= from_ < to <= len(text)
    for bar in found.bars:
        if bar.start < end and start < bar.end:
            assert from_ <= bar.original_start
            assert bar.original_end <= to
        else:
            assert to <= bar.original_start or bar.original_end <= from_


@given(TEXTS)
def test_places_keep_their_order_and_both_ends_meet(text: str) -> None:
    found = masked(text, WORDS)
    for end in (False, True):
        places = [found.original(place, end=end) for place in range(len(found.text) + 1)]
        assert places == sorted(places)
        assert places[0] == 0
        assert places[-1] == len(text)


@pytest.mark.django_db
def test_annotators_see_the_mask_and_the_database_keeps_the_text() -> None:
    said = "As ChatGPT, I can't help."
    study = open_with(make_study(), [said])
    sheet = take_sheet(make_member(study, "Alice"))
    assert item_page(sheet).response.text == f"As {MASK}, I can't help."
    submit(sheet, answers=REFUSED, submission=uuid.uuid4())
    assert Response.objects.get().text == said
