"""Rows of whole numbers out of the database as columns: grouped there, fetched in chunks, packed here."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

import numpy as np
from django.db import connections
from django.db.models import BigIntegerField, Case, Expression, QuerySet, Sum, Value, When
from django.db.models.functions import Cast
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
CHUNK = 20_000  # rows that are Python objects at once
BITS = 62  # of a packed number


def chunks(rows: QuerySet[Any, Any], *, width: int) -> Iterator[IntArray]:
    """The rows of a `values_list` of whole numbers, as arrays (n × width) of at most CHUNK rows.

    The cursor is read without the model's conversions, which cost more than the query: the columns have to be numbers
    that the database itself knows as such.
    """
    statement, parameters = rows.query.sql_with_params()
    with connections[rows.db].chunked_cursor() as cursor:
        cursor.execute(statement, parameters)
        while batch := cursor.fetchmany(CHUNK):
            yield _array(batch, width)


def coded_chunks(rows: Iterable[Sequence[int]], *, width: int) -> Iterator[IntArray]:
    """The same of rows that are whole numbers only here."""
    stream = iter(rows)
    while batch := list(islice(stream, CHUNK)):
        yield _array(batch, width)


def _array(batch: Sequence[Sequence[int]], width: int) -> IntArray:
    numbers = np.fromiter(chain.from_iterable(batch), dtype=np.int64, count=len(batch) * width)
    return numbers.reshape(len(batch), width)


def table(parts: Iterable[IntArray], *, width: int) -> IntArray:
    """Chunks as one array (N × width)."""
    return np.concatenate([np.zeros((0, width), dtype=np.int64), *parts])


def packed(rows: QuerySet[Any, Any], columns: Sequence[Expression]) -> Iterator[IntArray]:
    """For each response its id, its prompt's, and the sum of each of C columns over its rows (n × (2 + C)), in chunks.

    Responses ascend. `rows` are answers.
    """
    # PostgreSQL sums whole numbers into decimals, which would each become a Python object of their own kind
    sums = {
        f"sum_{n}": Cast(Sum(column, output_field=BigIntegerField()), BigIntegerField())
        for n, column in enumerate(columns)
    }
    # Ordered by what it is grouped by, so that SQLite reads the groups off its index and sorts nothing
    grouped = rows.values("response_id", "prompt_id").annotate(**sums).order_by("response_id", "prompt_id")
    return chunks(grouped.values_list("response_id", "prompt_id", *sums), width=2 + len(columns))


def chosen(**choices: Sequence[tuple[object, int]]) -> Case:
    """The number that goes with a column's value, 0 where none does: `chosen(value=[("refused", 1)])`."""
    ((column, numbers),) = choices.items()
    return Case(
        *(When(**{column: value}, then=Value(number, BigIntegerField())) for value, number in numbers),
        default=Value(0, BigIntegerField()),
        output_field=BigIntegerField(),
    )
