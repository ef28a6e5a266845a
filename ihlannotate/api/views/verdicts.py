"""Verdicts: what an automated judge said, in bulk."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ihlannotate.api.answers import VerdictsAnswer
from ihlannotate.api.describing import answers, ok
from ihlannotate.api.endpoint import Endpoint, caller, coordinated_study
from ihlannotate.api.requests import VerdictsBody
from ihlannotate.pipeline.judging import save_verdicts


class Verdicts(Endpoint):
    @extend_schema(
        operation_id="save_verdicts",
        request=VerdictsBody,
        responses=answers(
            {
                200: ok(VerdictsAnswer, "Nothing changed: all of these were already there."),
                201: ok(VerdictsAnswer, "Saved."),
            },
            *(400, 403, 404, 413, 422),
        ),
    )
    def post(self, request: Request, slug: str) -> Response:
        """Save a judge's verdicts on one criterion: all of them or none. The same again changes nothing.

        Those that are no level of the criterion are kept as they are, and counted as unparsed. For its coordinators.
        """
        study = coordinated_study(request, slug)
        body = VerdictsBody(data=request.data)
        body.is_valid(raise_exception=True)
        report = save_verdicts(
            study,
            body.said(),
            judge=body.validated_data["judge"],
            criterion=body.validated_data["criterion"],
            model=body.validated_data["model"],
            values=body.validated_data["values"],
            settings=body.validated_data["settings"],
            is_probability=body.validated_data["scores_are_probabilities"],
            actor=caller(request),
        )
        answer = {"study": study.slug, **report.as_dict()}
        return Response(answer, status=201 if report.verdicts_new else 200)
