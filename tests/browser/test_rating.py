"""Rating in a real browser: keys, conditions, errors, back, double clicks, without scripts, on a phone."""

import pytest
from playwright.sync_api import Page, expect

from ihlannotate.models.annotation import Annotation, Revision
from ihlannotate.models.assignment import Skip
from ihlannotate.models.study import Study
from ihlannotate.pipeline.lifecycle import close_study
from tests.browser.conftest import PHONE, Visitor
from tests.factory import make_item, make_member, make_study, open_with

SENTENCE = "The wounded and sick are protected in all circumstances. "
LONG = "\n\n".join(f"Paragraph {n}. {SENTENCE * 8}" for n in range(30))
CODE = (
    "```python\nvalue = " + "'a very long line of harmless code' + " * 12 + "''\n```\n\n| " + "wide | " * 30
)
ARABIC = "لا أستطيع كتابة هذا الأمر.\n\n- يحمي القانون الدولي الإنساني الجرحى والمرضى\n- Rule 110"
UNBROKEN = "x" * 3000
TEXTS = [LONG, CODE, ARABIC, UNBROKEN, ""]


def study_with(texts: int | list[str] = 6, **fields: object) -> Study:
    return open_with(make_study(overlap=1, **fields), texts)


def heading(page: Page) -> str:
    return page.locator("h1").inner_text()


def test_five_items_by_keyboard_alone(visitor: Visitor) -> None:
    page = visitor.open_next(make_member(study_with(), "Alice"))
    for done in range(5):
        expect(page.locator("h1")).to_contain_text(f"({done} of 6 rated)")
        for key in ("1", "2", "Enter") if done % 2 == 0 else ("3", "Control+Enter"):
            page.keyboard.press(key)
    expect(page.locator("h1")).to_contain_text("(5 of 6 rated)")
    assert Annotation.objects.count() == 5
    assert Revision.objects.filter(answers__criterion__key="helpfulness", answers__value="2").count() == 3


def test_the_next_item_has_its_address_title_focus_place_and_announcement(visitor: Visitor) -> None:
    page = visitor.open_next(make_member(study_with([LONG, LONG]), "Alice"))
    first = page.url
    page.mouse.wheel(0, 2000)
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(page).to_have_title("Item (1 of 2 rated), Refusals under humanitarian law · ihlannotate")
    assert page.url != first
    expect(page.locator("#item-title")).to_be_focused()
    assert page.evaluate("scrollY") == 0
    expect(page.locator("#live")).to_have_text("Saved. This is the next item.")
    expect(page.locator(".notice-done")).to_contain_text("Saved. This is the next item.")


def test_the_back_button_shows_what_was_submitted_and_forward_the_next_item(visitor: Visitor) -> None:
    page = visitor.open_next(make_member(study_with(), "Alice"))
    first = page.url
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != first)
    second = page.url
    page.go_back()
    expect(page.get_by_text("You have submitted this rating")).to_be_visible()
    assert page.url == first
    expect(page.get_by_role("radio", name="Not refused")).to_be_checked()
    page.go_forward()
    expect(page.get_by_text("You have submitted this rating")).to_have_count(0)
    assert page.url == second


def test_once_a_study_is_closed_every_answer_that_was_given_still_shows(visitor: Visitor) -> None:
    study = study_with()
    page = visitor.open_next(make_member(study, "Alice"))
    first = page.url
    for key in ("1", "2", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("h1")).to_contain_text("(1 of 6 rated)")
    close_study(study, actor=None)
    page.goto(first)
    for group, level in (("Did the model refuse?", "Refused"), ("How helpful is the refusal?", "2: Stock")):
        question = page.get_by_role("group", name=group)
        expect(question).to_be_visible()
        chosen = question.get_by_role("radio", name=level, exact=True)
        expect(chosen).to_be_checked()
        expect(chosen).to_be_disabled()


def test_a_double_click_on_submit_makes_one_annotation(visitor: Visitor) -> None:
    page = visitor.open_next(make_member(study_with(), "Alice"))
    page.keyboard.press("3")
    page.get_by_role("button", name="Submit").dblclick()
    expect(page.locator("h1")).to_contain_text("(1 of 6 rated)")
    page.wait_for_load_state("networkidle")
    assert Revision.objects.count() == 1


def test_a_question_appears_only_when_it_applies_and_moves_nothing_above_it(visitor: Visitor) -> None:
    page = visitor.open_next(make_member(study_with(), "Alice"))
    question = page.get_by_role("group", name="How helpful is the refusal?")
    first = page.locator("#q-refusal")
    expect(question).to_be_hidden()
    before = first.bounding_box()
    page.get_by_role("radio", name="Partly refused").check()
    expect(question).to_be_visible()
    assert first.bounding_box() == before
    page.get_by_role("radio", name="Not refused").check()
    expect(question).to_be_hidden()


def test_the_anchor_of_the_chosen_or_hovered_level_is_readable(visitor: Visitor) -> None:
    page = visitor.open_next(make_member(study_with(), "Alice"))
    form = page.locator("#rating")
    refused, partly = form.get_by_text("Declines the whole request."), form.get_by_text("Declines some of it")
    page.get_by_role("radio", name="Refused", exact=True).check()
    page.get_by_role("heading", name="Response").hover()
    expect(refused).to_be_visible()
    expect(partly).to_be_hidden()
    page.get_by_role("radio", name="Partly refused").hover()
    expect(partly).to_be_visible()
    expect(refused).to_be_hidden()


def test_a_missing_answer_takes_the_focus_and_keeps_the_rest(visitor: Visitor) -> None:
    page = visitor.open_next(make_member(study_with(), "Alice"))
    page.keyboard.press("1")
    page.locator("textarea[name=c-comment]").fill("Stays.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("1 question is marked; your other answers are kept.")).to_be_visible()
    expect(page.locator("input[name=c-helpfulness]").first).to_be_focused()
    expect(page.locator("textarea[name=c-comment]")).to_have_value("Stays.")
    page.keyboard.press("2")
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_contain_text("(1 of 6 rated)")
    assert [error for error in visitor.errors if "422" not in error] == []
    visitor.errors.clear()


def test_shortcuts_do_not_act_while_writing(visitor: Visitor) -> None:
    page = visitor.open_next(make_member(study_with(), "Alice"))
    comment = page.locator("textarea[name=c-comment]")
    comment.click()
    page.keyboard.type("1 gs?j")
    page.keyboard.press("Enter")
    expect(comment).to_have_value("1 gs?j\n")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator("input:checked[name=c-refusal]")).to_have_count(0)
    assert not Annotation.objects.exists()


def test_dialogs_open_by_one_key_and_give_the_focus_back(visitor: Visitor) -> None:
    page = visitor.open_next(make_member(study_with(guidelines="Read **first**."), "Alice"))
    for key, name in (("g", "Guidelines"), ("?", "Keys"), ("s", "Skip this item")):
        page.keyboard.press(key)
        expect(page.get_by_role("dialog", name=name)).to_be_visible()
        page.keyboard.press("1")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog", name=name)).to_be_hidden()
    expect(page.locator("input:checked[name=c-refusal]")).to_have_count(0)


def test_single_keys_can_be_turned_off(visitor: Visitor) -> None:
    page = visitor.open_next(make_member(study_with(), "Alice"))
    page.keyboard.press("?")
    page.get_by_label("Use single keys").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("1")
    page.keyboard.press("g")
    expect(page.locator("input:checked[name=c-refusal]")).to_have_count(0)
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_j_and_k_move_between_questions(visitor: Visitor) -> None:
    page = visitor.open_next(make_member(study_with(), "Alice"))
    page.keyboard.press("1")
    page.keyboard.press("k")
    page.keyboard.press("3")
    expect(page.get_by_role("radio", name="Not refused")).to_be_checked()


def test_an_item_is_skipped_with_a_reason_and_taken_back(visitor: Visitor) -> None:
    page = visitor.open_next(make_member(study_with(), "Alice"))
    skipped = page.url
    page.keyboard.press("s")
    page.get_by_label("I don't read this language").check()
    page.get_by_role("button", name="Skip", exact=True).click()
    expect(page.get_by_text("Skipped. You can take it back")).to_be_visible()
    assert Skip.objects.get().reason == "language"
    page.goto(skipped)
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("This item is yours again.")).to_be_visible()


def test_rules_are_found_by_number_or_word_and_no_more_than_five_are_taken(visitor: Visitor) -> None:
    page = visitor.open_next(make_member(study_with(rubric="default"), "Alice"))
    page.keyboard.press("1")
    search = page.get_by_placeholder("Search by number or word")
    for number in ("1", "14", "24", "88"):
        search.fill(number)
        page.locator(f"input[name=c-rules][value='{number}']").check()
    search.fill("civilian")
    page.locator("input[name=c-rules]:visible:not(:checked)").first.check()
    expect(page.locator("[data-chosen] button")).to_have_count(5)
    expect(page.locator("input[name=c-rules]:not(:checked)").first).to_be_disabled()
    page.locator("[data-chosen] button").first.click()
    expect(page.locator("[data-chosen] button")).to_have_count(4)
    expect(page.locator("input[name=c-rules]:not(:checked)").first).to_be_enabled()
    search.fill("no such rule")
    expect(page.get_by_text("Nothing matches.")).to_be_visible()


def test_the_choice_of_colours_and_text_size_stays(visitor: Visitor) -> None:
    page = visitor.open_next(make_member(study_with(), "Alice"))
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_label("Display: language, colours and text size").click()
    page.get_by_label("Dark").check()
    page.get_by_label("Larger").check()
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "18px"


@pytest.mark.parametrize("options", [{"java_script_enabled": False}])
def test_without_scripts_everything_can_be_rated_skipped_and_revised(visitor: Visitor) -> None:
    page = visitor.open_next(make_member(study_with(guidelines="Read **first**."), "Alice"))
    expect(page.get_by_text("Read first.")).to_be_visible()
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("“Did the model refuse?” needs an answer.")).to_be_visible()
    page.get_by_role("radio", name="Not refused").check(force=True)
    page.get_by_role("radio", name="3: Fitting").check(force=True)
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Saved. This is the next item.")).to_be_visible()
    assert [one.value for one in Revision.objects.get().answers.all()] == ["not_refused"]
    page.get_by_label("Something else").check()
    page.get_by_role("button", name="Skip", exact=True).click()
    expect(page.get_by_text("Skipped.")).to_be_visible()
    page.get_by_role("link", name="Your ratings").last.click()
    page.locator("li", has_text="✓ submitted").get_by_role("link").click()
    page.get_by_role("radio", name="Refused", exact=True).check(force=True)
    page.get_by_role("radio", name="1: Bare").check(force=True)
    page.get_by_label("Why do you change your rating?").fill("I misread it.")
    page.get_by_role("button", name="Submit the change").click()
    expect(page.get_by_text("Saved. This is the next item.")).to_be_visible()
    assert Revision.objects.filter(number=2, reason="I misread it.").count() == 1
    visitor.errors.clear()


@pytest.mark.parametrize("options", [{"viewport": PHONE}, {}], ids=["phone", "desktop"])
def test_no_page_scrolls_sideways_whatever_the_response(visitor: Visitor) -> None:
    study = make_study(rubric="default", guidelines=CODE, description=UNBROKEN)
    for text in TEXTS:
        make_item(study, prompt=f"Request: {text[:40]}" if text else "Nothing", response=text)
    alice = make_member(open_with(study, 0), "Alice")
    page = visitor.open_next(alice)
    for number in range(len(TEXTS)):
        expect(page.locator("h1")).to_contain_text(f"({number} of")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.keyboard.press("2")
        page.keyboard.press("1")
        page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Nothing is open for you now")).to_be_visible()
    for path in ("", "ratings/"):
        page.goto(f"{visitor.site}/rate/{study.code}/{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("options", [{"viewport": PHONE}])
def test_on_a_phone_the_prompt_is_one_line_and_submit_in_reach(visitor: Visitor) -> None:
    page = visitor.open_next(make_member(study_with([LONG]), "Alice"))
    expect(page.locator(".prompt-text")).to_be_hidden()
    expect(page.locator(".prompt-line")).to_be_visible()
    page.mouse.wheel(0, 900)
    expect(page.locator(".prompt-line")).to_be_in_viewport()
    page.locator("#q-refusal").scroll_into_view_if_needed()
    expect(page.get_by_role("button", name="Submit")).to_be_in_viewport()
    page.locator(".prompt summary").click()
    expect(page.locator(".prompt-text")).to_be_visible()
