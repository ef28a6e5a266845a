"""What all endpoints share: JSON only, bodies of a known size, nothing kept by caches, and who may come in."""

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ParseError, PermissionDenied
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ihlannotate.api.errors import TooLarge
from ihlannotate.models.study import Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.roles import Role, role_in


class JsonBody(JSONParser):
    """JSON, also where somebody nests it deeper than any parser goes."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deeply.")) from error


class AlwaysJson(DefaultContentNegotiation):
    """Answers are JSON or a file, whatever the caller's Accept header says, and errors are JSON in any case."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


class Endpoint(APIView):
    """The base of all endpoints. `max_bytes` is the setting that bounds the request's body."""

    parser_classes = [JsonBody]
    content_negotiation_class = AlwaysJson
    max_bytes = "DATA_UPLOAD_MAX_MEMORY_SIZE"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        limit = getattr(settings, self.max_bytes)
        if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
            raise TooLarge(
                _("The request is larger than the %(limit)s bytes that are taken here. Send it in parts.")
                % {"limit": limit}
            )

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response


def caller(request: Request) -> User:
    """The person whose token was sent, behind IsAuthenticated."""
    assert isinstance(request.user, User)
    return request.user


def coordinated_study(request: Request, slug: str) -> Study:
    """The study with this slug, for its coordinators: 404 where the caller has no role, 403 in another role."""
    study = Study.objects.select_related("rubric").filter(slug=slug).first()
    role = role_in(caller(request), study) if study else None
    if study is None or role is None:
        raise NotFound(_("There is no such study, or you have no role in it."))
    if role != Role.COORDINATOR:
        raise PermissionDenied(_("Only coordinators of this study may do this."))
    return study
