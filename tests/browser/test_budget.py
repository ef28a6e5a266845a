"""What the annotator's page costs on the wire."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.staticfiles.storage import staticfiles_storage
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.factory import make_member, make_study, open_with, take_sheet

SENTENCE = "The wounded are protected in all circumstances, and so is who cares for them. "
RESPONSE = "I can't help with that. " + SENTENCE * 30
GUIDELINES = "## Order\n\nRead first, then rate. Ask what the reader holds in the end.\n\n" * 20


@dataclass
class Wire:
    """What was asked for, and bytes, headers included, as the browser counted them."""

    asked: list[str] = field(default_factory=list)
    bytes: int = 0


def wire_of(page: Page) -> Wire:
    wire = Wire()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")

    def sent(event: dict[str, Any]) -> None:
        wire.asked.append(event["request"]["url"])

    def finished(event: dict[str, float]) -> None:
        wire.bytes += int(event["encodedDataLength"])

    session.on("Network.requestWillBeSent", sent)
    session.on("Network.loadingFinished", finished)
    return wire


def test_the_first_load_and_each_further_item_stay_in_their_budgets(visitor: Visitor) -> None:
    study = open_with(
        make_study(rubric="default", overlap=1, guidelines=GUIDELINES), [RESPONSE, RESPONSE + "!"]
    )
    alice = make_member(study, "Alice")
    assert alice.user is not None
    visitor.sign_in(alice.user)
    page = visitor.page()
    wire = wire_of(page)
    page.goto(f"{visitor.site}/rate/{study.code}/{take_sheet(alice).code}/")
    page.wait_for_load_state("networkidle")
    icon = 0 if any("favicon" in url for url in wire.asked) else 1  # not every headless Chromium asks for it
    assert len(wire.asked) + icon <= 8, wire.asked
    assert wire.bytes <= 120_000
    assert wire.bytes >= 20_000, "the count itself must work"

    for key in ("2", "1"):
        page.keyboard.press(key)
    expect(page.locator("#save-state")).to_contain_text("Saved")
    wire.asked.clear()
    wire.bytes = 0
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_contain_text("(1 of 2 rated)")
    page.wait_for_load_state("networkidle")
    assert 1 <= len(wire.asked) <= 2
    assert 1_000 <= wire.bytes <= 25_000


def test_files_are_named_by_their_content_and_kept_for_good(visitor: Visitor) -> None:
    page = visitor.page()
    page.goto(f"{visitor.site}/sign-in/")
    answer = page.request.get(
        visitor.site + staticfiles_storage.url("app.css"), headers={"accept-encoding": "br"}
    )
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "br"
