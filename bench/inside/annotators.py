"""Annotators as their browsers act: a session, a form with its token and submission id, posted by htmx."""

import gzip
import re
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from time import perf_counter
from urllib.parse import urlencode

from bench.inside.world import PASSWORD, email, full_answers

MOST_ERRORS = 5
_HIDDEN = '<input type="hidden" name="{}" value="([^"]+)">'


@dataclass(frozen=True)
class Page:
    path: str
    status: int
    headers: Message
    text: str

    def hidden(self, name: str) -> str:
        """The value of a hidden field; empty where the page has none."""
        found = re.search(_HIDDEN.format(name), self.text)
        return found[1] if found else ""


@dataclass
class Work:
    """What annotators saw: seconds of each first page and submission, ids of what was acknowledged, errors."""

    first: list[float] = field(default_factory=list)
    submitting: list[float] = field(default_factory=list)
    acknowledged: list[uuid.UUID] = field(default_factory=list)
    errors: int = 0
    seconds: float = 0.0

    def add(self, other: "Work") -> None:
        self.first += other.first
        self.submitting += other.submitting
        self.acknowledged += other.acknowledged
        self.errors += other.errors


class Browser:
    """One person's connection and cookies."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookies: dict[str, str] = {}

    def get(self, path: str) -> Page:
        """The page at an address, or at the one it leads to."""
        page = self._ask("GET", path, {})
        while page.status in (302, 303):
            page = self._ask("GET", page.headers["Location"], {})
        return page

    def post(self, path: str, fields: Mapping[str, str], *, htmx: bool = False) -> Page:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if htmx:
            headers["HX-Request"] = "true"
        return self._ask("POST", path, headers, urlencode(fields))

    def close(self) -> None:
        self._connection.close()

    def _ask(self, method: str, path: str, headers: Mapping[str, str], body: str | None = None) -> Page:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        sent = {"Accept-Encoding": "gzip", "Cookie": cookies, **headers}
        self._connection.request(method, path, body, sent)
        answer = self._connection.getresponse()
        content = answer.read()
        for line in answer.headers.get_all("Set-Cookie", []):
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        if answer.headers["Content-Encoding"] == "gzip":
            content = gzip.decompress(content)
        return Page(path, answer.status, answer.headers, content.decode())


def work_through(study: str, *, port: int, annotators: int, each: int) -> Work:
    """All annotators at once, each on at most `each` items of the study with this code, or until none is open."""
    browsers = [Browser(port) for _ in range(annotators)]
    for number, browser in enumerate(browsers):
        sign_in(browser, number)
    total = Work()
    answers = {f"c-{key}": value for key, value in full_answers().items()}
    start = perf_counter()
    with ThreadPoolExecutor(annotators) as pool:
        for work in pool.map(lambda browser: _annotate(browser, study, answers, each), browsers):
            total.add(work)
    total.seconds = perf_counter() - start
    for browser in browsers:
        browser.close()
    return total


def sign_in(browser: Browser, number: int) -> Page:
    """Sign the annotator of this number in; where that leads."""
    form = browser.get("/sign-in/")
    fields = {
        "username": email(number),
        "password": PASSWORD,
        "csrfmiddlewaretoken": form.hidden("csrfmiddlewaretoken"),
    }
    answer = browser.post("/sign-in/", fields)
    assert answer.status == 302, f"signing in was answered with {answer.status}"
    return answer


def _annotate(browser: Browser, study: str, answers: Mapping[str, str], each: int) -> Work:
    work = Work()
    page = _first(browser, study, work)
    for _ in range(each):
        submission = page.hidden("submission")
        if not submission or work.errors >= MOST_ERRORS:
            break
        hidden = ("csrfmiddlewaretoken", "submission", "draft_base")
        fields = {**{name: page.hidden(name) for name in hidden}, **answers}
        start = perf_counter()
        answer = browser.post(page.path, fields, htmx=True)
        work.submitting.append(perf_counter() - start)
        if answer.status != 200:
            work.errors += 1
            continue
        work.acknowledged.append(uuid.UUID(submission))
        if "HX-Push-Url" in answer.headers:
            page = Page(answer.headers["HX-Push-Url"], answer.status, answer.headers, answer.text)
        else:
            page = _first(browser, study, work)
    return work


def _first(browser: Browser, study: str, work: Work) -> Page:
    start = perf_counter()
    page = browser.get(f"/rate/{study}/next/")
    work.first.append(perf_counter() - start)
    work.errors += page.status != 200
    return page
