"""import_verdicts: what an automated judge said."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.management.base import CommandParser

from ihlannotate.management.base import VerbCommand, study_named
from ihlannotate.management.ratings import ratings_file, ratings_options
from ihlannotate.pipeline.judging import VerdictFile, import_verdicts


class Command(VerbCommand):
    help = "Import a judge's verdicts on one criterion. Those that cannot be parsed are kept and counted."

    def options(self, parser: CommandParser) -> None:
        ratings_options(parser)
        parser.add_argument("--judge", required=True, metavar="NAME")
        parser.add_argument("--verdict", required=True, metavar="COLUMN")
        parser.add_argument("--score", default="", metavar="COLUMN")
        parser.add_argument("--rationale", default="", metavar="COLUMN")

    def run(self, **options: Any) -> Mapping[str, Any]:
        study = study_named(options["slug"])
        file = VerdictFile(
            ratings=ratings_file(options),
            verdict=options["verdict"],
            score=options["score"],
            rationale=options["rationale"],
        )
        report = import_verdicts(study, file, judge=options["judge"], actor=None)
        return {"study": study.slug, **report.as_dict()}

    def lines(self, answer: Mapping[str, Any]) -> Sequence[str]:
        return [
            f"{answer['judge']} on {answer['criterion']}: {answer['verdicts_new']} new verdicts "
            f"({answer['unparsed']} of them could not be parsed and are kept as they are), "
            f"{answer['unchanged']} unchanged, {answer['empty']} empty cells."
        ]
