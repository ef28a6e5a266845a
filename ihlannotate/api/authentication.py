"""Bearer tokens: whose program is calling. Tokens come from `manage.py create_token` and are stored as digests."""

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from ihlannotate.models.user import ApiToken, User


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer ihl_…`. A session does not count here, so no browser can be made to call the API."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        known = ApiToken.objects.select_related("user").filter(user__is_active=True)
        token = known.filter(digest=ApiToken.digest_of(secret.strip())).first()
        if token is None:
            raise AuthenticationFailed(_("This token is not valid. Ask for a new one."))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Its presence makes a missing token a 401 instead of a 403."""
        return 'Bearer realm="ihlannotate"'
