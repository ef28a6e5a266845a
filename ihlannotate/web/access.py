"""Who may see a page: each view begins with one of these. What is not yours does not exist (404)."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from ihlannotate.models.assignment import Sheet
from ihlannotate.models.study import Membership, Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.annotating import sheet_of
from ihlannotate.pipeline.roles import role_in
from ihlannotate.web.held import can_hold, held, page_behind

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def signed_in(view: View[P]) -> View[P]:
    """Let only people who are signed in reach a view; the others sign in first and come back.

    A script's request (htmx, autosave) cannot follow to the sign-in page: it gets 401 and a line that says so. A
    form that was sent without scripts gets 401 and a page that holds it.
    """

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.headers.get("HX-Request"):
            return _signed_out(request)
        if can_hold(request):
            return held(request, status=401)
        return redirect_to_login(page_behind(request))

    return guarded


def _signed_out(request: HttpRequest) -> HttpResponse:
    response = render(request, "annotate/_signed_out.html", {"next": page_behind(request)}, status=401)
    response["HX-Retarget"] = "#form-notice"
    response["HX-Reswap"] = "innerHTML"
    return response


def person(request: HttpRequest) -> User:
    """The person who is signed in, behind `signed_in`."""
    assert isinstance(request.user, User)
    return request.user


def annotator_in(request: HttpRequest, study_code: str) -> Membership:
    """The person's membership as an annotator of the study with this code; 404 for everybody else."""
    return _member(request, role=Membership.Role.ANNOTATOR, study__code=study_code)


def adjudicator_in(request: HttpRequest, study_code: str) -> Membership:
    """The person's membership as an adjudicator of the study with this code; 404 for everybody else."""
    return _member(request, role=Membership.Role.ADJUDICATOR, study__code=study_code)


def _member(request: HttpRequest, **where: Any) -> Membership:
    members = Membership.objects.select_related("study__rubric", "user")
    member = members.filter(user=person(request), **where).first()
    if member is None:
        raise Http404
    return member


def coordinator_in(request: HttpRequest, slug: str) -> Study:
    """The study with this slug, for its coordinators; for a superuser too, unless they have another role there.

    404 for everybody else.
    """
    study = Study.objects.select_related("rubric").filter(slug=slug).first()
    if study is None:
        raise Http404
    if role_in(person(request), study) == Membership.Role.COORDINATOR:
        return study
    raise Http404


def sheet_in(member: Membership, code: str) -> Sheet:
    """The annotator's own sheet with this code; 404 for anything else, be it nobody's or another's."""
    sheet = sheet_of(member, code)
    if sheet is None:
        raise Http404
    return sheet
