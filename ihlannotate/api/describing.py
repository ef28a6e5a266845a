"""How the schema describes tokens, and what views answer."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse

from ihlannotate.api.answers import ErrorAnswer
from ihlannotate.api.authentication import TokenAuthentication

WORDS = {
    400: "The request does not say what is needed.",
    401: "No token, or not a valid one.",
    403: "The caller's role does not allow this.",
    404: "There is no such thing, or the caller has no role in the study.",
    409: "The study is not in the state that this needs; the message says what to do first.",
    413: "The request is too large; send it in parts.",
    422: "Refused, and nothing was changed; the problems say where.",
    429: "Too many requests; the header Retry-After says how many seconds to wait.",
}


def answers(ok: dict[int | tuple[int, str], Any], *errors: int) -> dict[int | tuple[int, str], Any]:
    """The responses of one method: those in `ok`, these errors, and those that every endpoint can give."""
    return ok | {
        status: OpenApiResponse(ErrorAnswer, description=WORDS[status]) for status in (*errors, 401, 429)
    }


def ok(answer: Any, text: str) -> OpenApiResponse:
    """A good answer, described."""
    return OpenApiResponse(answer, description=text)


class TokenScheme(OpenApiAuthenticationExtension):
    """Tokens in the schema. Not beside the class it describes: REST framework loads that one before itself."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "manage.py create_token EMAIL --name NAME"}
