"""The first page after signing in: a person's studies, by what they do there."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.annotating import Progress, progress_of
from ihlannotate.web.access import person, signed_in

Role = Membership.Role


@dataclass(frozen=True)
class StudyCard:
    """One study on the first page. `progress` is an annotator's own."""

    title: str
    state: str
    is_open: bool
    url: str
    progress: Progress | None = None


@signed_in
def home(request: HttpRequest) -> HttpResponseBase:
    members = list(
        Membership.objects.filter(user=person(request)).select_related("study").order_by("-study__created_at")
    )
    if len(members) == 1 and members[0].role == Role.ANNOTATOR and not person(request).is_superuser:
        return redirect("annotate:study", members[0].study.code)
    sections = {role: [_card(one) for one in members if one.role == role] for role in Role}
    if person(request).is_superuser:
        others = Study.objects.exclude(memberships__in=members).order_by("-created_at")
        sections[Role.COORDINATOR] += [_coordinated(study) for study in others]
    for cards in sections.values():
        cards.sort(key=lambda card: not card.is_open)
    return render(
        request,
        "home.html",
        {
            "annotating": sections[Role.ANNOTATOR],
            "adjudicating": sections[Role.ADJUDICATOR],
            "coordinating": sections[Role.COORDINATOR],
        },
    )


def _card(member: Membership) -> StudyCard:
    study = member.study
    if member.role == Role.COORDINATOR:
        return _coordinated(study)
    if member.role == Role.ADJUDICATOR:
        return StudyCard(
            study.title, str(study.state.label), study.is_open, reverse("adjudicate:study", args=[study.code])
        )
    url = reverse("annotate:study", args=[study.code])
    return StudyCard(study.title, str(study.state.label), study.is_open, url, progress_of(member))


def _coordinated(study: Study) -> StudyCard:
    return StudyCard(
        study.title, str(study.state.label), study.is_open, reverse("coordinate:study", args=[study.slug])
    )
