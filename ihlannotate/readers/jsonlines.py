"""Reads JSON: one object a line (jsonl), or a small array of objects."""

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import BinaryIO

from ihlannotate.phrases import Phrase
from ihlannotate.readers.base import MAX_COLUMNS, ReadError, Row, check_columns, make_row
from ihlannotate.readers.lines import Lines

ONE_A_LINE = Phrase("Write one JSON object on each line")


class _Decimal(float):
    """A number that remembers how it was written, so that 2.50 stays 2.50."""

    text: str

    def __new__(cls, text: str) -> "_Decimal":
        number = super().__new__(cls, text)
        number.text = text
        return number


def read_jsonlines(binary: BinaryIO, *, file: str, stack: ExitStack) -> tuple[tuple[str, ...], Iterator[Row]]:
    """Return the column names (every key of any object, in order of appearance) and an iterator of the rows.

    The file is read twice, because a key may first occur in the last line. A file that starts with `[` is
    read as one array, which must be smaller than MAX_RECORD_BYTES. Raises ReadError for anything that is no
    JSON object, naming the line. `stack` must be open while rows are read.
    """
    lines = Lines(binary, file=file, hint=ONE_A_LINE, stack=stack)
    array = _array(lines, file=file)
    keys = _keys(_line_objects(lines, file=file) if array is None else array)
    columns = check_columns(keys, file=file, row=None)
    objects = _line_objects(lines, file=file) if array is None else iter(array)
    return columns, _rows(objects, keys, columns, file=file)


def cell_text(value: object) -> str:
    """Return a JSON value as the text of a cell: null is empty, nested values are compact JSON."""
    match value:
        case None:
            return ""
        case str():
            return value
        case _Decimal():
            return value.text
        case _:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _array(lines: Lines, *, file: str) -> list[tuple[int, dict[str, object]]] | None:
    """Return the objects of a file that is one JSON array, with their positions; None for any other file."""
    first = next((line.lstrip() for line in lines if line.strip()), None)
    if first is None:
        raise ReadError(Phrase("the file is empty"), do=ONE_A_LINE, file=file)
    if not first.startswith("["):
        return None
    lines.rewind()
    items = _load("".join(lines), file=file, first_line=1)
    if not isinstance(items, list):
        raise ReadError(Phrase("this is not a JSON array of objects"), do=ONE_A_LINE, file=file)
    return [(number, _as_object(item, file=file, row=number)) for number, item in enumerate(items, start=1)]


def _line_objects(lines: Lines, *, file: str) -> Iterator[tuple[int, dict[str, object]]]:
    """Yield the object of each line that is not blank, from the first line on."""
    lines.rewind()
    for line in lines:
        if line.strip():
            yield (
                lines.number,
                _as_object(_load(line, file=file, first_line=lines.number), file=file, row=lines.number),
            )
        lines.begin_record()


def _keys(objects: Iterable[tuple[int, dict[str, object]]]) -> tuple[str, ...]:
    keys: dict[str, None] = {}
    for _, item in objects:
        keys.update(dict.fromkeys(item))
        if len(keys) > MAX_COLUMNS:
            break
    return tuple(keys)


def _rows(
    objects: Iterable[tuple[int, dict[str, object]]],
    keys: tuple[str, ...],
    columns: tuple[str, ...],
    *,
    file: str,
) -> Iterator[Row]:
    for number, item in objects:
        yield make_row(number, columns, [cell_text(item.get(key)) for key in keys], file=file)


def _load(text: str, *, file: str, first_line: int) -> object:
    try:
        return json.loads(
            # Without its end, a line that breaks off is wrong on itself, not on the next one.
            text.rstrip(),
            parse_float=_Decimal,
            parse_constant=_constant,
            object_pairs_hook=_without_duplicates,
        )
    except json.JSONDecodeError as error:
        what = Phrase(
            "this is not valid JSON (%(msg)s, character %(colno)s)", msg=error.msg, colno=error.colno
        )
        row = first_line + error.lineno - 1
        raise ReadError(what, do=ONE_A_LINE, file=file, row=row) from error
    except (ValueError, RecursionError) as error:
        raise ReadError(
            Phrase("this JSON cannot be read (%(error)s)", error=str(error)),
            do=ONE_A_LINE,
            file=file,
            row=first_line,
        ) from error


def _as_object(value: object, *, file: str, row: int) -> dict[str, object]:
    if isinstance(value, dict):
        return value
    raise ReadError(Phrase("this is JSON, but not an object in braces"), do=ONE_A_LINE, file=file, row=row)


def _constant(name: str) -> None:
    """Read NaN, which some tools write for a missing number, as null."""
    if name != "NaN":
        raise ValueError(f"{name} is not a JSON number")


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    item = dict(pairs)
    if len(item) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key “{twice}” occurs twice in one object")
    return item
