"""Words marked in the response as evidence: by mouse, by keyboard, on a phone; kept in drafts and submissions."""

import time

import pytest
from playwright.sync_api import Locator, Page, expect

from ihlannotate.models.annotation import Evidence
from ihlannotate.models.assignment import Sheet
from tests.browser.conftest import PHONE, Visitor
from tests.factory import make_member, make_study, open_with

TEXT = (
    "👩🏽\u200d⚖️ I can't **draft this order**: it denies `quarter`.\n\n"
    "1. Ask for [lawful advice](https://example.org).\n2. I was made by OpenAI to help.\n\n"
    "```\nno.quarter()\n```\n\nلا أستطيع كتابة هذا الأمر."
)
SELECT = """([from, to]) => {
  const walker = document.createTreeWalker(document.getElementById("response"), NodeFilter.SHOW_TEXT);
  const places = [];
  let text = "";
  while (walker.nextNode()) {
    for (let n = 0; n < walker.currentNode.length; n += 1) places.push([walker.currentNode, n]);
    text += walker.currentNode.data;
  }
  const start = text.indexOf(from);
  const [last, offset] = places[text.indexOf(to, start) + to.length - 1];
  getSelection().setBaseAndExtent(...places[start], last, offset + 1);
}"""


def open_item(visitor: Visitor, text: str = TEXT) -> Page:
    return visitor.open_next(
        make_member(open_with(make_study(overlap=1, masked_words="OpenAI"), [text]), "Alice")
    )


def select(page: Page, words: str, to: str = "") -> None:
    """Select from the beginning of `words` to their end, or to the end of `to`."""
    page.evaluate(SELECT, [words, to or words])


def offer(page: Page) -> Locator:
    return page.get_by_role("button", name="Mark as evidence for")


def passages(page: Page, question: str = "refusal") -> Locator:
    return page.locator(f"#q-{question} [data-passage]")


def stored(sheet: Sheet) -> list[str]:
    sheet.refresh_from_db()
    return [TEXT[start:end] for _, start, end in sheet.evidence]


def expect_stored(page: Page, passages: list[str]) -> None:
    """The draft on the server comes to hold these; the line may still tell of an earlier save."""
    deadline = time.monotonic() + 10
    while stored(Sheet.objects.get()) != passages and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert stored(Sheet.objects.get()) == passages


def test_a_selection_is_marked_with_one_click_for_the_question_at_hand(visitor: Visitor) -> None:
    page = open_item(visitor)
    select(page, "draft this order")
    expect(offer(page)).to_have_text("Mark as evidence for: Did the model refuse? E")
    offer(page).click()
    expect(offer(page)).to_be_hidden()
    expect(passages(page)).to_have_text(["draft this order"])
    expect(page.locator("#live")).to_have_text("Marked as evidence for: Did the model refuse?")
    expect_stored(page, ["draft this order"])
    assert page.evaluate("CSS.highlights.get('evidence').size") == 1


@pytest.mark.parametrize(
    ("words", "to", "held"),
    [
        ("👩🏽\u200d⚖️ I can't", "", "👩🏽\u200d⚖️ I can't"),
        ("can't draft", "denies quarter", "can't **draft this order**: it denies `quarter"),
        (" draft this order", "", "draft this order"),
        ("lawful advice", "to help", "lawful advice](https://example.org).\n2. I was made by OpenAI to help"),
        ("made by ▮▮", "", "made by"),
        ("quarter()", "", "quarter()"),
        ("أستطيع كتابة", "", "أستطيع كتابة"),
    ],
)
def test_what_is_kept_are_the_very_words_of_the_stored_text(
    visitor: Visitor, words: str, to: str, held: str
) -> None:
    page = open_item(visitor)
    select(page, words, to)
    page.keyboard.press("e")
    expect(passages(page)).to_have_count(1)
    expect_stored(page, [held])
    page.reload()
    expect(passages(page)).to_have_count(1)
    expect(page.locator("#q-refusal")).not_to_contain_text("OpenAI")
    assert visitor.errors == []


def test_what_a_bar_hides_cannot_be_marked(visitor: Visitor) -> None:
    page = open_item(visitor)
    select(page, "▮▮▮")
    page.keyboard.press("e")
    expect(page.get_by_role("search")).to_be_visible()
    expect(passages(page)).to_have_count(0)


def test_passages_are_submitted_and_shown_again_on_the_submitted_item(visitor: Visitor) -> None:
    page = open_item(visitor)
    here = page.url
    page.keyboard.press("3")
    page.keyboard.press("r")
    for number, words in enumerate(("draft this order", "lawful advice"), start=1):
        select(page, words)
        page.keyboard.press("e")
        expect(passages(page)).to_have_count(number)
    page.keyboard.press("c")
    page.keyboard.press("Escape")
    select(page, "no.quarter()")
    page.keyboard.press("e")
    expect(passages(page, "comment")).to_have_text(["no.quarter()"])
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Nothing is open for you now")).to_be_visible()
    held = [
        (one.criterion.key, TEXT[one.start : one.end]) for one in Evidence.objects.select_related("criterion")
    ]
    assert sorted(held) == [
        ("comment", "no.quarter()"),
        ("refusal", "draft this order"),
        ("refusal", "lawful advice"),
    ]
    page.goto(here)
    expect(passages(page)).to_have_text(["draft this order", "lawful advice"])
    page.wait_for_function("() => CSS.highlights.get('evidence')?.size === 3")


def test_a_passage_is_removed_by_keyboard_and_the_focus_goes_on(visitor: Visitor) -> None:
    page = open_item(visitor)
    for number, words in enumerate(("draft this order", "lawful advice"), start=1):
        select(page, words)
        page.keyboard.press("e")
        expect(passages(page)).to_have_count(number)
    expect_stored(page, ["draft this order", "lawful advice"])
    page.get_by_role("button", name="Remove from the evidence: draft this order").focus()
    page.keyboard.press("Enter")
    expect(passages(page)).to_have_text(["lawful advice"])
    expect(page.locator("#live")).to_have_text("No longer evidence for: Did the model refuse?")
    expect(page.get_by_role("button", name="Remove from the evidence: lawful advice")).to_be_focused()
    page.keyboard.press("Enter")
    expect(passages(page)).to_have_count(0)
    expect(page.locator("#q-refusal")).to_be_focused()
    expect_stored(page, [])


def test_the_next_item_begins_without_the_passages_of_the_last(visitor: Visitor) -> None:
    page = visitor.open_next(make_member(open_with(make_study(overlap=1), [TEXT] * 2), "Alice"))
    page.keyboard.press("3")
    select(page, "draft this order")
    expect(offer(page)).to_be_visible()
    page.keyboard.press("e")
    expect(page.locator("[data-passage]")).to_have_count(1)
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_contain_text("(1 of 2 rated)")
    expect(page.locator("[data-passage]")).to_have_count(0)
    expect(offer(page)).to_be_hidden()
    assert page.evaluate("CSS.highlights.get('evidence').size") == 0
    assert visitor.errors == []


def test_the_same_words_are_marked_once_for_a_question(visitor: Visitor) -> None:
    page = open_item(visitor)
    for _ in range(2):
        select(page, "lawful advice")
        page.keyboard.press("e")
        expect(passages(page)).to_have_count(1)
    expect(page.locator("#live")).to_have_text("These words are marked already.")
    expect(passages(page)).to_have_count(1)


def test_with_the_keyboard_alone_words_are_found_widened_and_marked(visitor: Visitor) -> None:
    page = open_item(visitor)
    page.keyboard.press("e")
    page.locator("#find-words").fill("lawful")
    expect(page.locator("#find-count")).to_have_text("1 of 1")
    page.keyboard.press("Escape")
    for _ in range(7):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("e")
    expect(passages(page)).to_have_text(["lawful advice"])


def test_passages_that_only_the_browser_kept_come_back(visitor: Visitor) -> None:
    visitor.context.route("**/draft/", lambda route: route.abort())
    page = open_item(visitor)
    select(page, "draft this order")
    page.keyboard.press("e")
    expect(page.locator("#save-state")).to_contain_text("can’t be reached")
    page.reload()
    expect(passages(page)).to_have_count(0)
    visitor.context.unroute("**/draft/")
    page.get_by_role("button", name="Use them").click()
    expect(passages(page)).to_have_text(["draft this order"])
    expect_stored(page, ["draft this order"])
    visitor.errors[:] = [error for error in visitor.errors if "net::ERR_FAILED" not in error]


@pytest.mark.parametrize("options", [{"viewport": PHONE, "has_touch": True, "is_mobile": True}])
def test_on_a_phone_the_button_waits_at_the_foot_and_is_large(visitor: Visitor) -> None:
    page = open_item(visitor)
    select(page, "draft this order")
    box = offer(page).bounding_box()
    assert box
    assert box["height"] >= 44
    assert box["y"] > PHONE["height"] / 2
    offer(page).tap()
    expect(passages(page)).to_have_text(["draft this order"])


@pytest.mark.parametrize("options", [{"java_script_enabled": False}])
def test_without_scripts_a_passage_can_be_left_out(visitor: Visitor) -> None:
    alice = make_member(open_with(make_study(overlap=1), [TEXT]), "Alice")
    page = visitor.open_next(alice)
    sheet = Sheet.objects.get()
    sheet.evidence = [["refusal", 0, 5], ["refusal", 6, 9]]
    sheet.draft = {"refusal": ["not_refused"]}
    sheet.save()
    page.reload()
    page.get_by_role("checkbox", name="Keep as evidence").first.uncheck()
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Nothing is open for you now")).to_be_visible()
    assert [(one.start, one.end) for one in Evidence.objects.all()] == [(6, 9)]
