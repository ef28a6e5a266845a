"""A real Chromium on the real application: waitress, WhiteNoise, the content security policy and all."""

import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.wsgi import get_wsgi_application
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from waitress.server import create_server

from ihlannotate.models.study import Membership
from ihlannotate.models.user import User

CHROMIUM = Path(shutil.which("chromium") or "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here drives a browser over committed data."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        message = "Chromium is missing (apt-get install chromium): the browser tests can't run."
        (pytest.fail if os.environ.get("REQUIRE_BROWSER") == "1" else pytest.skip)(message)
    # Playwright's synchronous interface runs a loop in this thread; the factory's queries here are no danger to it.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield chromium
        chromium.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def site(static_files: None, django_db_setup: None) -> Iterator[str]:
    """The address of the application, served as `manage.py serve` serves it."""
    server = create_server(get_wsgi_application(), host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(timeout=10)


@dataclass
class Visitor:
    """One person's browser: their pages, and what went wrong in them."""

    context: BrowserContext
    site: str
    scripts: bool = True
    errors: list[str] = field(default_factory=list)

    def page(self) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on(
            "console",
            lambda said: self.errors.append(said.text) if said.type in ("error", "warning") else None,
        )
        return page

    def sign_in(self, user: User) -> None:
        """A session as signing in makes it, without the form."""
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": str(session.session_key), "url": self.site}
        self.context.add_cookies([cookie])

    def sign_out(self) -> None:
        self.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)

    def open_next(self, member: Membership) -> Page:
        """The annotator's next item, in a new tab."""
        assert member.user is not None
        self.sign_in(member.user)
        page = self.page()
        page.goto(f"{self.site}/rate/{member.study.code}/next/")
        if self.scripts and page.locator("#rating").count():
            taken_hold(page)
        return page


def taken_hold(page: Page) -> None:
    """Wait until the scripts have hold of a form: before, keys are lost and it submits as without scripts.

    htmx takes hold while the page still loads, the modules of keys and drafts run after it.
    """
    expect(page.locator("#rating")).to_have_attribute("data-htmx-powered", "true")
    page.wait_for_load_state("load")


@pytest.fixture
def options() -> dict[str, object]:
    """How the browser is set up; a test overrides it by parameter."""
    return {}


@pytest.fixture
def visitor(browser: Browser, site: str, options: dict[str, object]) -> Iterator[Visitor]:
    """Somebody with a browser. An error in the console that the test did not take out fails it."""
    context = browser.new_context(**{"viewport": DESKTOP, **options})  # type: ignore[arg-type]  # options vary by test
    visitor = Visitor(context, site, scripts=bool(options.get("java_script_enabled", True)))
    yield visitor
    context.close()
    assert visitor.errors == []
