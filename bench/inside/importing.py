"""Imports: the verb, the reading alone, and a bare insert of the same rows."""

from pathlib import Path
from time import perf_counter

from django.db import connection, transaction

from ihlannotate.pipeline.founding import default_rubric, found_study
from ihlannotate.pipeline.importing import Record, RunFile, import_run


def import_file(*, path: str) -> dict[str, float]:
    """Import a file into a new study."""
    study = found_study(slug="bench", title="Bench", spec=default_rubric(), actor=None)
    start = perf_counter()
    report = import_run(study, _file(path), actor=None)
    return {"seconds": perf_counter() - start, "responses": report.responses_new}


def read_file(*, path: str) -> dict[str, float]:
    """Read the same file once, row by row, and save nothing."""
    start = perf_counter()
    rows = sum(1 for _ in _file(path).records())
    return {"seconds": perf_counter() - start, "responses": rows}


def insert_bare(*, path: str) -> dict[str, float]:
    """Insert the same rows, already in memory, into a table without indexes, with one executemany."""
    rows = [
        (one.external_id, one.model, one.condition, one.prompt, one.response)
        for one in _file(path).records()
        if isinstance(one, Record)
    ]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare (id TEXT, model TEXT, condition TEXT, prompt TEXT, response TEXT)")
    start = perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany("INSERT INTO bare VALUES (%s, %s, %s, %s, %s)", rows)
    return {"seconds": perf_counter() - start, "responses": len(rows)}


def _file(path: str) -> RunFile:
    return RunFile(path=Path(path), name=Path(path).name)
