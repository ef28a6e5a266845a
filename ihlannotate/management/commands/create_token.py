"""create_token: a secret that lets a person's programs use the REST API."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.management.base import CommandParser

from ihlannotate.management.base import VerbCommand
from ihlannotate.models.user import ApiToken, User
from ihlannotate.pipeline.refusals import Refused


class Command(VerbCommand):
    help = "Make a token for the REST API and print it, once: only its hash is kept."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="whose roles the token has")
        parser.add_argument("--name", required=True, help="what it is for, such as judge-pipeline")

    def run(self, **options: Any) -> Mapping[str, Any]:
        email = options["email"].strip().lower()
        user = User.objects.filter(email=email, is_active=True).first()
        if user is None:
            raise Refused(f"Nobody with an active account has the address {email}.")
        if not 1 <= len(options["name"].strip()) <= 100:
            raise Refused("Name the token, in at most 100 characters.")
        name = options["name"].strip()
        return {"email": email, "name": name, "token": ApiToken.issue(user=user, name=name)}

    def lines(self, answer: Mapping[str, Any]) -> Sequence[str]:
        return [answer["token"], f"Keep it now: it is {answer['email']}'s, and nothing can show it again."]
