"""The pages of agreement in a real browser: axe finds nothing, nothing runs out of a phone, plots follow the scheme."""

import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from ihlannotate.models.item import Prompt
from ihlannotate.models.study import Study
from ihlannotate.pipeline.annotating import submit
from ihlannotate.pipeline.annotating.evidence import Mark
from tests.browser.conftest import PHONE, Visitor
from tests.browser.test_access import AXE, ON_BOTH, objections, press
from tests.factory import make_member, make_study, make_user, open_with, rate_next, take_sheet
from tests.web.coordinators import NOT_REFUSED

TEXT = "I can't help with that, **because** the law forbids it. " * 20


def divided_study() -> Study:
    """Three annotators of nine items, of three categories; Bob differs on a third of them, with a comment."""
    study = open_with(make_study(overlap=3, repeat_percent=0), [TEXT] * 9)
    for number, prompt in enumerate(Prompt.objects.filter(study=study).order_by("pk")):
        Prompt.objects.filter(pk=prompt.pk).update(category=("weapons", "occupation", "relief")[number % 3])
    alice, bob, third = (make_member(study, name, role="annotator") for name in ("Alice", "Bob", "Dora"))
    for number in range(9):
        rate_next(alice)
        rate_next(third, NOT_REFUSED if number == 8 else {"refusal": ["refused"], "helpfulness": ["2"]})
        sheet = take_sheet(bob)
        said = {"refusal": ["partly_refused"], "helpfulness": ["1"], "comment": ["It gives part of it."]}
        answers = said if number < 3 else {"refusal": ["refused"], "helpfulness": ["1"]}
        submit(sheet, answers=answers, submission=uuid.uuid4(), evidence=[Mark("refusal", 2, 12)])
    return study


def coordinator(visitor: Visitor, study: Study) -> str:
    """Carol is signed in; the address of the study."""
    make_member(study, "Carol")
    visitor.sign_in(make_user("Carol"))
    return f"{visitor.site}/studies/{study.slug}"


def agreement_pages(visitor: Visitor, page: Page) -> Iterator[str]:
    home = coordinator(visitor, divided_study())
    for path in ("agreement/", "agreement/refusal/", "agreement/helpfulness/"):
        page.goto(f"{home}/{path}")
        page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
        yield path
    page.goto(f"{home}/disagreements/refusal/")
    page.locator("article summary").first.click()
    expect(page.locator("article .prose").first).to_be_visible()
    page.evaluate("scrollTo(0, 0)")  # the line at the top would cover a part of what axe measures
    yield "divided items"
    page.get_by_label("Gap in the rubric").first.check()
    page.get_by_label("Note (optional)").first.fill("Partly?")
    press(page, page.get_by_role("button", name="Save").first)
    expect(page.get_by_label("Gap in the rubric").first).to_be_checked()
    page.evaluate("scrollTo(0, 0)")
    yield "a tagged item"
    page.goto(f"{home}/disagreements/refusal/?cause=slip")
    yield "no item with this tag"
    page.goto(f"{home}/disagreements/")
    yield "the report of tags"


def empty_pages(visitor: Visitor, page: Page) -> Iterator[str]:
    home = coordinator(visitor, open_with(make_study(), 1))
    for path in ("agreement/", "agreement/refusal/", "disagreements/", "disagreements/refusal/"):
        page.goto(f"{home}/{path}")
        yield path


@pytest.mark.rendering
@pytest.mark.parametrize("options", ON_BOTH, ids=["desk", "phone"])
@pytest.mark.parametrize("walk", [agreement_pages, empty_pages], ids=lambda walk: walk.__name__)
def test_axe_finds_nothing_to_object_to(visitor: Visitor, walk: object) -> None:
    visitor.context.add_init_script(AXE)
    assert objections(visitor, walk) == {}


@pytest.mark.rendering
@pytest.mark.parametrize("options", [{"viewport": PHONE}])
def test_nothing_runs_out_of_a_phone_and_plots_are_as_large_as_their_text(visitor: Visitor) -> None:
    page = visitor.page()
    for name in agreement_pages(visitor, page):
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name
        for plot in page.locator("svg.plot-narrow").all():
            box, view = plot.bounding_box(), plot.get_attribute("viewBox")
            assert box
            assert view
            assert box["width"] >= 0.95 * float(view.split()[2])
        expect(page.locator("svg.plot-wide:visible")).to_have_count(0)


@pytest.mark.rendering
def test_a_plot_is_drawn_once_and_printed_on_white(visitor: Visitor) -> None:
    home = coordinator(visitor, divided_study())
    page = visitor.page()
    page.emulate_media(color_scheme="dark")
    page.goto(f"{home}/agreement/")
    expect(page.locator("svg.plot:visible")).to_have_count(1)
    ink = "getComputedStyle(document.querySelector('svg.plot-wide .fill-ink')).fill"
    on_screen = page.evaluate(ink)
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(ink) != on_screen
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    expect(page.locator("svg.plot:visible")).to_have_count(1)
