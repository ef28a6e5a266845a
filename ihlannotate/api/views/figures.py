"""Figures: agreement, the latest gold labels, a judge and its scores held against them, and findings."""

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
from ihlannotate.api.findings_answers import FindingsAnswer
from ihlannotate.api.requests import FiguresQuery, FindingsQuery, ScoresQuery
from ihlannotate.api.score_answers import ScoresAnswer
from ihlannotate.models.gold import GoldRelease
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import agreement, levelled_criteria
from ihlannotate.pipeline.findings import findings
from ihlannotate.pipeline.judging import judges_of, validate_judge
from ihlannotate.pipeline.judging.scores import judge_scores
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
        study = _judged_study(request, slug, judge)
        query = FiguresQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        return Response(validate_judge(study, judge, **query.arguments()).as_dict())


class Scores(Endpoint):
    @extend_schema(
        operation_id="judge_scores",
        parameters=[ScoresQuery],
        responses=answers(
            {200: ok(ScoresAnswer, "The same as `calibrate_judge --json`.")}, 400, 403, 404, 409, 422
        ),
    )
    def get(self, request: Request, slug: str, judge: str, criterion: str) -> Response:
        """A judge's scores on a criterion: as probabilities, maps that mend them, a threshold. For coordinators."""
        study = _judged_study(request, slug, judge)
        if criterion not in [one.key for one in levelled_criteria(study)]:
            raise NotFound(_("“%(key)s” is no question with levels in this study.") % {"key": criterion[:80]})
        query = ScoresQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        return Response(judge_scores(study, judge, criterion, **query.validated_data).as_dict())


class Findings(Endpoint):
    @extend_schema(
        operation_id="get_findings",
        parameters=[FindingsQuery],
        responses=answers(
            {200: ok(FindingsAnswer, "The same as `findings --json`.")}, 400, 403, 404, 409, 422
        ),
    )
    def get(self, request: Request, slug: str) -> Response:
        """Refusal and helpfulness by model and condition, once the study is unblinded. For its coordinators."""
        study = coordinated_study(request, slug)
        if not study.is_unblinded:
            raise Conflict(
                _(
                    "Study “%(slug)s” is not unblinded: findings name models and conditions. Close it, "
                    "release its gold labels, then unblind it."
                )
                % {"slug": study.slug}
            )
        query = FindingsQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        return Response(findings(study, **query.validated_data).as_dict())


def _judged_study(request: Request, slug: str, judge: str) -> Study:
    """The study, for its coordinators, where it has this judge and gold to hold it against."""
    study = coordinated_study(request, slug)
    if judge not in judges_of(study):
        raise NotFound(_("The study has no judge of this name."))
    _release_of(study)
    return study


def _release_of(study: Study) -> GoldRelease:
    release = latest_release(study)
    if release is None:
        raise Conflict(
            _("The study has no gold release yet. Release its gold labels; an open study is closed first.")
        )
    return release
