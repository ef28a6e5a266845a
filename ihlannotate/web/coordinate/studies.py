"""The list of studies that a person coordinates, and founding a new one."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from ihlannotate.models.assignment import Assignment
from ihlannotate.models.item import Response
from ihlannotate.models.study import Membership, Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.founding import add_member, default_rubric, found_study, read_rubric_file
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.roles import Role, studies_of
from ihlannotate.pipeline.sampling import SEEN
from ihlannotate.readers.rubric import RubricSpec
from ihlannotate.web.access import person, signed_in
from ihlannotate.web.coordinate.forms import sent

MAX_RUBRIC_BYTES = 1_000_000


@dataclass(frozen=True)
class StudyLine:
    """One study in the list. `percent` of its slots are filled."""

    slug: str
    title: str
    state: Study.State
    responses: int
    annotators: int
    slots: int
    filled: int

    @property
    def percent(self) -> float:
        return 100 * self.filled / self.slots if self.slots else 0.0


def may_found(user: User) -> bool:
    """Whether a person may found studies: superusers, and whoever coordinates one already."""
    return user.is_superuser or user.memberships.filter(role=Role.COORDINATOR).exists()


@require_safe
@signed_in
def studies(request: HttpRequest) -> HttpResponse:
    """The studies that the person coordinates, newest first."""
    mine = [study for study, role in studies_of(person(request)) if role == Role.COORDINATOR]
    if not mine and not may_found(person(request)):
        raise PermissionDenied
    return render(request, "coordinate/studies.html", {"lines": _lines(mine)})


def _lines(studies: list[Study]) -> list[StudyLine]:
    ids = [study.pk for study in studies]
    responses = _by_study(Response.objects.filter(SEEN, study__in=ids))
    rated = Assignment.objects.filter(annotation__isnull=False, leased_until=None)
    filled = _by_study(rated.filter(study__in=ids, occasion=Assignment.FIRST))
    annotators = _by_study(Membership.objects.filter(study__in=ids, role=Role.ANNOTATOR))
    return [
        StudyLine(
            slug=study.slug,
            title=study.title,
            state=study.state,
            responses=responses.get(study.pk, 0),
            annotators=annotators.get(study.pk, 0),
            slots=responses.get(study.pk, 0) * study.overlap,
            filled=filled.get(study.pk, 0),
        )
        for study in studies
    ]


def _by_study(rows: QuerySet[Any]) -> dict[int, int]:
    return dict(rows.values_list("study").annotate(count=Count("pk")).order_by())


class FoundForm(forms.Form):
    """What a new study needs; everything but the title and the name in addresses has a default."""

    title = forms.CharField(max_length=200, label=_("Title"), help_text=_("Annotators see it on every page."))
    slug = forms.SlugField(
        max_length=80,
        label=_("Name in addresses"),
        help_text=_("Small letters, digits and dashes, such as “refusals-2026”. It never changes."),
    )
    description = forms.CharField(
        required=False, label=_("Description"), widget=forms.Textarea(attrs={"rows": 3})
    )
    overlap = forms.IntegerField(
        min_value=1,
        max_value=50,
        initial=3,
        label=_("Annotators for each response (k)"),
        help_text=_("Three let most disagreements be settled by majority; agreement needs at least two."),
    )
    epsilon = forms.FloatField(
        min_value=0,
        max_value=0.99,
        initial=0.2,
        label=_("ε of the alternative annotator test"),
        help_text=_(
            "How much worse a judge may be, because it is cheaper: 0.2 for experts, 0.1 for a crowd. Fixed now."
        ),
        widget=forms.NumberInput(attrs={"step": "0.01"}),
    )
    rubric = forms.FileField(
        required=False,
        label=_("Rubric (a YAML file)"),
        help_text=_("Leave it empty for the refusal and helpfulness rubric that comes with ihlannotate."),
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml"}),
    )
    guidelines = forms.CharField(
        required=False,
        label=_("Guidelines for annotators"),
        help_text=_("Markdown. Annotators can open them beside every item."),
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    content_notice = forms.CharField(
        required=False,
        label=_("Content notice"),
        help_text=_("What annotators should know before the first item; they confirm that they read it."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean_rubric(self) -> RubricSpec:
        """The rubric in the uploaded file, or the default one."""
        file: UploadedFile | None = self.cleaned_data["rubric"]
        if file is None:
            return default_rubric()
        if file.size is None or file.size > MAX_RUBRIC_BYTES:
            raise forms.ValidationError(
                _("This file is larger than any rubric. Choose the YAML file of the rubric.")
            )
        try:
            return read_rubric_file(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise forms.ValidationError(
                _("This file is not UTF-8 text. Save the rubric as UTF-8.")
            ) from error
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def found(request: HttpRequest) -> HttpResponse:
    """Found a study; whoever does so is its first coordinator."""
    if not may_found(person(request)):
        raise PermissionDenied
    form = FoundForm(*sent(request))
    if form.is_valid():
        try:
            study = _found(form, person(request))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("coordinate:study", slug=study.slug)
    status = 422 if form.is_bound else 200
    return render(request, "coordinate/found.html", {"form": form}, status=status)


@transaction.atomic
def _found(form: FoundForm, founder: User) -> Study:
    said = form.cleaned_data
    study = found_study(
        slug=said["slug"],
        title=said["title"],
        spec=said["rubric"],
        overlap=said["overlap"],
        epsilon=said["epsilon"],
        description=said["description"],
        guidelines=said["guidelines"],
        content_notice=said["content_notice"],
        actor=founder,
    )
    add_member(study=study, name=founder.name, email=founder.email, role=Role.COORDINATOR, actor=founder)
    return study
