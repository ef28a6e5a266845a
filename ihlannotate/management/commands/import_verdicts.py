"""import_verdicts: what an automated judge said."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.management.base import CommandParser

from ihlannotate.management.base import VerbCommand, pairs, several, study_named
from ihlannotate.management.ratings import ratings_file, ratings_options
from ihlannotate.pipeline.judging import VerdictFile, import_verdicts


class Command(VerbCommand):
    help = "Import a judge's verdicts on one criterion. Those that cannot be parsed are kept and counted."

    def options(self, parser: CommandParser) -> None:
        ratings_options(parser)
        parser.add_argument("--judge", required=True, metavar="NAME")
        parser.add_argument("--verdict", required=True, metavar="COLUMN")
        scores = parser.add_mutually_exclusive_group()
        scores.add_argument("--score", default="", metavar="COLUMN")
        scores.add_argument(
            "--probability", default="", metavar="COLUMN", help="a score that lies between 0 and 1"
        )
        parser.add_argument("--rationale", default="", metavar="COLUMN")
        parser.add_argument(
            "--text-sha256", default="", metavar="COLUMN", help="of each response as the judge read it"
        )
        several(parser, "--setting", form="name=value", text="of the judge: model, version, prompt hash")

    def run(self, **options: Any) -> Mapping[str, Any]:
        study = study_named(options["slug"])
        file = VerdictFile(
            ratings=ratings_file(options),
            verdict=options["verdict"],
            score=options["probability"] or options["score"],
            is_probability=bool(options["probability"]),
            text_sha256=options["text_sha256"],
            rationale=options["rationale"],
        )
        settings = pairs(options["setting"], form="name=value")
        report = import_verdicts(study, file, judge=options["judge"], settings=settings, actor=None)
        return {"study": study.slug, **report.as_dict()}

    def lines(self, answer: Mapping[str, Any]) -> Sequence[str]:
        return [
            f"{answer['judge']} on {answer['criterion']}: {answer['verdicts_new']} new verdicts "
            f"({answer['unparsed']} of them could not be parsed and are kept as they are), "
            f"{answer['unchanged']} unchanged, {answer['empty']} empty cells.",
            *(f"  “{theirs}” read as {ours}" for theirs, ours in sorted(answer["mapping"].items())),
        ]
