"""import_verdicts: what an automated judge said."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.management.base import CommandParser

from ihlannotate.management.base import (
    VerbCommand,
    existing_file,
    matched_column,
    pairs,
    several,
    study_named,
)
from ihlannotate.pipeline.annotating import RatingsFile
from ihlannotate.pipeline.judging import VerdictFile, import_verdicts


class Command(VerbCommand):
    help = "Import a judge's verdicts on one criterion. Those that cannot be parsed are kept and counted."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("file")
        parser.add_argument("--judge", required=True, metavar="NAME")
        parser.add_argument("--criterion", required=True, metavar="KEY")
        parser.add_argument("--match", required=True, metavar="external_id=COLUMN")
        parser.add_argument("--verdict", required=True, metavar="COLUMN")
        parser.add_argument("--score", default="", metavar="COLUMN")
        parser.add_argument("--rationale", default="", metavar="COLUMN")
        parser.add_argument("--model", default="", metavar="NAME", help="whose run, where ids repeat")
        several(parser, "--value", form="theirs=ours", text="what a label means in the rubric")

    def run(self, **options: Any) -> Mapping[str, Any]:
        study = study_named(options["slug"])
        path = existing_file(options["file"])
        file = VerdictFile(
            ratings=RatingsFile(
                path=path,
                name=path.name,
                criterion=options["criterion"],
                match=matched_column(options["match"]),
                model=options["model"],
                values=pairs(options["value"], form="theirs=ours"),
            ),
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
