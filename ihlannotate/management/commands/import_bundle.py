"""import_bundle: a benchmark bundle back into a study."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from ihlannotate.management.base import VerbCommand, existing_file
from ihlannotate.pipeline.exporting import import_bundle


class Command(VerbCommand):
    help = "Found a study from a benchmark bundle: rubric, prompts, responses and gold as they were bundled."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="name of the new study")
        parser.add_argument("file")

    def run(self, **options: Any) -> Mapping[str, Any]:
        return asdict(import_bundle(existing_file(options["file"]), slug=options["slug"], actor=None))

    def lines(self, answer: Mapping[str, Any]) -> Sequence[str]:
        kind = "blinded" if answer["blinded"] else "unblinded"
        return [
            f"Study {answer['study']} ({answer['state']}) from a {kind} bundle:",
            f"  {answer['prompts']} prompts, {answer['responses']} responses, {answer['judges']} judges",
            f"  gold release {answer['gold_release']} with {answer['labels']} labels",
        ]
