"""Runs into a study: a file's rows (`run_file`), checked and saved (`runs`, `saving`), listed, and found again."""

from ihlannotate.pipeline.importing.listing import FileLine, RunLine, files_of, runs_of
from ihlannotate.pipeline.importing.matching import Matched, code_of, match_responses
from ihlannotate.pipeline.importing.run_file import (
    Record,
    RunFile,
    Skipped,
    file_sha256,
    preview_run,
    sha256,
)
from ihlannotate.pipeline.importing.runs import BATCH, MOST_PROBLEMS, Progress, import_run, silent
from ihlannotate.pipeline.importing.saving import ImportedRun, ImportReport

__all__ = [
    "BATCH",
    "MOST_PROBLEMS",
    "FileLine",
    "ImportReport",
    "ImportedRun",
    "Matched",
    "Progress",
    "Record",
    "RunFile",
    "RunLine",
    "Skipped",
    "code_of",
    "file_sha256",
    "files_of",
    "import_run",
    "match_responses",
    "preview_run",
    "runs_of",
    "sha256",
    "silent",
]
