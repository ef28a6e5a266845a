"""import_annotations: ratings that a group already holds in a spreadsheet."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from ihlannotate.management.base import VerbCommand, pairs, several, study_named
from ihlannotate.management.ratings import ratings_file, ratings_options
from ihlannotate.pipeline.adjudicating import import_adjudications
from ihlannotate.pipeline.annotating import import_ratings


class Command(VerbCommand):
    help = "Import ratings of one criterion: a column for each annotator, and one of settled values if there is any."

    def options(self, parser: CommandParser) -> None:
        ratings_options(parser)
        several(
            parser, "--annotator", form="COLUMN=ALIAS", text="whose ratings a column holds", required=True
        )
        parser.add_argument("--adjudication", metavar="COLUMN", help="the column of settled values")

    def run(self, **options: Any) -> Mapping[str, Any]:
        study = study_named(options["slug"])
        file = ratings_file(options)
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
