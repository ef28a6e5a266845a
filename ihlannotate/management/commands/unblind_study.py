"""unblind_study: let models and conditions be seen, once and for good."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.management.base import CommandParser

from ihlannotate.management.base import VerbCommand, study_named
from ihlannotate.pipeline.lifecycle import unblind_study


class Command(VerbCommand):
    help = "Unblind a study whose gold labels are released. It cannot be undone, and it is on the record."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--reason", required=True, metavar="TEXT")

    def run(self, **options: Any) -> Mapping[str, Any]:
        study = study_named(options["slug"])
        unblind_study(study, reason=options["reason"], actor=None)
        return {"study": study.slug, "state": "unblinded"}

    def lines(self, answer: Mapping[str, Any]) -> Sequence[str]:
        return [f"Study {answer['study']} is unblinded."]
