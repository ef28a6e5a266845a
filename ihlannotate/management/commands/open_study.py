"""open_study: let the annotators in."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.management.base import CommandParser

from ihlannotate.management.base import VerbCommand, study_named
from ihlannotate.pipeline.lifecycle import open_study


class Command(VerbCommand):
    help = "Open a study to its annotators; every response gets its slots."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("slug")

    def run(self, **options: Any) -> Mapping[str, Any]:
        study = study_named(options["slug"])
        return {"study": study.slug, "state": "open", "slots_new": open_study(study, actor=None)}

    def lines(self, answer: Mapping[str, Any]) -> Sequence[str]:
        return [f"Study {answer['study']} is open; {answer['slots_new']} slots are new."]
