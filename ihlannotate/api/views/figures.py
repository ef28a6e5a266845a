"""Figures: agreement, the latest gold labels, and a judge held against them."""

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response

from ihlannotate.api.agreement_answers import AgreementAnswer
from ihlannotate.api.answers import GoldAnswer, GoldLabelAnswer, ValidationAnswer
from ihlannotate.api.describing import answers, ok
from ihlannotate.api.endpoint import Endpoint, coordinated_study
from ihlannotate.api.errors import Conflict
from ihlannotate.api.requests import FiguresQuery
from ihlannotate.models.gold import GoldRelease
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import agreement
from ihlannotate.pipeline.judging import judges_of, validate_judge
from ihlannotate.pipeline.releasing import latest_release


class Agreement(Endpoint):
    @extend_schema(
        operation_id="get_agreement",
        parameters=[FiguresQuery],
        responses=answers({200: ok(AgreementAnswer, "The same as `agreement --json`.")}, 400, 403, 404, 422),
    )
    def get(self, request: Request, slug: str) -> Response:
        """How far the annotators agree on each criterion, with prompt-bootstrap intervals. For coordinators."""
        study = coordinated_study(request, slug)
        query = FiguresQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        return Response(agreement(study, **query.arguments()).as_dict())


class LabelPages(PageNumberPagination):
    page_size = 200
    page_size_query_param = "page_size"
    max_page_size = 1000


class Gold(Endpoint):
    @extend_schema(
        operation_id="get_gold",
        parameters=[
            OpenApiParameter("page", OpenApiTypes.INT, description="From 1."),
            OpenApiParameter("page_size", OpenApiTypes.INT, description="Up to 1000; 200 unless told."),
        ],
        responses=answers({200: ok(GoldAnswer, "A page of labels.")}, 403, 404, 409),
    )
    def get(self, request: Request, slug: str) -> Response:
        """The latest gold release, a page of labels at a time. For the study's coordinators."""
        study = coordinated_study(request, slug)
        release = _release_of(study)
        labels = release.labels.select_related("response", "criterion")
        pages = LabelPages()
        shown = pages.paginate_queryset(
            labels.order_by("criterion__position", "response__code"), request, view=self
        )
        assert pages.page is not None
        return Response(
            {
                "study": study.slug,
                "release": release.number,
                "method": release.method,
                "seed": release.seed,
                "sha256": release.sha256,
                "released_at": release.released_at,
                "count": pages.page.paginator.count,
                "next": pages.get_next_link(),
                "previous": pages.get_previous_link(),
                "labels": GoldLabelAnswer(shown, many=True).data,
            }
        )


class Validation(Endpoint):
    @extend_schema(
        operation_id="validate_judge",
        parameters=[FiguresQuery],
        responses=answers(
            {200: ok(ValidationAnswer, "The same as `validate_judge --json`.")}, 400, 403, 404, 409, 422
        ),
    )
    def get(self, request: Request, slug: str, judge: str) -> Response:
        """A judge held against the latest gold release. For the study's coordinators."""
        study = coordinated_study(request, slug)
        if judge not in judges_of(study):
            raise NotFound(_("The study has no judge of this name."))
        _release_of(study)
        query = FiguresQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        return Response(validate_judge(study, judge, **query.arguments()).as_dict())


def _release_of(study: Study) -> GoldRelease:
    release = latest_release(study)
    if release is None:
        raise Conflict(
            _("The study has no gold release yet. Release its gold labels; an open study is closed first.")
        )
    return release
