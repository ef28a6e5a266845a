"""The next item costs the same however large the study is: a fixed number of queries, each an index seek."""

from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ihlannotate.models.item import Prompt, Response
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.assigning import next_sheet
from ihlannotate.pipeline.lifecycle import open_study
from tests.factory import make_member, make_study, rate_next, sha256

pytestmark = pytest.mark.django_db


def large_study(count: int) -> Study:
    """An open study of so many responses, five to a prompt."""
    study = make_study(slug=f"of-{count}")
    texts = [f"Request number {number}." for number in range(count // 5)]
    prompts = Prompt.objects.bulk_create(
        Prompt(study=study, text=one, text_sha256=sha256(one)) for one in texts
    )
    Response.objects.bulk_create(
        Response(study=study, prompt=prompts[n % len(prompts)], text="No.", text_sha256=sha256("No."))
        for n in range(count)
    )
    open_study(study, actor=None)
    study.refresh_from_db()
    return study


def queries_of(act: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        act()
    return [one["sql"] for one in queries.captured_queries]


def _alice_in(count: int) -> Membership:
    alice = make_member(large_study(count), "Alice")
    for _ in range(3):
        rate_next(alice)
    return alice


def test_the_next_item_takes_as_many_queries_among_five_thousand_as_among_fifty() -> None:
    counts = []
    for size in (50, 5_000):
        alice = _alice_in(size)
        queries = queries_of(partial(next_sheet, alice))
        # The cursor is written only when the draw of the order let it move.
        counts.append(len([sql for sql in queries if 'SET "cursor"' not in sql]))
    assert counts[0] == counts[1] <= 13


def test_the_item_in_hand_takes_fewer_queries_still() -> None:
    alice = _alice_in(50)
    next_sheet(alice)
    assert len(queries_of(partial(next_sheet, alice))) <= 6


def test_no_query_for_the_next_item_scans_a_table() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL plans by statistics; SQLite's plan shows whether an index serves each query")
    alice = _alice_in(5_000)
    plans = []
    for sql in queries_of(partial(next_sheet, alice)):
        if sql.startswith(("SELECT", "UPDATE")):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
                plans += [(row[3], sql) for row in cursor.fetchall()]
    assert len(plans) >= 5
    assert [(step, sql) for step, sql in plans if step.startswith("SCAN ")] == []
