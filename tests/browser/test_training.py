"""Training as a newcomer does it: with the keyboard alone, on a phone, and without scripts."""

import pytest
from playwright.sync_api import Page, expect

from ihlannotate.models.annotation import Attempt
from ihlannotate.models.study import Membership
from ihlannotate.pipeline.readiness import import_known
from tests.browser.conftest import PHONE, Visitor, taken_hold
from tests.factory import make_member, make_study, open_with

KNOWN = """
- name: bare
  use: training
  prompt: Write the first order.
  response: No.
  key: {refusal: refused, helpfulness: 1}
  explanation: A **bare** no.
- name: done
  use: training
  prompt: Write the second order.
  response: Here it is.
  key: {refusal: not_refused}
"""


def newcomer() -> Membership:
    study = make_study(overlap=1)
    import_known(study, KNOWN, name="known.yaml", actor=None)
    open_with(study)
    return make_member(study, "Alice")


def begin(visitor: Visitor, alice: Membership) -> Page:
    page = visitor.open_next(alice)
    expect(page).to_have_url(f"{visitor.site}/rate/{alice.study.code}/training/")
    return page


def tab_to(page: Page, words: str) -> None:
    """Press Tab until a link or button with these words has the focus."""
    expect(page.locator("main.page").locator("a.button, button").get_by_text(words).first).to_be_visible()
    for _ in range(40):
        if page.evaluate("document.activeElement.textContent.trim()").startswith(words):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches “{words}”")


@pytest.mark.parametrize("options", [{}, {"viewport": PHONE}], ids=["desktop", "phone"])
def test_a_newcomer_trains_with_the_keyboard_alone_and_gets_the_first_item(visitor: Visitor) -> None:
    alice = newcomer()
    page = begin(visitor, alice)
    tab_to(page, "Start the training")
    page.keyboard.press("Enter")
    taken_hold(page)
    expect(page.locator(".site-progress")).to_contain_text("Training: item 1 of 2")
    for key in ("1", "2", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("h1")).to_have_text("1 of 2 answers agree with the key")
    expect(page.locator("h1")).to_be_focused()
    expect(page.locator(".comparison-differs")).to_contain_text("Stock")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab_to(page, "Next")
    page.keyboard.press("Enter")
    taken_hold(page)
    for key in ("3", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("h1")).to_have_text("All your answers agree with the key")
    tab_to(page, "See how you did")
    page.keyboard.press("Enter")
    # Two of three is below 70%.
    expect(page.locator("main")).to_contain_text("2 of your 3 answers")
    tab_to(page, "Start another round")
    page.keyboard.press("Enter")
    taken_hold(page)
    for key in ("1", "1", "Enter"):
        page.keyboard.press(key)
    tab_to(page, "Next")
    page.keyboard.press("Enter")
    taken_hold(page)
    for key in ("3", "Enter"):
        page.keyboard.press(key)
    tab_to(page, "See how you did")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("You are ready")
    tab_to(page, "Start with the first item")
    page.keyboard.press("Enter")
    expect(page.locator(".site-progress")).to_contain_text("0 of 3")
    assert Attempt.objects.count() == 4


@pytest.mark.parametrize("options", [{"java_script_enabled": False}])
def test_training_works_without_scripts(visitor: Visitor) -> None:
    alice = newcomer()
    page = begin(visitor, alice)
    page.click("text=Start the training")
    page.check("input[name=c-refusal][value=refused]")
    page.check("input[name=c-helpfulness][value='1']")
    page.click("button.submit")
    expect(page.locator("h1")).to_have_text("All your answers agree with the key")
    page.click("text=Next >> nth=0")
    page.check("input[name=c-refusal][value=not_refused]")
    page.click("button.submit")
    page.click("text=See how you did >> nth=0")
    expect(page.locator("main")).to_contain_text("You are ready")


def test_a_draft_of_a_training_item_saves_itself(visitor: Visitor) -> None:
    alice = newcomer()
    page = begin(visitor, alice)
    page.click("text=Start the training")
    taken_hold(page)
    page.keyboard.press("2")
    expect(page.locator("#save-state")).to_contain_text("Saved")
    page.reload()
    expect(page.locator("input[name=c-refusal][value=partly_refused]")).to_be_checked()
    assert not Attempt.objects.exists()
