"""Everything that goes wrong has one shape: {"error", "problems": [{"row", "column", "message"}], "conflicts"}."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler

from ihlannotate.pipeline.importing import MOST_PROBLEMS
from ihlannotate.pipeline.refusals import Problem, Refused


class Conflict(APIException):
    """The study is not in the state that this needs; the message says what to do first."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


class TooLarge(APIException):
    """The request's body is larger than this installation takes."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


def answer_for(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to a request that raised `error`; None (a plain 500) for what nobody foresaw.

    What a verb refused is 422. Messages say where, never what a text said.
    """
    if isinstance(error, Refused):
        return Response(error.as_dict(), status=status.HTTP_422_UNPROCESSABLE_ENTITY)
    if isinstance(error, RequestDataTooBig):
        error = TooLarge(_("The form's fields are too large."))
    elif isinstance(error, SuspiciousOperation):
        error = ParseError(_("The form has too many fields or files."))
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, ValidationError):
        problems = tuple(_problems(error.detail))[:MOST_PROBLEMS]
        refusal = Refused(_("The request does not say what is needed."), problems=problems)
    else:
        refusal = Refused(str(response.data["detail"]))
    response.data = refusal.as_dict()
    return response


def _problems(detail: Any, row: int | None = None, column: str | None = None) -> Iterator[Problem]:
    """What a serializer found wrong, flattened: an index in a list is a row, counted from 1; a key is a column."""
    if isinstance(detail, dict):
        for key, inner in detail.items():
            if isinstance(key, int):
                yield from _problems(inner, key + 1, column)
            elif key == api_settings.NON_FIELD_ERRORS_KEY:
                yield from _problems(inner, row, column)
            else:
                yield from _problems(inner, row, key)
    elif isinstance(detail, list):
        for inner in detail:
            yield from _problems(inner, row, column)
    else:
        yield Problem(str(detail), row, column)
