"""import_annotations: ratings that a group already holds in a spreadsheet."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from ihlannotate.management.base import (
    VerbCommand,
    existing_file,
    matched_column,
    pairs,
    several,
    study_named,
)
from ihlannotate.pipeline.adjudicating import import_adjudications
from ihlannotate.pipeline.annotating import RatingsFile, import_ratings


class Command(VerbCommand):
    help = "Import ratings of one criterion: a column for each annotator, and one of settled values if there is any."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("file")
        parser.add_argument("--criterion", required=True, metavar="KEY")
        several(
            parser, "--annotator", form="COLUMN=ALIAS", text="whose ratings a column holds", required=True
        )
        parser.add_argument("--match", required=True, metavar="external_id=COLUMN")
        parser.add_argument("--model", default="", metavar="NAME", help="whose run, where ids repeat")
        several(parser, "--value", form="theirs=ours", text="what a label means in the rubric")
        parser.add_argument("--adjudication", metavar="COLUMN", help="the column of settled values")

    def run(self, **options: Any) -> Mapping[str, Any]:
        study = study_named(options["slug"])
        path = existing_file(options["file"])
        file = RatingsFile(
            path=path,
            name=path.name,
            criterion=options["criterion"],
            match=matched_column(options["match"]),
            model=options["model"],
            values=pairs(options["value"], form="theirs=ours"),
        )
        annotators = pairs(options["annotator"], form="COLUMN=ALIAS")
        with transaction.atomic():
            ratings = import_ratings(study, file, annotators=annotators, actor=None)
            column = options["adjudication"]
            settled = import_adjudications(study, file, column=column, actor=None) if column else None
        return {
            "study": study.slug,
            "criterion": ratings.criterion,
            "annotators": list(annotators.values()),
            "rows": ratings.rows,
            "annotations_new": ratings.annotations_new,
            "unchanged": ratings.unchanged,
            "empty": ratings.empty,
            "adjudications_new": settled.adjudications_new if settled else 0,
            "adjudications_unchanged": settled.unchanged if settled else 0,
        }

    def lines(self, answer: Mapping[str, Any]) -> Sequence[str]:
        return [
            f"{answer['annotations_new']} new ratings of {answer['criterion']} by {', '.join(answer['annotators'])}, "
            f"{answer['unchanged']} unchanged, {answer['empty']} empty cells; "
            f"{answer['adjudications_new']} new adjudications, {answer['adjudications_unchanged']} unchanged."
        ]
