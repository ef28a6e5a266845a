"""A form that cannot be taken now (signed out meanwhile, or too old) is held in the answer, to be sent again.

What was typed is never lost, even without scripts. Nothing of it is kept or logged by the server.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

HOLDING = {"annotate", "adjudicate"}  # the places where people write what must not be lost
# The same among the pages of coordinators
HOLDING_TOO = {"coordinate:tag", "coordinate:settings", "coordinate:verdict_columns"}
LONG = 60  # characters from which a text is shown, so that it can be read and copied


@dataclass(frozen=True)
class Field:
    """One field as it was sent."""

    name: str
    value: str

    @property
    def long(self) -> bool:
        return len(self.value) >= LONG or "\n" in self.value


def can_hold(request: HttpRequest) -> bool:
    """Whether a request is a form of these pages, sent by a page of this site, that can be sent again."""
    match = request.resolver_match
    return (
        request.method == "POST"
        and match is not None
        and (not HOLDING.isdisjoint(match.namespaces) or match.view_name in HOLDING_TOO)
        and not request.FILES
        and not request.headers.get("HX-Request")
    )


def held(request: HttpRequest, *, status: int) -> HttpResponse:
    """The page that holds the form."""
    fields = [
        Field(name, value)
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken"
        for value in values
    ]
    context = {
        "fields": [one for one in fields if not one.long],
        "texts": [one for one in fields if one.long],
        "action": request.path,
        "signed_in": request.user.is_authenticated,
        "next": page_behind(request),
    }
    response = render(request, "annotate/held.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


@dataclass(frozen=True)
class Written:
    """A text that was sent and could not be taken; `title` says what it was written for."""

    title: str
    text: str


def not_taken(request: HttpRequest, *, why: str, written: Sequence[Written], back: str) -> HttpResponse:
    """The answer to a form that no page can show again: it says why, and shows what was written for copying."""
    context = {"why": why, "written": [one for one in written if one.text.strip()], "back": back}
    response = render(request, "annotate/not_taken.html", context, status=409)
    response["Cache-Control"] = "no-store"
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's answer to a form without a valid token; one of ours is held, unless another site has sent it."""
    origin = request.headers.get("Origin", "")
    if can_hold(request) and origin == f"{request.scheme}://{request.get_host()}":
        return held(request, status=403)
    return render(request, "403_csrf.html", status=403)


def page_behind(request: HttpRequest) -> str:
    """The address of the page that a request comes from: the address that a form is sent to cannot be visited."""
    if request.method == "GET" and not request.headers.get("HX-Request"):
        return request.get_full_path()
    came_from = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer", ""))
    return came_from.path if came_from.netloc == request.get_host() else reverse("home")
