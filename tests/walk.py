"""Every address there is, visited as somebody, leaving no trace: what they were told comes back."""

import io
import itertools
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote, urljoin

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from ihlannotate.models.user import ApiToken, User

Fillers = Mapping[str, Sequence[str]]
Sent = tuple[str, str, frozenset[tuple[str, ...]]]
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")


@dataclass(frozen=True)
class Address:
    """One URL pattern: its name, the space (namespaces) of it, its route as a template."""

    space: str
    name: str
    route: str

    def urls(self, fillers: Fillers) -> Iterator[str]:
        """The route with every combination of values, but other studies (the first parameter's other values) once.

        Fails the test for a parameter that has none.
        """
        parameters = [path or regex for path, regex in PARAMETER.findall(self.route)]
        choices = [self._values(parameter, fillers) for parameter in parameters]
        first = [tuple(values[:1]) for values in choices]
        ours = itertools.product(*first[:1], *choices[1:])
        others = itertools.product(*(values[1:] for values in choices[:1]), *first[1:])
        for values in ours if not choices else itertools.chain(ours, others):
            path = self.route
            for value in values:
                path = PARAMETER.sub(quote(value, safe=""), path, count=1)
            yield "/" + path.replace("^", "").replace("$", "")

    def _values(self, parameter: str, fillers: Fillers) -> Sequence[str]:
        for key in (f"{self.space}{parameter}", parameter):
            if key in fillers:
                return fillers[key]
        pytest.fail(
            f"The route {self.route} has the parameter “{parameter}”, and the walk does not know what to put there. "
            f"Add values that exist, under “{self.space}{parameter}”, to `fillers` in tests/secret_world.py."
        )


def addresses(resolver: URLResolver | None = None, *, route: str = "", space: str = "") -> Iterator[Address]:
    """All URL patterns of the project."""
    for one in (resolver or get_resolver()).url_patterns:
        here = route + str(one.pattern)
        if isinstance(one, URLPattern):
            yield Address(space, one.name or here, here)
        else:
            yield from addresses(
                one, route=here, space=f"{space}{one.namespace}:" if one.namespace else space
            )


@dataclass(frozen=True)
class Told:
    """What one request told: where it ended, with which status, and all text of it but the address that was asked."""

    asked: str
    landed: str
    status: int
    text: str
    html: str

    def __str__(self) -> str:
        return f"{self.asked} → {self.status} {self.landed}"


class Visitor:
    """Somebody signed in (or not) who also has an API token, and leaves no trace."""

    def __init__(self, user: User | None) -> None:
        self._client = Client()
        self._cookies: dict[str, str] = {}
        self._headers: dict[str, str] = {}
        self._sent: set[Sent] = set()
        if user:
            self._client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            self._cookies = {name: morsel.value for name, morsel in self._client.cookies.items()}
            self._headers = {"Authorization": f"Bearer {ApiToken.issue(user=user, name='walk')}"}

    def everything(self, url: str) -> Iterator[Told]:
        """What a URL tells on every way to ask: opened, fetched by htmx, sent nothing, and its forms sent.

        Where it only leads to another address, that one's forms are for the visit there. A form that stands on many
        pages, as the one that signs out, is sent from the first: nothing that is sent leaves a trace, so that the same
        request would be told the same again.
        """
        opened = self.ask("get", url)
        yield opened
        yield self.ask("post", url)
        if url.startswith("/api/"):
            yield self.ask("post", url, json=True)
        elif not url.startswith("/admin/"):
            yield self.ask("get", url, htmx=True)
            yield self.ask("post", url, htmx=True)
        for form in forms_of(opened.html) if opened.landed == url else []:
            sent = form.sent_from(url)
            if sent not in self._sent:
                self._sent.add(sent)
                yield self.ask(form.method, urljoin(url, form.action), data=form.data, typed=url)

    def ask(
        self,
        method: str,
        url: str,
        *,
        data: Mapping[str, list[str]] | None = None,
        htmx: bool = False,
        json: bool = False,
        typed: str = "",
    ) -> Told:
        """Send one request and follow where it leads. An echo of the address that was `typed` is no news."""
        self._client.cookies = SimpleCookie(self._cookies)
        headers = self._headers | ({"HX-Request": "true"} if htmx else {})
        kind: dict[str, Any] = {"content_type": "application/json"} if json else {}
        with undone():
            response = getattr(self._client, method)(url, data or {}, follow=True, headers=headers, **kind)
            return _told(url, typed or url, response)


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written to the database inside is forgotten."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _told(asked: str, typed: str, response: Any) -> Told:
    content = _content(response)
    html = content if response.headers.get("Content-Type", "").startswith("text/html") else ""
    trail = [url for url, _status in response.redirect_chain]
    text = "\n".join([*trail, *(f"{name}: {value}" for name, value in response.items()), content])
    for echo in (asked, typed, quote(typed), quote(typed, safe="")):
        text = text.replace(echo, "")
    landed = trail[-1].split("?")[0] if trail else asked
    return Told(asked, landed, response.status_code, text, html)


def _content(response: HttpResponseBase) -> str:
    """A response's text; of a workbook or an archive, the text of all that is packed in it."""
    body = b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined]  # the type of either
    if body.startswith(b"PK\x03\x04"):
        packed = zipfile.ZipFile(io.BytesIO(body))
        files = {name: packed.read(name).decode("utf-8", "replace") for name in packed.namelist()}
        return "\n".join([*files, *files.values()])
    return body.decode("utf-8", "replace")


@dataclass
class Form:
    """A form as a browser would send it when nobody touched it but chose the first of what must be chosen."""

    action: str
    method: str
    data: dict[str, list[str]] = field(default_factory=dict)

    def sent_from(self, url: str) -> Sent:
        """What the server gets of it from a page at this address, but for the token, which is new on every page."""
        given = {(name, *values) for name, values in self.data.items() if name != "csrfmiddlewaretoken"}
        return self.method, urljoin(url, self.action), frozenset(given)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.open: Form | None = None
        self.area = self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.open = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self.open)
        elif self.open is not None and given.get("name"):
            self._control(tag, given, self.open)
        elif tag == "option" and self.open is not None and self.select:
            self.open.data.setdefault(self.select, [given.get("value", "")])

    def _control(self, tag: str, given: Mapping[str, str], form: Form) -> None:
        name = given["name"]
        self.area = name if tag == "textarea" else ""
        self.select = name if tag == "select" else ""
        if tag == "textarea":
            form.data[name] = [""]
        elif tag == "button" or given.get("type") in ("submit", "radio"):
            form.data.setdefault(name, [given.get("value", "")])
        elif given.get("type") == "checkbox":
            if "checked" in given:
                form.data.setdefault(name, []).append(given.get("value", "on"))
        elif tag == "input" and given.get("type") != "file":
            form.data[name] = [given.get("value", "")]

    def handle_data(self, data: str) -> None:
        if self.open is not None and self.area:
            self.open.data[self.area] = [self.open.data[self.area][0] + data]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        if tag in ("textarea", "form"):
            self.area = ""
        if tag in ("select", "form"):
            self.select = ""


def forms_of(html: str) -> list[Form]:
    """The forms of a page."""
    parser = _Forms()
    parser.feed(html)
    return parser.forms
