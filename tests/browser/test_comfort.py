"""Comfort: zoomed, in large text, on touch screens, without motion, in forced colours, from right to left."""

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Visitor
from tests.browser.test_evidence import TEXT, select
from tests.factory import make_member, make_study, open_with

pytestmark = pytest.mark.rendering

ZOOMED = {"width": 640, "height": 450}  # a window of 1280 by 900 at 200 %
LONG = TEXT + "\n\n| wide | " + "cell | " * 20 + "\n\n" + "The wounded are protected. " * 300
INTERACTIVE = "a[href], button, summary, input, select, textarea"
OUTLINES = """() => {
  const look = (one) => ["outlineStyle", "outlineWidth"].map((name) => getComputedStyle(one)[name]).join(" ");
  const ring = document.activeElement.closest(".option > label") ?? document.activeElement;
  return [document.activeElement.outerHTML.slice(0, 80), look(ring)];
}"""
SMALL = """([selector, least]) => [...document.querySelectorAll(selector)]
  .filter((one) => one.checkVisibility({ checkVisibilityCSS: true }) && !one.closest("p, .visually-hidden, .skip-link"))
  .filter((one) => getComputedStyle(one).pointerEvents !== "none")
  .map((one) => one.matches("input") ? one.closest("label") ?? one : one)
  .filter((one) => one.getBoundingClientRect().height < least)
  .map((one) => one.outerHTML.slice(0, 120))"""


def open_item(visitor: Visitor, text: str = LONG, **fields: object) -> Page:
    fields = {"rubric": "default", "guidelines": "Read.", **fields}
    return visitor.open_next(make_member(open_with(make_study(overlap=1, **fields), [text] * 2), "Alice"))


def assert_not_wider(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("size", ["normal", "large", "largest"])
@pytest.mark.parametrize(
    "options", [{"viewport": ZOOMED}, {"viewport": PHONE}, {}], ids=["200 %", "phone", "desk"]
)
def test_in_any_size_nothing_is_cut_off_and_every_control_can_be_reached(visitor: Visitor, size: str) -> None:
    visitor.context.add_init_script(f"localStorage.setItem('ihl:size', '{size}')")
    page = open_item(visitor)
    assert_not_wider(page)
    page.locator("input[name=c-usable]").first.check()
    page.locator("input[name=c-refusal]").first.check()
    for control in page.locator(
        "#rating label:visible, #rating summary:visible, .desk-foot .button:visible"
    ).all():
        control.scroll_into_view_if_needed()
        expect(control).to_be_in_viewport()
    assert_not_wider(page)
    expect(page.locator("button.submit")).to_be_in_viewport()
    for name in ("guidelines", "definitions", "keys", "skip"):
        page.evaluate("(name) => document.querySelector(`[data-dialog=${name}]`).click()", name)
        page.locator("dialog[open] [data-close]").first.scroll_into_view_if_needed()
        expect(page.locator("dialog[open] [data-close]").first).to_be_in_viewport()
        assert_not_wider(page)
        page.keyboard.press("Escape")


def test_the_rubric_stays_usable_beside_a_long_text_in_a_low_window(visitor: Visitor) -> None:
    page = open_item(visitor)
    page.set_viewport_size({"width": 1280, "height": 420})
    page.locator("input[name=c-usable]").first.check()
    page.locator("input[name=c-refusal]").first.check()
    page.mouse.wheel(0, 1500)
    expect(page.locator("button.submit")).to_be_in_viewport()
    comment = page.locator("textarea[name=c-comment]")
    comment.scroll_into_view_if_needed()
    expect(comment).to_be_in_viewport()
    expect(page.locator("button.submit")).to_be_in_viewport()


def test_every_stop_of_the_tab_key_shows_the_focus(visitor: Visitor) -> None:
    page = open_item(visitor)
    select(page, "draft this order")
    page.keyboard.press("e")
    expect(page.locator("[data-passage]")).to_have_count(1)
    page.evaluate("document.activeElement.blur()")
    seen = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        element, outline = page.evaluate(OUTLINES)
        if element.startswith("<body") or element in seen:
            continue
        seen.add(element)
        assert outline == "solid 3px", element
    assert len(seen) > 20


@pytest.mark.parametrize(
    ("options", "least"),
    [({"viewport": PHONE, "has_touch": True, "is_mobile": True}, 44), ({}, 24)],
    ids=["phone", "desk"],
)
def test_targets_are_large_enough_for_a_finger(visitor: Visitor, least: int) -> None:
    page = open_item(visitor)
    page.locator("input[name=c-usable]").first.check()
    page.locator("input[name=c-refusal]").first.check()
    select(page, "draft this order")
    page.keyboard.press("e")
    page.get_by_role("button", name="Find").click()
    for summary in page.locator(".menu > summary, .picker summary").all():
        summary.evaluate("(one) => (one.parentElement.open = true)")
    page.evaluate("document.querySelector('[data-dialog=skip]').click()")
    main = f":is(header, main, dialog[open]) :is({INTERACTIVE})"
    small = page.evaluate(SMALL, [main, least])
    assert small == [], "\n".join(small)


@pytest.mark.parametrize("options", [{"reduced_motion": "reduce"}])
def test_with_reduced_motion_nothing_moves(visitor: Visitor) -> None:
    page = open_item(visitor)
    moving = """[...document.querySelectorAll("*")].filter((one) => {
      const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(one);
      return !/^0s(, 0s)*$/.test(transitionDuration) || animationName !== "none" || scrollBehavior === "smooth";
    }).length"""
    assert page.evaluate(moving) == 0


def test_motion_is_short_where_there_is_any(visitor: Visitor) -> None:
    page = open_item(visitor)
    longest = """Math.max(...[...document.querySelectorAll("*")].flatMap((one) =>
      getComputedStyle(one).transitionDuration.split(", ").map(parseFloat)))"""
    assert page.evaluate(longest) <= 0.15


@pytest.mark.parametrize("options", [{"forced_colors": "active"}])
def test_in_forced_colours_what_is_chosen_still_shows(visitor: Visitor) -> None:
    page = open_item(visitor, rubric="default")
    look = (
        """(one) => ["outlineStyle", "outlineWidth"].map((name) => getComputedStyle(one)[name]).join(" ")"""
    )
    chosen, other = page.locator(".option > label").nth(0), page.locator(".option > label").nth(1)
    page.keyboard.press("1")
    page.keyboard.press("c")
    assert chosen.evaluate(look) == "solid 2px"
    assert other.evaluate(look).startswith("none")
    ring = "(one) => getComputedStyle(one.querySelector('.ring')).backgroundColor"
    assert chosen.evaluate(ring) != other.evaluate(ring)
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    assert page.get_by_role("button", name="Expand the text").evaluate(look).startswith("solid")


def test_in_a_right_to_left_interface_the_mark_of_the_question_is_on_its_right(visitor: Visitor) -> None:
    page = open_item(visitor)
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert_not_wider(page)
    question = page.locator(".question.is-current")
    right = question.evaluate("(one) => getComputedStyle(one, '::before').right")
    left = question.evaluate("(one) => getComputedStyle(one, '::before').left")
    assert float(right.removesuffix("px")) < 0 < float(left.removesuffix("px"))
    box, text = page.locator("#rating").bounding_box(), page.locator(".desk-text").bounding_box()
    assert box
    assert text
    assert box["x"] < text["x"]


def test_only_logical_sides_are_named_in_the_style_sheet() -> None:
    """Left and right are for pieces that never turn: code, which is always written from the left."""
    lines = [
        line.strip() for line in (settings.BASE_DIR / "static" / "app.css").read_text("utf-8").splitlines()
    ]
    sided = [
        line
        for line in lines
        if line.startswith(
            ("left:", "right:", "margin-left", "margin-right", "padding-left", "padding-right")
        )
        or line.startswith(
            ("border-left", "border-right", "text-align: left", "text-align: right", "float: left")
        )
    ]
    assert sided == ["text-align: left;"]


@pytest.mark.parametrize("options", [{"viewport": PHONE}, {}], ids=["phone", "desk"])
def test_what_takes_the_focus_is_not_hidden_by_what_stays_in_place(visitor: Visitor) -> None:
    page = open_item(visitor)
    page.locator("input[name=c-usable]").first.check()
    hidden = """() => {
      const one = document.activeElement.closest(".option > label") ?? document.activeElement;
      const { left, top, width, height } = one.getBoundingClientRect();
      const places = [[0.5, 0.5], [0.5, 0.1], [0.5, 0.9]].map(([x, y]) => [left + x * width, top + y * height]);
      const found = places.map(([x, y]) => document.elementFromPoint(x, y));
      // The prompt's summary lets the mouse by: its block is what is met there.
      const seen = found.some((at) => (at && one.contains(at)) || at === one.parentElement);
      return seen ? "" : one.outerHTML.slice(0, 120);
    }"""
    page.evaluate("document.activeElement.blur()")
    for key in ["Tab"] * 40 + ["Shift+Tab"] * 40:
        page.keyboard.press(key)
        assert page.evaluate(hidden) == ""
