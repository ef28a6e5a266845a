"""create_study: a new study with its rubric and people."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from ihlannotate.management.base import VerbCommand, several, text_of
from ihlannotate.models.study import Membership
from ihlannotate.pipeline.founding import add_member, found_study, invitation_path, read_rubric_file
from ihlannotate.pipeline.refusals import Refused

Role = Membership.Role


class Command(VerbCommand):
    help = "Found a study: its name, its rubric (a YAML file) and its people."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="short name, such as refusals-2026")
        parser.add_argument("--title", required=True)
        parser.add_argument(
            "--rubric", required=True, metavar="FILE", help="a YAML file; fixtures/rubric.yaml"
        )
        parser.add_argument(
            "--overlap", type=int, default=3, metavar="K", help="annotators for each response"
        )
        parser.add_argument(
            "--epsilon", type=float, default=0.2, metavar="E", help="for the alternative annotator test"
        )
        parser.add_argument("--guidelines", metavar="FILE", help="Markdown for the annotators")
        for role in (Role.ANNOTATOR, Role.COORDINATOR, Role.ADJUDICATOR):
            several(parser, f"--{role.value}", form="NAME:EMAIL", text=f"{role.label}s of the study")

    def run(self, **options: Any) -> Mapping[str, Any]:
        text = text_of(options["rubric"])
        guidelines = text_of(options["guidelines"]) if options["guidelines"] else ""
        with transaction.atomic():
            study = found_study(
                slug=options["slug"],
                title=options["title"],
                spec=read_rubric_file(text),
                overlap=options["overlap"],
                epsilon=options["epsilon"],
                guidelines=guidelines,
                actor=None,
            )
            members = [
                add_member(study=study, name=name, email=email, role=role, actor=None)
                for role in (Role.COORDINATOR, Role.ANNOTATOR, Role.ADJUDICATOR)
                for name, email in map(_person, options[role.value])
            ]
        return {
            "study": study.slug,
            "rubric": str(study.rubric),
            "rubric_sha256": study.rubric.sha256,
            "members": [
                {
                    "alias": one.alias,
                    "role": one.role,
                    "email": one.user.email,
                    "invitation": None if one.user.has_usable_password() else invitation_path(one.user),
                }
                for one in members
                if one.user
            ],
        }

    def lines(self, answer: Mapping[str, Any]) -> Sequence[str]:
        people = [
            f"  {one['alias']:<4} {one['role']:<12} {one['email']}"
            + (f"  sets a password at {one['invitation']}" if one["invitation"] else "")
            for one in answer["members"]
        ]
        return [f"Study {answer['study']} is founded, with rubric {answer['rubric']}.", *people]


def _person(text: str) -> tuple[str, str]:
    name, colon, email = text.rpartition(":")
    if not colon:
        raise Refused(f"“{text}” should have the form NAME:EMAIL.")
    return name, email
