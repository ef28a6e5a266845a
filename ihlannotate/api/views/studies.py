"""Which studies there are for the caller, and how far one of them is."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ihlannotate.api.answers import StudiesAnswer, StudyDetailAnswer
from ihlannotate.api.describing import answers, ok
from ihlannotate.api.endpoint import Endpoint, caller, coordinated_study
from ihlannotate.models.study import Study
from ihlannotate.pipeline.assigning import coverage_of
from ihlannotate.pipeline.judging import judges_of
from ihlannotate.pipeline.releasing import latest_release
from ihlannotate.pipeline.roles import Role, studies_of
from ihlannotate.pipeline.tuning import settings_of


class StudyList(Endpoint):
    @extend_schema(
        operation_id="list_studies",
        responses=answers({200: ok(StudiesAnswer, "The studies in which the caller has a role.")}),
    )
    def get(self, request: Request) -> Response:
        """The studies in which the caller has a role, newest first."""
        return Response({"studies": [_line(study, role) for study, role in studies_of(caller(request))]})


class StudyDetail(Endpoint):
    @extend_schema(
        operation_id="get_study",
        responses=answers({200: ok(StudyDetailAnswer, "The study as it stands.")}, 403, 404),
    )
    def get(self, request: Request, slug: str) -> Response:
        """One study with its counts. For its coordinators."""
        study = coordinated_study(request, slug)
        release = latest_release(study)
        return Response(
            {
                **_line(study, Role.COORDINATOR),
                "settings": settings_of(study),
                "rubric": str(study.rubric),
                "rubric_sha256": study.rubric.sha256,
                "judges": judges_of(study),
                "gold_release": release.number if release else None,
                "counts": asdict(coverage_of(study)),
            }
        )


def _line(study: Study, role: Role) -> dict[str, Any]:
    """Slug and overlap would tell raters what the coordinators call this, and how many others rate beside them."""
    leads = role == Role.COORDINATOR
    return {
        "code": study.code,
        "slug": study.slug if leads else None,
        "title": study.title,
        "role": role,
        "state": study.state,
        "overlap": study.overlap if leads else None,
    }
