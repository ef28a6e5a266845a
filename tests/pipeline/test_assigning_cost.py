"""The next item costs the same however large the study is: a fixed number of queries, each an index seek."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ihlannotate.models.item import Prompt, Response
from ihlannotate.models.known import KnownItem
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.assigning import next_sheet
from ihlannotate.pipeline.lifecycle import open_study
from tests.factory import make_member, make_study, rate_next, sha256

pytestmark = pytest.mark.django_db


def large_study(count: int, **fields: Any) -> Study:
    """An open study of so many responses, five to a prompt; neither repeats nor attention items unless asked for."""
    words = {"repeat_percent": 0, "attention_every": 0, "seed": 1, **fields}
    study = make_study(slug=f"of-{count}", **words)
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


def asked_for_next(count: int, **fields: Any) -> list[str]:
    """The queries for Alice's next item, after she has rated three and Bob, whom she partners, has begun others."""
    study = large_study(count, **fields)
    alice, bob = make_member(study, "Alice"), make_member(study, "Bob")
    Membership.objects.filter(pk=alice.pk).update(seed=1)
    Membership.objects.filter(pk=bob.pk).update(seed=2)
    for _ in range(4):
        rate_next(bob)
    for _ in range(3):
        rate_next(alice)
    # The cursor is written only when the draw of the order let it move.
    return [sql for sql in queries_of(partial(next_sheet, alice)) if 'SET "cursor"' not in sql]


def scans(queries: Sequence[str]) -> list[tuple[str, str]]:
    """The steps of SQLite's plans for these queries that read a whole table."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL plans by statistics; SQLite's plan shows whether an index serves each query")
    plans = []
    for sql in queries:
        if sql.lstrip().startswith(("SELECT", "UPDATE")):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
                plans += [(row[3], sql) for row in cursor.fetchall()]
    assert len(plans) >= 5
    return [(step, sql) for step, sql in plans if re.match(r"SCAN (?!mine|last|hand|CONSTANT)", step)]


def test_the_next_item_takes_as_many_queries_among_five_thousand_as_among_fifty() -> None:
    few, many = asked_for_next(50), asked_for_next(5_000)
    assert len(few) == len(many) <= 13


def test_the_item_in_hand_takes_fewer_queries_still() -> None:
    alice = make_member(large_study(50), "Alice")
    next_sheet(alice)
    assert len(queries_of(partial(next_sheet, alice))) <= 6


def test_no_query_for_the_next_item_scans_a_table() -> None:
    assert scans(asked_for_next(5_000)) == []


def test_no_query_of_a_grouped_study_scans_a_table() -> None:
    assert scans(asked_for_next(1_000, grouped=True)) == []


def test_no_query_for_what_lies_beyond_the_window_scans_a_table() -> None:
    queries = asked_for_next(15, spread=20)
    assert sum("LEFT JOIN" in sql for sql in queries) == 2
    assert scans(queries) == []


def test_no_query_for_a_repeat_scans_a_table() -> None:
    alice = make_member(large_study(50, repeat_percent=20), "Alice")
    for _ in range(30):
        rate_next(alice)
    found: list[str] = []
    while not any("OFFSET 30" in sql for sql in found):
        found = queries_of(partial(rate_next, alice))
    assert scans(found) == []
    assert len([sql for sql in found if "occasion" in sql]) < 30


def test_no_query_for_an_attention_item_scans_a_table() -> None:
    study = large_study(50, attention_every=1)
    KnownItem.objects.create(
        study=study,
        name="check",
        purpose="attention",
        position=1,
        prompt="A request.",
        response="No.",
        key={},
    )
    queries = queries_of(partial(next_sheet, make_member(study, "Alice")))
    assert any('INSERT INTO "ihlannotate_sheet"' in sql for sql in queries)
    assert len(queries) <= 9
    assert scans(queries) == []
