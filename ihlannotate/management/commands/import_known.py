"""import_known: training and attention items into a study."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from ihlannotate.management.base import VerbCommand, study_named, text_of
from ihlannotate.pipeline.readiness import import_known


class Command(VerbCommand):
    help = "Import known items (training, attention) from YAML. The same file twice changes nothing."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("file", help="a YAML file; fixtures/demo/known.yaml shows how it looks")

    def run(self, **options: Any) -> Mapping[str, Any]:
        study = study_named(options["slug"])
        text = text_of(options["file"])
        return import_known(study, text, name=Path(options["file"]).name, actor=None).as_dict()

    def lines(self, answer: Mapping[str, Any]) -> Sequence[str]:
        if not answer["training_new"] and not answer["attention_new"]:
            return ["Nothing changed: all of this was already there."]
        return [
            f"{answer['training_new']} new training items, {answer['attention_new']} new attention items, "
            f"{answer['unchanged']} unchanged."
        ]
