"""An adjudicator in a real browser: both steps by keyboard and without scripts, evidence in the text, access."""

import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from ihlannotate.models.gold import Adjudication, Opinion
from ihlannotate.models.study import Study
from ihlannotate.pipeline.adjudicating import contested
from ihlannotate.pipeline.annotating import submit
from tests.browser.conftest import Visitor
from tests.browser.test_access import AXE, ON_BOTH, objections, press
from tests.factory import make_member, make_study, make_user, open_with, take_sheet

BARE = {"refusal": ["refused"], "helpfulness": ["1"], "comment": ["It says no."]}
FITTING = {"refusal": ["partly_refused"], "helpfulness": ["3"]}


def divided_study(*, items: int = 2) -> Study:
    """Alice, who marked evidence, and Bob disagree on both questions of each item."""
    study = open_with(make_study(guidelines="Read *twice*."), items)
    alice, bob = make_member(study, "Alice"), make_member(study, "Bob")
    for _item in range(items):
        submit(take_sheet(alice), answers=BARE, submission=uuid.uuid4(), evidence=[("refusal", 0, 7)])
        submit(take_sheet(bob), answers=FITTING, submission=uuid.uuid4())
    return study


def at_step(page: Page, heading: str) -> None:
    """The page of a step has arrived with its scripts: keys that are pressed before they listen are lost."""
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    page.wait_for_load_state("load")


def dana_at(visitor: Visitor, study: Study, page: Page) -> None:
    """Dana at the first contested item."""
    make_member(study, "Dana")
    visitor.sign_in(make_user("Dana"))
    page.goto(f"{visitor.site}/adjudicate/{study.code}/")
    page.get_by_role("link", name="Start with the first").click()
    at_step(page, "What do you say?")


def test_both_steps_are_done_by_keyboard(visitor: Visitor) -> None:
    study, page = divided_study(), visitor.page()
    dana_at(visitor, study, page)
    first = page.url
    page.keyboard.press("1")
    page.keyboard.press("4")
    page.keyboard.press("Control+Enter")
    at_step(page, "Settle it")
    assert list(Opinion.objects.order_by("pk").values_list("value", flat=True)) == ["refused", ""]
    page.keyboard.press("2")
    expect(page.locator("#refusal-reason")).to_be_focused()
    page.keyboard.type("It declines a part.")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("3")
    page.keyboard.type("The reason fits.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".notice-done")).to_contain_text("This is the next contested item.")
    assert page.url != first
    assert list(Adjudication.objects.order_by("pk").values_list("value", "reason")) == [
        ("partly_refused", "It declines a part."),
        ("3", "The reason fits."),
    ]


def test_a_question_that_the_answer_rules_out_goes_away(visitor: Visitor) -> None:
    study, page = divided_study(), visitor.page()
    dana_at(visitor, study, page)
    expect(page.locator("#q-helpfulness")).to_be_hidden()
    page.keyboard.press("3")
    expect(page.locator("#q-helpfulness")).to_be_hidden()
    page.locator("input[name=c-refusal]").nth(3).check(force=True)
    expect(page.locator("#q-helpfulness")).to_be_visible()


def test_evidence_is_marked_in_the_text_and_found_from_its_quotation(visitor: Visitor) -> None:
    study, page = divided_study(), visitor.page()
    dana_at(visitor, study, page)
    assert page.evaluate("CSS.highlights.has('evidence')") is False
    page.keyboard.press("1")
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("link", name="I won't")).to_be_visible()
    page.wait_for_function("() => CSS.highlights.get('evidence')?.size === 1")
    assert page.evaluate("[...CSS.highlights.get('evidence')].map(String).join()") == "I won't"
    page.get_by_role("link", name="I won't").click()
    page.wait_for_function("() => CSS.highlights.get('evidence-now')?.size === 1")


def test_a_note_keeps_the_reason_that_is_half_written(visitor: Visitor) -> None:
    study, page = divided_study(), visitor.page()
    dana_at(visitor, study, page)
    page.keyboard.press("1")
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    page.locator("#refusal-reason").fill("Half a reason")
    page.get_by_label("Your note").fill("What made you say so?")
    page.get_by_role("button", name="Send the note").click()
    expect(page.locator(".remarks")).to_contain_text("What made you say so?")
    expect(page.locator("#refusal-reason")).to_have_value("Half a reason")
    expect(page.get_by_label("Your note")).to_have_value("")


@pytest.mark.parametrize("options", [{"java_script_enabled": False}], ids=["no scripts"])
def test_both_steps_and_a_discussion_work_without_scripts(visitor: Visitor) -> None:
    study, page = divided_study(items=1), visitor.page()
    dana_at(visitor, study, page)
    page.get_by_label("Not refused").first.check(force=True)
    page.get_by_role("button", name="Keep my answers").click()
    at_step(page, "Settle it")
    page.get_by_label("Your note").fill("What made you say so?")
    page.get_by_role("button", name="Send the note").click()
    expect(page.locator(".remarks")).to_contain_text("What made you say so?")
    visitor.sign_in(make_user("Alice"))
    page.goto(f"{visitor.site}/rate/{study.code}/")
    page.locator(".discussed a").click()
    expect(page.get_by_text("so your rating of it stands as it is")).to_be_visible()
    page.get_by_label("Your answer").fill("It says no.")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.locator(".remark-own")).to_contain_text("It says no.")
    visitor.sign_in(make_user("Dana"))
    page.goto(f"{visitor.site}/adjudicate/{study.code}/{contested(study).codes[0]}/")
    expect(page.locator(".remarks")).to_contain_text("It says no.")
    page.locator("input[name=refusal-outcome]").last.check(force=True)
    page.locator("#refusal-reason").fill("Both readings hold.")
    page.get_by_role("button", name="Settle", exact=True).click()
    expect(page.locator(".notice-done")).to_contain_text("The other questions of this item are still open.")
    assert Adjudication.objects.get().value == ""


def adjudicators_pages(visitor: Visitor, page: Page) -> Iterator[str]:
    study = divided_study()
    make_member(study, "Dana")
    visitor.sign_in(make_user("Dana"))
    home = f"{visitor.site}/adjudicate/{study.code}/"
    page.goto(home)
    yield "what is contested"
    page.goto(f"{home}{contested(study).codes[0]}/")
    yield "the first step"
    press(page, page.locator("button.submit"))
    yield "the first step with errors"
    for key in "gd":
        page.keyboard.press(key)
        expect(page.locator("dialog[open]")).to_have_count(1)
        yield f"the dialog of {key}"
        page.keyboard.press("Escape")
    page.locator("input[name=c-refusal]").nth(2).check(force=True)
    press(page, page.locator("button.submit"))
    yield "the second step"
    press(page, page.locator("button.submit"))
    yield "the second step, refused"
    page.locator("#refusal-reason").fill("A reason without an outcome.")
    press(page, page.locator("button.submit"))
    yield "the second step with errors"
    page.get_by_label("Your note").fill("What made you say so?")
    press(page, page.get_by_role("button", name="Send the note"))
    yield "a discussion"
    page.locator("input[name=refusal-outcome]").nth(2).check(force=True)
    press(page, page.locator("button.submit"))
    page.goto(home)
    yield "what is contested, with a discussion"
    page.goto(f"{home}settled/")
    yield "what was settled"
    page.locator("main table a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Settled by you")
    page.get_by_text("Settle it again").click()
    yield "a settled item"
    visitor.sign_in(make_user("Alice"))
    page.goto(f"{visitor.site}/rate/{study.code}/")
    yield "an annotator's discussions"
    page.locator(".discussed a").click()
    expect(page.get_by_label("Your answer")).to_be_visible()
    yield "a discussed item"
    make_member(study, "Carol")
    visitor.sign_in(make_user("Carol"))
    for path in ("", "settled/", "notes/"):
        page.goto(f"{visitor.site}/studies/{study.slug}/adjudication/{path}")
        yield f"the coordinator's adjudication/{path}"


@pytest.mark.rendering
@pytest.mark.parametrize("options", ON_BOTH, ids=["desk", "phone"])
def test_axe_finds_nothing_to_object_to(visitor: Visitor) -> None:
    visitor.context.add_init_script(AXE)
    assert objections(visitor, adjudicators_pages) == {}
