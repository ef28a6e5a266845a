"""The people of a study: roles, aliases, invitation links, stated expertise, and how much is handed out to whom."""

import datetime
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from ihlannotate.models.study import Membership, Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.assigning import pause, resume, set_quota
from ihlannotate.pipeline.founding import MAX_EXPERTISE, add_member, invitation_path, state_expertise
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.roles import Role
from ihlannotate.web.access import coordinator_in, person, signed_in
from ihlannotate.web.coordinate.forms import sent

ROLE_ORDER = (Role.COORDINATOR, Role.ANNOTATOR, Role.ADJUDICATOR)


@dataclass(frozen=True)
class Person:
    """A member of a study. `invitation` is the address of their first sign-in; empty when it is not ours to give.

    `waiting` says that they have no password yet; `imported` that there is no account behind the alias; `rates` that
    they annotate or adjudicate, so that a datasheet speaks of their `expertise`.
    """

    alias: str
    role: str
    name: str
    email: str
    waiting: bool
    imported: bool
    rates: bool
    invitation: str
    expertise: str


@dataclass(frozen=True)
class Annotator:
    """Somebody to whom items are handed out: at most `quota` of them, none while paused."""

    alias: str
    name: str
    quota: int | None
    paused_at: datetime.datetime | None


class PersonForm(forms.Form):
    name = forms.CharField(max_length=200, label=gettext_lazy("Name"))
    email = forms.EmailField(label=gettext_lazy("E-mail address"))
    role = forms.ChoiceField(
        choices=[(Role.ANNOTATOR, Role.ANNOTATOR.label), (Role.ADJUDICATOR, Role.ADJUDICATOR.label),
                 (Role.COORDINATOR, Role.COORDINATOR.label)],
        label=gettext_lazy("Role"),
    )  # fmt: skip
    alias = forms.RegexField(
        r"^[\w .-]+$",
        max_length=40,
        required=False,
        strip=True,
        label=gettext_lazy("Alias"),
        help_text=gettext_lazy(
            "How figures and exports name them; left empty, the next free one such as A4."
        ),
        error_messages={"invalid": gettext_lazy("Use letters, digits, spaces, dots and dashes.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def people(request: HttpRequest, slug: str) -> HttpResponse:
    """Who is in the study; one form adds a person, others change something about one who is there."""
    study = coordinator_in(request, slug)
    if "act" in request.POST:
        return _change(request, study)
    form = PersonForm(*sent(request))
    if form.is_valid():
        try:
            member = add_member(study=study, actor=person(request), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            text = _("%(name)s is in the study as %(alias)s. Send them their invitation link, below.")
            messages.success(request, text % {"name": form.cleaned_data["name"], "alias": member.alias})
            return redirect("coordinate:people", slug=slug)
    context = _page(request, study) | {"form": form}
    return render(request, "coordinate/people.html", context, status=422 if form.is_bound else 200)


def _page(request: HttpRequest, study: Study) -> dict[str, object]:
    everybody = _people(request, study)
    return {
        "study": study,
        "section": "people",
        "people": everybody,
        "raters": [one for one in everybody if one.rates],
        "most_expertise": MAX_EXPERTISE,
        "annotators": _annotators(study),
    }


def _change(request: HttpRequest, study: Study) -> HttpResponse:
    """Change a member's expertise, or how much is handed out to an annotator."""
    member = study.memberships.filter(alias=request.POST.get("alias", "")).first()
    try:
        if member is None:
            raise Refused(_("There is nobody with this alias in the study."))
        messages.success(request, _changed(request, member))
    except Refused as refused:
        context = _page(request, study) | {"form": PersonForm(), "refusal": refused.message}
        return render(request, "coordinate/people.html", context, status=422)
    return redirect("coordinate:people", slug=study.slug)


def _changed(request: HttpRequest, member: Membership) -> str:
    """Do what the form asks for; what was done, in words."""
    act, actor, said = request.POST["act"], person(request), {"alias": member.alias}
    if act == "expertise":
        state_expertise(member=member, text=request.POST.get("expertise", ""), actor=actor)
        return _("What is stated of the expertise of %(alias)s is kept.") % said
    if act == "pause":
        pause(member=member, actor=actor)
        return _("%(alias)s is paused: nothing is handed out to them until they resume.") % said
    if act == "resume":
        resume(member=member, actor=actor)
        return _("%(alias)s gets items again.") % said
    text = request.POST.get("quota", "").strip()
    if act != "quota" or (text and not (text.isascii() and text.isdigit() and len(text) < 10)):
        raise Refused(_("Give the quota as a number of items, or leave it empty for no limit."))
    set_quota(member=member, quota=int(text) if text else None, actor=actor)
    return _("The quota of %(alias)s is set.") % said


def _annotators(study: Study) -> list[Annotator]:
    members = study.memberships.filter(role=Role.ANNOTATOR, user__isnull=False).select_related("user")
    return [
        Annotator(one.alias, one.user.name if one.user else "", one.quota, one.paused_at)
        for one in members.order_by("alias")
    ]


def _people(request: HttpRequest, study: Study) -> list[Person]:
    members = list(study.memberships.select_related("user").order_by("alias"))
    members.sort(key=lambda one: ROLE_ORDER.index(Role(one.role)))
    elsewhere = _in_others_hands(person(request), members)
    return [
        Person(
            alias=one.alias,
            role=one.get_role_display(),
            name=one.user.name if one.user else "",
            email=one.user.email if one.user else "",
            waiting=one.user is not None and not one.user.has_usable_password(),
            imported=one.user is None,
            rates=one.role != Role.COORDINATOR,
            invitation=_invitation(request, one.user, elsewhere),
            expertise=one.expertise,
        )
        for one in members
    ]


def _in_others_hands(coordinator: User, members: list[Membership]) -> set[int]:
    """Users who also belong to studies that this coordinator does not run: their link would open those too."""
    if coordinator.is_superuser:
        return set()
    own = coordinator.memberships.filter(role=Role.COORDINATOR).values("study")
    users = [one.user_id for one in members if one.user_id]
    foreign = Membership.objects.filter(user__in=users).exclude(study__in=own)
    return {user for user in foreign.values_list("user", flat=True) if user is not None}


def _invitation(request: HttpRequest, user: User | None, elsewhere: set[int]) -> str:
    if user is None or user.has_usable_password() or user.is_staff or user.pk in elsewhere:
        return ""
    return request.build_absolute_uri(invitation_path(user))
