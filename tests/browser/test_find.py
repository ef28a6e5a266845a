"""Find in the text: prompt and response, code too, whatever the case and the accents."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Visitor
from tests.factory import make_member, make_study, open_with

pytestmark = pytest.mark.rendering

TEXT = (
    "The Geneva **Conven**tion and the Convention’s\nProtocols.\n\n"
    + "\n\n".join(f"Paragraph {n} says nothing." for n in range(60))
    + "\n\n```\nconvention = 'a very long line of code' + 'a very long line of code' + 'GENÈVE at the end of it'\n"
    "```\n\n"
    "Après Genève: ذِكْرُ القانون الدولي, İstanbul.\n\n| one | two |\n|---|---|\n| gene | va |"
)


def open_item(visitor: Visitor, text: str = TEXT, **fields: object) -> Page:
    return visitor.open_next(make_member(open_with(make_study(overlap=1, **fields), [text]), "Alice"))


def find(page: Page, words: str, said: str) -> None:
    page.get_by_role("searchbox", name="Find in the prompt and the response").fill(words)
    expect(page.locator("#find-count")).to_have_text(said)


def at_hand(page: Page) -> str:
    return str(page.evaluate("[...CSS.highlights.get('found-now')].map(String).join('|')"))


@pytest.mark.parametrize(
    ("words", "said", "first"),
    [
        ("convention", "1 of 3", "Convention"),
        ("CONVENTION'S protocols", "1 of 1", "Convention’s\nProtocols"),
        ("geneve", "1 of 2", "GENÈVE"),
        ("ذكر القانون", "1 of 1", "ذِكْرُ القانون"),
        ("istanbul", "1 of 1", "İstanbul"),
        ("geneva", "1 of 1", "Geneva"),
        ("the law forbids", "1 of 1", "the law forbids"),
        ("aardvark", "Nothing found", ""),
        ("   ", "", ""),
    ],
)
def test_words_are_found_as_they_are_read(visitor: Visitor, words: str, said: str, first: str) -> None:
    page = open_item(visitor)
    page.keyboard.press("/")
    find(page, words, said)
    if first:
        assert at_hand(page) == first


def test_enter_goes_on_and_shift_enter_back_and_around(visitor: Visitor) -> None:
    page = open_item(visitor)
    page.keyboard.press("f")
    page.locator("#find-words").fill("convention")  # at once: parts of the word would be counted too
    count = page.locator("#find-count")
    expect(count).to_have_text("1 of 3")
    for key, said in (
        ("Enter", "2 of 3"),
        ("Enter", "3 of 3"),
        ("Enter", "1 of 3"),
        ("Shift+Enter", "3 of 3"),
    ):
        page.keyboard.press(key)
        expect(count).to_have_text(said)
    page.get_by_role("button", name="The next one").click()
    expect(count).to_have_text("1 of 3")
    page.get_by_role("button", name="The one before").click()
    expect(count).to_have_text("3 of 3")


def test_enter_at_once_after_typing_searches_for_all_that_was_typed(visitor: Visitor) -> None:
    page = open_item(visitor)
    page.keyboard.press("f")
    page.keyboard.type("con")
    expect(page.locator("#find-count")).to_have_text("1 of 3")
    page.keyboard.type("ventions")
    page.keyboard.press("Enter")
    expect(page.locator("#find-count")).to_have_text("Nothing found")


def test_what_is_found_is_brought_into_view_in_the_page_and_in_its_block_of_code(visitor: Visitor) -> None:
    page = open_item(visitor)
    page.keyboard.press("f")
    find(page, "genève at the end", "1 of 1")
    rect = page.evaluate("[...CSS.highlights.get('found-now')][0].getBoundingClientRect().toJSON()")
    block = page.locator("#response pre").bounding_box()
    assert block
    assert 100 < rect["top"] < 800
    assert block["x"] <= rect["left"] < rect["right"] <= block["x"] + block["width"]


def test_escape_closes_gives_the_focus_back_and_leaves_the_words_selected(visitor: Visitor) -> None:
    page = open_item(visitor)
    page.keyboard.press("j")
    held = page.evaluate("document.activeElement.id")
    page.keyboard.press("f")
    find(page, "convention", "1 of 3")
    page.keyboard.press("Escape")
    expect(page.get_by_role("search")).to_be_hidden()
    assert page.evaluate("document.activeElement.id") == held
    assert page.evaluate("String(getSelection())") == "Convention"
    assert page.evaluate("CSS.highlights.has('found')") is False
    page.keyboard.press("3")
    expect(page.locator("input:checked")).not_to_have_count(0)


def test_a_covered_response_is_not_searched_until_it_is_shown(visitor: Visitor) -> None:
    page = open_item(visitor, blur_responses=True)
    page.keyboard.press("f")
    find(page, "protocols", "Nothing found")
    page.keyboard.press("Escape")
    page.keyboard.press("v")
    expect(page.locator("#response")).to_be_visible()
    page.keyboard.press("f")
    find(page, "protocols", "1 of 1")


@pytest.mark.parametrize("options", [{"viewport": PHONE}])
def test_on_a_phone_a_button_opens_it_and_the_folded_prompt_opens_for_a_hit(visitor: Visitor) -> None:
    page = open_item(visitor)
    expect(page.locator(".prompt-text")).to_be_hidden()
    page.get_by_role("button", name="Find").click()
    find(page, "request number", "1 of 1")
    expect(page.locator(".prompt-text")).to_be_visible()
    page.get_by_role("search").get_by_role("button", name="Close").click()
    expect(page.get_by_role("search")).to_be_hidden()
