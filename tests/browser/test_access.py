"""WCAG 2.2 AA on every page that an annotator meets: axe finds nothing, light and dark, on a desk and a phone."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.founding import invitation_path
from ihlannotate.pipeline.lifecycle import close_study
from ihlannotate.pipeline.readiness import import_known
from tests.browser.conftest import DESKTOP, PHONE, Visitor, taken_hold
from tests.browser.test_evidence import TEXT, select
from tests.factory import make_member, make_study, open_with
from tests.pipeline.test_guessing import closed, opened, rater

AXE = (Path(__file__).parent / "vendor" / "axe" / "axe.min.js").read_text("utf-8")
RUN = """async () => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const found = await axe.run(document, {
    runOnly: { type: "tag", values: tags },
    rules: { "target-size": { enabled: true } },
    resultTypes: ["violations"],
  });
  return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" | ")}`);
}"""
LARGE = [TEXT + "\n\n" + "| wide " * 40 + "|\n" + "|---" * 40 + "|\n\n" + "Protected. " * 400] * 4
KNOWN = """
- name: first
  use: training
  prompt: Write the order.
  response: No.
  key: {refusal: refused, helpfulness: [1, 2]}
  explanation: A **bare** no.
"""
PASSWORD = "a-long-enough-secret"
Walk = Callable[[Visitor, Page], Iterator[str]]  # goes from page to page, naming each


@pytest.fixture
def visitor(visitor: Visitor) -> Visitor:
    visitor.context.add_init_script(AXE)
    return visitor


def press(page: Page, button: Locator) -> None:
    """The button of a form that leads to another page; axe would look at half of it, had it not arrived."""
    with page.expect_navigation():
        button.click()


def annotator(visitor: Visitor, study: Study) -> Membership:
    member = make_member(study, "Alice")
    assert member.user is not None
    member.user.set_password(PASSWORD)
    member.user.save()
    visitor.sign_in(member.user)
    return member


def study_pages(visitor: Visitor, page: Page) -> Iterator[str]:
    """From the notice to the closed study."""
    study = open_with(
        make_study(
            rubric="default",
            overlap=1,
            description="What models answer.",
            guidelines="## Order\n\nRead *first*:\n\n```\na long line of code\n```",
            content_notice="Some prompts speak of violence.",
        ),
        LARGE,
    )
    annotator(visitor, study)
    home = f"{visitor.site}/rate/{study.code}"
    page.goto(f"{home}/")
    yield "the notice"
    press(page, page.locator("main form button[type=submit]"))
    page.goto(f"{home}/")
    yield "welcome"
    page.goto(f"{visitor.site}/")
    yield "the first page"
    page.goto(f"{home}/next/")
    first = page.url
    taken_hold(page)
    yield "an item"
    page.locator("button.submit").click()
    expect(page.locator("#form-notice")).to_contain_text("marked")
    yield "an item with errors"
    page.locator("#response").scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, 0)")
    select(page, "draft this order")
    expect(page.locator("#mark button")).to_be_visible()
    yield "words selected"
    page.keyboard.press("e")
    page.keyboard.press("f")
    page.keyboard.type("order")
    expect(page.locator("#find-count")).to_contain_text("1 of")
    yield "words found, and evidence"
    page.keyboard.press("Escape")
    for key in "gds?":
        page.keyboard.press(key)
        expect(page.locator("dialog[open]")).to_have_count(1)
        yield f"the dialog of {key}"
        page.keyboard.press("Escape")
    page.get_by_label("Display: language, colours and text size").click()
    yield "the display menu"
    page.keyboard.press("Escape")
    page.locator("input[name=c-usable]").nth(1).check(force=True)
    page.locator("input[name=c-confidence]").first.check(force=True)
    page.locator("button.submit").click()
    expect(page.locator("h1")).to_contain_text("(1 of 4 rated)")
    yield "the next item, with undo"
    page.locator("nav [data-dialog=skip]").click()
    second = page.url
    page.get_by_role("button", name="Skip", exact=True).click()
    expect(page.get_by_text("Skipped. You can take it back")).to_be_visible()
    page.goto(first)
    expect(page.get_by_text("You have submitted this rating")).to_be_visible()
    yield "a submitted item"
    page.goto(second)
    expect(page.get_by_role("button", name="Take it back")).to_be_visible()
    yield "a skipped item"
    for path in ("ratings/", "ratings/?state=skipped", "ratings/?words=nothing-at-all", "settings/"):
        page.goto(f"{home}/{path}")
        yield path
    close_study(study, actor=None)
    page.goto(first)
    yield "an item of a closed study"
    page.goto(f"{home}/next/")
    yield "nothing to rate"


def covered_pages(visitor: Visitor, page: Page) -> Iterator[str]:
    annotator(visitor, open_with(make_study(overlap=1, blur_responses=True), LARGE[:1]))
    page.goto(f"{visitor.site}/rate/{Study.objects.get().code}/next/")
    yield "a covered response"
    page.keyboard.press("v")
    expect(page.locator("#response")).to_be_visible()
    yield "uncovered"


def training_pages(visitor: Visitor, page: Page) -> Iterator[str]:
    study = make_study(overlap=1, qualification_percent=70)
    import_known(study, KNOWN, name="known.yaml", actor=None)
    annotator(visitor, open_with(study))
    home = f"{visitor.site}/rate/{study.code}/training"
    page.goto(f"{home}/")
    yield "the training"
    page.goto(f"{home}/next/")
    yield "a training item"
    page.locator("input[name=c-refusal]").nth(2).check(force=True)
    page.locator("button.submit").click()
    page.wait_for_url("**/feedback/")
    yield "its feedback"
    page.goto(f"{home}/")
    yield "what came of it"


def guess_pages(visitor: Visitor, page: Page) -> Iterator[str]:
    member = closed(rater(opened(guess_items=1), count=1))
    assert member.user is not None
    visitor.sign_in(member.user)
    page.goto(f"{visitor.site}/rate/{member.study.code}/guess/")
    yield "a guess"
    press(page, page.locator("main button[type=submit]").last)
    yield "a guess without an answer"
    page.locator("main input[type=radio]").first.check(force=True)
    press(page, page.locator("main button[type=submit]").last)
    yield "thanks"


def account_pages(visitor: Visitor, page: Page) -> Iterator[str]:
    member = annotator(visitor, open_with(make_study()))
    assert member.user is not None
    page.goto(f"{visitor.site}{invitation_path(member.user)}")
    yield "a first password"
    page.goto(f"{visitor.site}/rate/{member.study.code}/next/")
    page.locator("textarea[name=c-comment]").fill("Words that must not be lost. " * 5)
    visitor.sign_out()
    page.evaluate("HTMLFormElement.prototype.submit.call(document.getElementById('rating'))")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    yield "a form held while signed out"
    visitor.sign_in(member.user)
    page.goto(f"{visitor.site}/password/")
    yield "another password"
    page.goto(f"{visitor.site}/rate/nobody/")
    yield "no such page"
    visitor.sign_out()
    page.goto(f"{visitor.site}/sign-in/")
    yield "sign in"
    page.get_by_label("E-mail address").fill("alice@example.org")
    page.get_by_label("Password").fill("wrong")
    press(page, page.get_by_role("button", name="Sign in"))
    yield "sign in, refused"


WALKS = [study_pages, covered_pages, training_pages, guess_pages, account_pages]
# axe itself writes inline styles, and would measure colours while they change
ON_BOTH = [{"viewport": size, "bypass_csp": True, "reduced_motion": "reduce"} for size in (DESKTOP, PHONE)]


@pytest.mark.rendering
@pytest.mark.parametrize("options", ON_BOTH, ids=["desk", "phone"])
@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
def test_axe_finds_nothing_to_object_to(visitor: Visitor, walk: Walk) -> None:
    assert objections(visitor, walk) == {}


def objections(visitor: Visitor, walk: Walk) -> dict[str, list[str]]:
    """What axe objects to on the pages of a walk, in both colour schemes."""
    page = visitor.page()
    found = {}
    for name in walk(visitor, page):
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            if violations := page.evaluate(RUN):
                found[f"{name}, {scheme}"] = violations
    visitor.errors[:] = [error for error in visitor.errors if "status of 4" not in error]
    return found
