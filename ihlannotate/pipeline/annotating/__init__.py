"""Drafts, submissions, revisions, skips, and ratings that come from a spreadsheet."""

from ihlannotate.pipeline.annotating.drafts import save_draft
from ihlannotate.pipeline.annotating.evidence import Mark, Passage
from ihlannotate.pipeline.annotating.importing_ratings import ImportedRatings, import_ratings
from ihlannotate.pipeline.annotating.own import Filter, SheetLine, own_sheets
from ihlannotate.pipeline.annotating.pages import ItemPage, item_page, sheet_of
from ihlannotate.pipeline.annotating.progress import Progress, progress_of
from ihlannotate.pipeline.annotating.ratings_file import RatingsFile
from ihlannotate.pipeline.annotating.submitting import Outcome, submit, undo_skip
from ihlannotate.pipeline.annotating.withdrawing import withdraw

__all__ = [
    "Filter",
    "ImportedRatings",
    "ItemPage",
    "Mark",
    "Outcome",
    "Passage",
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
    "withdraw",
]
