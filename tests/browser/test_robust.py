"""Whatever happens on the way, each item has exactly one annotation, and what others wrote never runs."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.wsgi import get_wsgi_application
from playwright.sync_api import Page, Route, expect
from waitress import wasyncore
from waitress.server import create_server

from ihlannotate.models.annotation import Annotation, Answer, Revision
from ihlannotate.models.assignment import Sheet
from ihlannotate.models.study import Membership
from tests.browser.conftest import Visitor, taken_hold
from tests.factory import make_member, make_study, open_with

NETWORK = ("net::ERR", "htmx:error", "Failed to fetch")
ATTACKS = [
    "<script>window.ran = 1</script>",
    "<img src=x onerror='window.ran = 1'>",
    "![x](javascript:window.ran=1)",
    "[x](javascript:window.ran=1) <svg onload='window.ran = 1'>",
    "<iframe srcdoc='<script>parent.ran = 1</script>'></iframe>",
    "<style>body { display: none }</style><span data-at=\"0\" onclick='window.ran = 1'>x</span>",
    "<details open ontoggle='window.ran = 1'><summary>x</summary></details>",
    "{{ 7|add:7 }} {% now %} ${window.ran = 1}",
    "```\n</code></pre><script>window.ran = 1</script>\n```",
    "<form action=/sign-out/ method=post><button id=rating name=evidence>x</button></form>",
]


def alice_with(items: int = 3) -> Membership:
    return make_member(open_with(make_study(overlap=1), items), "Alice")


def on_submissions(visitor: Visitor, meet: Callable[[Route], object], *, times: int = 1) -> None:
    """Meet the first submissions. Called before a page opens: an open one may slip a request by."""
    left = [times]

    def handle(route: Route) -> None:
        if route.request.method != "POST" or route.request.url.endswith("/draft/") or not left[0]:
            route.continue_()
            return
        left[0] -= 1
        meet(route)

    visitor.context.route("**/rate/**", handle)


def arrives_without_answer(route: Route) -> None:
    route.fetch()
    route.abort()


def forget_network_errors(visitor: Visitor) -> None:
    visitor.errors[:] = [error for error in visitor.errors if not any(word in error for word in NETWORK)]


def assert_one_annotation() -> None:
    assert Annotation.objects.count() == 1
    assert Revision.objects.count() == 1


@pytest.mark.parametrize(
    "cut", [lambda route: route.abort(), arrives_without_answer], ids=["before", "after"]
)
def test_a_submission_that_is_cut_off_is_sent_again_and_counts_once(
    visitor: Visitor, cut: Callable[[Route], object]
) -> None:
    on_submissions(visitor, cut)
    page = visitor.open_next(alice_with())
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(page.get_by_text("it is not certain that this was submitted")).to_be_visible()
    expect(page.get_by_role("radio", name="Not refused")).to_be_checked()
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_contain_text("(1 of 3 rated)")
    assert_one_annotation()
    forget_network_errors(visitor)


def test_a_reload_after_the_answer_was_lost_shows_the_submission(visitor: Visitor) -> None:
    on_submissions(visitor, arrives_without_answer)
    page = visitor.open_next(alice_with())
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(page.get_by_text("it is not certain that this was submitted")).to_be_visible()
    page.reload()
    expect(page.get_by_text("You have submitted this rating")).to_be_visible()
    expect(page.get_by_role("radio", name="Not refused")).to_be_checked()
    assert_one_annotation()
    forget_network_errors(visitor)


def test_cut_off_after_the_answer_the_next_item_is_there_and_its_draft_stays_in_the_browser(
    visitor: Visitor,
) -> None:
    page = visitor.open_next(alice_with())
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("(1 of 3 rated)")
    visitor.context.set_offline(True)
    page.keyboard.press("3")
    expect(page.locator("#save-state")).to_contain_text("kept in this browser")
    visitor.context.set_offline(False)
    expect(page.locator("#save-state")).to_contain_text("on the server")
    assert Sheet.objects.exclude(draft={}).get().draft == {"refusal": ["not_refused"]}
    assert_one_annotation()
    forget_network_errors(visitor)


def test_two_tabs_on_one_item_conflict_in_drafts_and_make_one_annotation(visitor: Visitor) -> None:
    one = visitor.open_next(alice_with())
    other = visitor.page()
    other.goto(one.url)
    taken_hold(other)
    one.keyboard.press("1")
    expect(one.locator("#save-state")).to_contain_text("on the server")
    other.keyboard.press("3")
    expect(other.locator("#save-state")).to_contain_text("changed in another tab")
    assert Sheet.objects.get().draft == {"refusal": ["refused"]}
    other.keyboard.press("Enter")
    expect(other.locator("h1")).to_contain_text("(1 of 3 rated)")
    one.keyboard.press("2")
    one.keyboard.press("Control+Enter")
    expect(one.locator("#form-notice")).not_to_be_empty()
    expect(one.get_by_role("radio", name="Refused", exact=True)).to_be_checked()
    assert_one_annotation()
    assert Answer.objects.get(live=True).value == "not_refused"
    visitor.errors[:] = [error for error in visitor.errors if "status of 4" not in error]


def test_the_same_answers_from_two_tabs_are_one_submission(visitor: Visitor) -> None:
    one = visitor.open_next(alice_with())
    other = visitor.page()
    other.goto(one.url)
    taken_hold(other)
    for page in (one, other):
        page.keyboard.press("3")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("(1 of 3 rated)")
    assert_one_annotation()


def test_answers_typed_during_a_save_are_not_taken_for_old(visitor: Visitor) -> None:
    page = visitor.open_next(alice_with())
    comment = page.get_by_role("textbox", name="Comment")
    comment.click()
    for number in range(4):
        comment.press_sequentially(f"{number}", delay=20)
        page.wait_for_timeout(900)
    # The line still tells of an earlier save until the last one begins: it is the draft that must come.
    deadline = time.monotonic() + 10
    while Sheet.objects.get().draft != {"comment": ["0123"]} and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert Sheet.objects.get().draft == {"comment": ["0123"]}
    expect(page.locator("#save-state")).to_contain_text("Saved")


@pytest.fixture
def restartable(site: str) -> Iterator[tuple[str, Callable[[], None], Callable[[], None]]]:
    """A server of its own: its address, how it is cut dead, and how it comes back."""
    running: list[tuple[object, threading.Thread]] = []
    port = [0]

    def start() -> None:
        server = create_server(get_wsgi_application(), host="127.0.0.1", port=port[0], threads=2)
        port[0] = server.effective_port
        thread = threading.Thread(target=until_cut, args=(server,), daemon=True)
        thread.start()
        running.append((server, thread))

    def until_cut(server: Any) -> None:
        with contextlib.suppress(OSError):  # it may be waiting on the very sockets that are closed under it
            server.run()

    def kill() -> None:
        server, thread = running.pop()
        wasyncore.close_all(server._map)  # type: ignore[attr-defined]  # every connection, as a crash does
        thread.join(timeout=10)

    start()
    yield f"http://127.0.0.1:{port[0]}", kill, start
    if running:
        kill()


def test_a_server_that_is_killed_and_comes_back_loses_nothing(
    visitor: Visitor, restartable: tuple[str, Callable[[], None], Callable[[], None]]
) -> None:
    visitor.site, kill, start = restartable
    page = visitor.open_next(alice_with())
    page.keyboard.press("1")
    expect(page.locator("#save-state")).to_contain_text("on the server")
    kill()
    page.keyboard.press("2")
    expect(page.locator("#save-state")).to_contain_text("kept in this browser")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("it is not certain that this was submitted")).to_be_visible()
    start()
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_contain_text("(1 of 3 rated)")
    assert_one_annotation()
    assert {one.value for one in Answer.objects.filter(live=True)} == {"refused", "2"}
    forget_network_errors(visitor)


def watched(visitor: Visitor) -> Page:
    page = visitor.page()
    page.on("dialog", lambda dialog: (visitor.errors.append("a dialog opened"), dialog.dismiss()))
    return page


def test_what_others_wrote_never_runs_loads_or_leaves_its_place(visitor: Visitor) -> None:
    text = "\n\n".join(ATTACKS)
    study = open_with(
        make_study(overlap=1, description=text, guidelines=text, content_notice=text), [text, text]
    )
    alice = make_member(study, "Alice")
    assert alice.user is not None
    visitor.sign_in(alice.user)
    page = watched(visitor)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{visitor.site}/rate/{study.code}/")
    page.locator("main form button[type=submit]").click()
    page.goto(f"{visitor.site}/rate/{study.code}/next/")
    here = page.url
    page.locator("input[name=c-refusal]").nth(2).check(force=True)
    page.get_by_role("textbox", name="Comment").fill(text)
    page.locator("button.submit").click()
    expect(page.locator("h1")).to_contain_text("(1 of 2 rated)")
    for path in (here, f"{visitor.site}/rate/{study.code}/ratings/?words=script"):
        page.goto(path)
        expect(page.locator("body")).to_be_visible()
        assert page.evaluate("window.ran") is None
    page.goto(here)
    expect(page.get_by_role("textbox", name="Comment")).to_have_value(text)
    assert page.locator("#response").locator("script, img, iframe, svg, style, form, a").count() == 0
    assert page.locator("#response [onclick], #response [id], #response [style]").count() == 0
    assert page.evaluate("document.querySelector('#rating').tagName") == "FORM"
    assert [url for url in asked if not url.startswith(visitor.site)] == []
