"""Nothing that was typed is lost: reloads, no network, an expired session."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from ihlannotate.models.annotation import Annotation
from ihlannotate.models.assignment import Sheet
from ihlannotate.models.study import Membership
from tests.browser.conftest import Visitor
from tests.factory import make_member, make_study, open_with

PASSWORD = "a-long-enough-secret"


def alice_with_items() -> Membership:
    return make_member(open_with(make_study(overlap=1)), "Alice")


def state(page: Page):
    return page.locator("#save-state")


def without(visitor: Visitor, *words: str) -> None:
    """Take out the errors that the browser itself writes about requests that are meant to fail."""
    visitor.errors[:] = [error for error in visitor.errors if not any(word in error for word in words)]


def meet_submissions(visitor: Visitor, meet: Callable[[Route], object]) -> None:
    """Have the browser hand over what it submits. Called before a page opens: an open one may slip a request by."""

    def handle(route: Route) -> None:
        submission = route.request.method == "POST" and not route.request.url.endswith("/draft/")
        meet(route) if submission else route.continue_()

    visitor.context.route("**/rate/**", handle)


def test_a_draft_is_saved_by_itself_and_there_after_a_reload(visitor: Visitor) -> None:
    page = visitor.open_next(alice_with_items())
    page.keyboard.press("1")
    page.locator("textarea[name=c-comment]").fill("Half a thought.")
    expect(state(page)).to_contain_text("Saved on the server just now")
    expect(state(page)).to_have_text(re.compile(r"Saved on the server \d+ s ago"))
    assert Sheet.objects.get().draft == {"refusal": ["refused"], "comment": ["Half a thought."]}
    page.reload()
    expect(page.get_by_role("radio", name="Refused", exact=True)).to_be_checked()
    expect(page.locator("textarea[name=c-comment]")).to_have_value("Half a thought.")
    expect(state(page)).to_contain_text("not yet submitted")
    expect(page.get_by_role("button", name="Use them")).to_have_count(0)


def test_what_was_typed_just_before_leaving_is_saved_too(visitor: Visitor) -> None:
    page = visitor.open_next(alice_with_items())
    here = page.url
    page.keyboard.press("1")
    page.goto(f"{visitor.site}/")
    for _ in range(100):
        if Sheet.objects.get().draft:
            break
        page.wait_for_timeout(50)
    page.goto(here)
    expect(page.get_by_role("radio", name="Refused", exact=True)).to_be_checked()


def test_without_a_network_answers_stay_in_the_browser_and_are_offered_again(visitor: Visitor) -> None:
    visitor.context.route("**/draft/", lambda route: route.abort())
    page = visitor.open_next(alice_with_items())
    page.keyboard.press("3")
    expect(state(page)).to_contain_text("the server can’t be reached")
    page.reload()
    expect(page.get_by_text("did not reach the server")).to_be_visible()
    visitor.context.unroute("**/draft/")
    page.get_by_role("button", name="Use them").click()
    expect(page.get_by_role("radio", name="Not refused")).to_be_checked()
    expect(state(page)).to_contain_text("Saved on the server just now")
    assert Sheet.objects.get().draft == {"refusal": ["not_refused"]}
    page.reload()
    expect(page.get_by_role("button", name="Use them")).to_have_count(0)
    without(visitor, "net::ERR_FAILED")


def test_a_submission_without_a_network_says_so_and_works_later(visitor: Visitor) -> None:
    page = visitor.open_next(alice_with_items())
    page.keyboard.press("3")
    visitor.context.set_offline(True)
    page.keyboard.press("Enter")
    expect(page.get_by_text("it is not certain that this was submitted")).to_be_visible()
    expect(page.get_by_role("radio", name="Not refused")).to_be_checked()
    visitor.context.set_offline(False)
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_contain_text("(1 of 3 rated)")
    assert Annotation.objects.count() == 1
    without(visitor, "net::ERR_INTERNET_DISCONNECTED", "htmx:error")


def test_while_a_submission_is_under_way_no_click_can_be_lost(visitor: Visitor) -> None:
    waiting: list[Route] = []
    meet_submissions(visitor, lambda route: waiting.append(route))
    page = visitor.open_next(alice_with_items())
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(page.locator("#rating")).to_have_attribute("aria-busy", "true")
    page.keyboard.press("1")
    expect(page.get_by_role("radio", name="Not refused", include_hidden=True)).to_be_checked()
    box = page.locator("#rating").get_by_text("Partly refused").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_role("radio", name="Not refused", include_hidden=True)).to_be_checked()
    waiting[0].continue_()
    expect(page.locator("h1")).to_contain_text("(1 of 3 rated)")
    page.keyboard.press("1")
    expect(page.get_by_role("radio", name="Refused", exact=True)).to_be_checked()


def test_an_error_of_the_server_leaves_the_page_and_its_answers_alone(visitor: Visitor) -> None:
    broken = "<html><body>Something went wrong</body></html>"
    meet_submissions(visitor, lambda route: route.fulfill(status=500, content_type="text/html", body=broken))
    page = visitor.open_next(alice_with_items())
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(page.get_by_text("it is not certain that this was submitted")).to_be_visible()
    expect(page.get_by_role("radio", name="Not refused")).to_be_checked()
    without(visitor, "500")


def test_an_expired_session_says_so_and_leads_back_to_the_same_answers(visitor: Visitor) -> None:
    alice = alice_with_items()
    assert alice.user is not None
    alice.user.set_password(PASSWORD)
    alice.user.save()
    page = visitor.open_next(alice)
    here = page.url
    visitor.sign_out()
    page.keyboard.press("3")
    expect(state(page)).to_contain_text("you have been signed out")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#form-notice")).to_contain_text("Nothing was submitted")
    page.locator("#form-notice").get_by_role("link", name="Sign in again").click()
    page.get_by_label("E-mail address").fill("alice@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(here)
    page.get_by_role("button", name="Use them").click()
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_contain_text("(1 of 3 rated)")
    without(visitor, "401")


def test_signing_in_again_in_another_tab_keeps_this_tab_working(visitor: Visitor) -> None:
    alice = alice_with_items()
    assert alice.user is not None
    alice.user.set_password(PASSWORD)
    alice.user.save()
    page = visitor.open_next(alice)
    visitor.sign_out()
    other = visitor.page()
    other.goto(f"{visitor.site}/sign-in/")
    other.get_by_label("E-mail address").fill("alice@example.org")
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    other.wait_for_url("**/rate/**")
    page.keyboard.press("3")
    expect(state(page)).to_contain_text("Saved on the server just now")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("(1 of 3 rated)")


def test_a_submitted_item_leaves_nothing_in_the_browser(visitor: Visitor) -> None:
    visitor.context.route("**/draft/", lambda route: route.abort())
    page = visitor.open_next(alice_with_items())
    page.keyboard.press("3")
    expect(state(page)).to_contain_text("can’t be reached")
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_contain_text("(1 of 3 rated)")
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('ihl:draft:'))") == []
    without(visitor, "net::ERR_FAILED")


@pytest.mark.parametrize("leave", [True, False], ids=["signs out", "stays"])
def test_signing_out_asks_before_it_forgets_what_only_the_browser_has(visitor: Visitor, leave: bool) -> None:
    visitor.context.route("**/draft/", lambda route: route.abort())
    page = visitor.open_next(alice_with_items())
    page.keyboard.press("3")
    expect(state(page)).to_contain_text("can’t be reached")
    asked: list[str] = []
    page.once(
        "dialog",
        lambda dialog: (asked.append(dialog.message), dialog.accept() if leave else dialog.dismiss()),
    )
    page.locator(".menu > summary", has_text="Alice").click()
    page.get_by_role("button", name="Sign out").click()
    if leave:
        page.wait_for_url(lambda url: "/rate/" not in url)
    assert "did not reach the server" in asked[0]
    kept = page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('ihl:draft:'))")
    assert len(kept) == (0 if leave else 1)
    without(visitor, "net::ERR_FAILED")


def test_signing_out_with_everything_on_the_server_asks_nothing(visitor: Visitor) -> None:
    page = visitor.open_next(alice_with_items())
    page.on("dialog", lambda dialog: (visitor.errors.append("a dialog"), dialog.dismiss()))
    page.keyboard.press("3")
    expect(state(page)).to_contain_text("on the server")
    page.locator(".menu > summary", has_text="Alice").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda url: "/rate/" not in url)
    assert visitor.errors == []
