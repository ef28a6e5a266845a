"""import_run: a file of responses into a study."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.management.base import CommandParser

from ihlannotate.management.base import VerbCommand, existing_file, several, study_named
from ihlannotate.pipeline.importing import RunFile, import_run
from ihlannotate.pipeline.lifecycle import open_study
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.readers import FORMATS
from ihlannotate.readers.base import ReadError
from ihlannotate.readers.columns import FIELDS, parse_mapping


class Command(VerbCommand):
    help = "Import a run: a file of prompts and responses. The same file twice changes nothing."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("file")
        parser.add_argument("--model", default="", metavar="NAME", help="where no column names it")
        parser.add_argument("--condition", default="", metavar="NAME", help="where no column names it")
        parser.add_argument("--format", choices=FORMATS, help="where the file's name does not tell")
        several(
            parser, "--map", form="field=column", text=f"what a column means; fields: {', '.join(FIELDS)}"
        )

    def run(self, **options: Any) -> Mapping[str, Any]:
        study = study_named(options["slug"])
        path = existing_file(options["file"])
        try:
            mapping = parse_mapping(options["map"])
        except ReadError as error:
            raise Refused(str(error)) from error
        file = RunFile(
            path=path,
            name=path.name,
            model=options["model"],
            condition=options["condition"],
            format=options["format"],
            mapping=mapping,
        )
        report = import_run(study, file, actor=None)
        if study.is_open:
            open_study(study, actor=None)
        return report.as_dict()

    def lines(self, answer: Mapping[str, Any]) -> Sequence[str]:
        said = [
            f"{run['model']}{' · ' + run['condition'] if run['condition'] else ''}: {run['responses']} responses"
            for run in answer["runs"]
        ]
        said.append(
            f"{answer['prompts_new']} new prompts, {answer['responses_new']} new responses, "
            f"{answer['unchanged']} unchanged, {len(answer['skipped'])} skipped."
        )
        if not answer["responses_new"]:
            said.append("Nothing changed: all of this was already imported.")
        return said + [f"  row {one['row']} skipped: {one['reason']}" for one in answer["skipped"][:50]]
