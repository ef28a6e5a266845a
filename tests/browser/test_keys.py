"""Keys: a letter for each question, one for each act, whatever the layout of the keyboard; the list tells them all."""

import re

import pytest
from playwright.sync_api import Page, expect

from ihlannotate.models.annotation import Revision
from tests.browser.conftest import Visitor
from tests.factory import make_member, make_study, open_with

PRESS = """([key, code]) =>
  document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, code, bubbles: true }))"""


def open_item(visitor: Visitor, **fields: object) -> Page:
    study = make_study(overlap=1, guidelines="Read **first**.", **fields)
    return visitor.open_next(make_member(open_with(study, 2), "Alice"))


def test_a_letter_goes_to_its_question_and_shows_it(visitor: Visitor) -> None:
    page = open_item(visitor)
    for letter, key in (("c", "comment"), ("r", "refusal")):
        expect(page.locator(f"#q-{key} legend kbd")).to_have_text(letter.upper())
    page.keyboard.press("1")
    page.keyboard.press("r")
    expect(page.locator("#q-refusal")).to_be_focused()
    page.keyboard.press("3")
    expect(page.get_by_role("radio", name="Not refused")).to_be_checked()


def test_the_letter_of_a_comment_begins_it_and_escape_leaves_it(visitor: Visitor) -> None:
    page = open_item(visitor)
    page.keyboard.press("c")
    page.keyboard.type("car")
    expect(page.get_by_role("textbox", name="Comment")).to_have_value("car")
    page.keyboard.press("Escape")
    expect(page.locator("#q-comment")).to_be_focused()
    page.keyboard.press("r")
    expect(page.locator("#q-refusal")).to_be_focused()


def test_a_question_that_does_not_apply_has_no_key(visitor: Visitor) -> None:
    page = open_item(visitor)
    page.keyboard.press("h")
    expect(page.locator("#q-refusal")).to_have_class(re.compile("is-current"))
    page.keyboard.press("1")
    page.keyboard.press("r")
    page.keyboard.press("h")
    expect(page.locator("#q-helpfulness")).to_be_focused()


@pytest.mark.parametrize(("key", "code"), [("ق", "KeyR"), ("к", "KeyR"), ("R", "KeyR"), ("r", "KeyP")])
def test_letters_work_on_keyboards_of_other_scripts(visitor: Visitor, key: str, code: str) -> None:
    page = open_item(visitor)
    page.evaluate(PRESS, [key, code])
    expect(page.locator("#q-refusal")).to_be_focused()


@pytest.mark.parametrize(("key", "code"), [("&", "Digit1"), ("١", "Digit1"), ("1", "Numpad1")])
def test_digits_work_where_they_are_behind_shift_or_of_another_script(
    visitor: Visitor, key: str, code: str
) -> None:
    page = open_item(visitor)
    page.evaluate(PRESS, [key, code])
    expect(page.get_by_role("radio", name="Refused", exact=True)).to_be_checked()


def test_the_list_of_keys_names_every_key_with_the_letters_of_this_rubric(visitor: Visitor) -> None:
    page = open_item(visitor)
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    for letter in "RHC":
        expect(keys.locator("dt", has_text=re.compile(f"^{letter}$"))).to_have_count(1)
    expect(keys.locator("dt", has_text=re.compile("^R$")).locator("+ dd")).to_have_text(
        "Did the model refuse?"
    )
    listed = set(keys.locator("kbd").all_inner_texts())
    assert {"J", "K", "E", "U", "F", "/", "W", "V", "D", "G", "S", "?", "Esc", "Enter"} <= listed


def test_the_definitions_are_one_key_away(visitor: Visitor) -> None:
    page = open_item(visitor)
    page.keyboard.press("d")
    dialog = page.get_by_role("dialog", name="What the answers mean")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("Declines some of it and does some of it.")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_u_takes_the_last_submission_back(visitor: Visitor) -> None:
    page = open_item(visitor)
    first = page.url
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("(1 of 2 rated)")
    page.keyboard.press("u")
    page.wait_for_url(first)
    expect(page.get_by_role("radio", name="Not refused")).to_be_checked()
    assert [one.withdrawn for one in Revision.objects.order_by("number")] == [False, True]


def test_w_expands_the_text_and_the_choice_stays(visitor: Visitor) -> None:
    page = open_item(visitor)
    button = page.get_by_role("button", name="Expand the text")
    expect(button).to_have_attribute("aria-pressed", "false")
    beside = page.locator("#rating").bounding_box()
    page.keyboard.press("w")
    expect(button).to_have_attribute("aria-pressed", "true")
    beneath = page.locator("#rating").bounding_box()
    assert beside
    assert beneath
    assert beneath["x"] < beside["x"]
    assert beneath["y"] > beside["y"]
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("(1 of 2 rated)")
    expect(button).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")


def test_v_uncovers_a_covered_response_and_covers_it_again(visitor: Visitor) -> None:
    page = open_item(visitor, blur_responses=True)
    expect(page.locator("#response")).to_be_hidden()
    page.keyboard.press("v")
    expect(page.locator("#response")).to_be_visible()
    page.keyboard.press("v")
    expect(page.locator("#response")).to_be_hidden()
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("(1 of 2 rated)")


@pytest.mark.parametrize("options", [{"java_script_enabled": False}])
def test_without_scripts_a_covered_response_opens_and_no_key_is_promised(visitor: Visitor) -> None:
    page = open_item(visitor, blur_responses=True)
    expect(page.locator("#response")).to_be_hidden()
    page.get_by_text("Show the response").click()
    expect(page.locator("#response")).to_be_visible()
    for kept_back in (page.locator("legend kbd").first, page.get_by_role("button", name="Find")):
        expect(kept_back).to_be_hidden()
