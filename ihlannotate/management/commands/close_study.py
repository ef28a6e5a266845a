"""close_study: make the annotations final."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.management.base import CommandParser

from ihlannotate.management.base import VerbCommand, study_named
from ihlannotate.pipeline.lifecycle import close_study


class Command(VerbCommand):
    help = "Close a study: its annotations are final."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("slug")

    def run(self, **options: Any) -> Mapping[str, Any]:
        study = study_named(options["slug"])
        close_study(study, actor=None)
        return {"study": study.slug, "state": "closed"}

    def lines(self, answer: Mapping[str, Any]) -> Sequence[str]:
        return [f"Study {answer['study']} is closed."]
