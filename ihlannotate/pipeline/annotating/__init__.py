"""Drafts, submissions, revisions, skips, and ratings that come from a spreadsheet."""

from ihlannotate.pipeline.annotating.importing_ratings import ImportedRatings, import_ratings
from ihlannotate.pipeline.annotating.pages import (
    ItemPage,
    Progress,
    SheetLine,
    item_page,
    own_sheets,
    progress_of,
    sheet_of,
)
from ihlannotate.pipeline.annotating.ratings_file import RatingsFile
from ihlannotate.pipeline.annotating.submitting import Outcome, save_draft, submit, undo_skip

__all__ = [
    "ImportedRatings",
    "ItemPage",
    "Outcome",
    "Progress",
    "RatingsFile",
    "SheetLine",
    "import_ratings",
    "item_page",
    "own_sheets",
    "progress_of",
    "save_draft",
    "sheet_of",
    "submit",
    "undo_skip",
]
