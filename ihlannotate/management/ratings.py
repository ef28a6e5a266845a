"""What commands that read a column of ratings or verdicts share: which rows, which response, which level."""

from typing import Any

from django.core.management.base import CommandParser

from ihlannotate.management.base import existing_file, matched_column, pairs, several
from ihlannotate.pipeline.annotating import RatingsFile


def ratings_options(parser: CommandParser) -> None:
    """Add the study, the file and how its rows are read."""
    parser.add_argument("slug")
    parser.add_argument("file")
    parser.add_argument("--criterion", required=True, metavar="KEY")
    parser.add_argument("--match", required=True, metavar="external_id=COLUMN")
    parser.add_argument("--model", default="", metavar="NAME", help="whose run, where ids repeat")
    several(parser, "--value", form="theirs=ours", text="what a label means in the rubric")


def ratings_file(options: dict[str, Any]) -> RatingsFile:
    """The file that these options describe. Raises Refused when there is none, or an option is malformed."""
    path = existing_file(options["file"])
    return RatingsFile(
        path=path,
        name=path.name,
        criterion=options["criterion"],
        match=matched_column(options["match"]),
        model=options["model"],
        values=pairs(options["value"], form="theirs=ours"),
    )
