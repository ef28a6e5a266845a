"""What an import costs: the same queries for every batch of a thousand, and memory that does not grow with the file."""

import tracemalloc
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ihlannotate.pipeline.importing import import_run
from tests.factory import make_study
from tests.files import run_file, run_rows

pytestmark = pytest.mark.django_db


def _queries(path: Path, count: int) -> int:
    study = make_study(slug=f"of-{count}")
    file = run_file(path / "run.csv", run_rows(count))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        import_run(study, file, actor=None)
    return len(queries)


def _peak(path: Path, count: int) -> int:
    study = make_study(slug=f"of-{count}")
    file = run_file(path / "run.csv", run_rows(count))
    tracemalloc.start()
    try:
        import_run(study, file, actor=None)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_every_further_thousand_rows_cost_the_same_few_queries(tmp_path: Path) -> None:
    one, two, three = (_queries(tmp_path, 1000 * thousands) for thousands in (1, 2, 3))
    assert two - one == three - two
    assert two - one <= 25  # SQLite splits long statements


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    _peak(tmp_path, 500)  # what is made once
    assert _peak(tmp_path, 8_000) < 1.5 * _peak(tmp_path, 2_000)
