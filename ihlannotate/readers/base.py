"""What every reader yields and how it complains: rows, tables, and one kind of error."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ihlannotate.phrases import Phrase

MAX_RECORD_BYTES = 10_000_000
MAX_COLUMNS = 1_000


@dataclass(frozen=True)
class Row:
    """One record of a file.

    `number` is what a person would count: the line where the record starts (csv, tsv, jsonl), the row of the
    sheet (xlsx), the position of the object (a JSON array). `cells` holds every column of the table; a value
    that is missing or null is the empty text.
    """

    number: int
    cells: Mapping[str, str]


class ReadError(Exception):
    """A file that cannot be read as it is: what happened, where, and what to do about it.

    `row` and `column` are None where the problem belongs to no single row or column.
    """

    def __init__(
        self,
        what: str,
        *,
        do: str,
        file: str | None = None,
        row: int | None = None,
        column: str | None = None,
    ) -> None:
        self.what, self.do, self.file, self.row, self.column = what, do, file, row, column
        super().__init__(what)

    def __str__(self) -> str:
        """A phrase, so that `Refused(str(error))` can be said in the reader's language."""
        where: str = self.file or ""
        if self.row is not None:
            where = _beside(where, Phrase("row %(row)s", row=str(self.row)))
        if self.column is not None:
            where = _beside(where, Phrase("column “%(column)s”", column=self.column))
        if not where:
            return Phrase("%(what)s. %(do)s.", what=self.what, do=self.do)
        return Phrase("%(where)s: %(what)s. %(do)s.", where=where, what=self.what, do=self.do)


def _beside(where: str, place: Phrase) -> Phrase:
    return Phrase("%(where)s, %(place)s", where=where, place=place) if where else place


@dataclass(frozen=True)
class Table:
    """An open file: its column names in order, and its rows, which can be iterated once.

    `size` is the size of the file in bytes.
    """

    columns: tuple[str, ...]
    rows: Iterator[Row]
    format: str
    size: int


def check_columns(names: Sequence[str], *, file: str, row: int | None) -> tuple[str, ...]:
    """Return the column names without the white space around them.

    Raises ReadError for a missing name, a name that occurs twice, or more than MAX_COLUMNS names.
    """
    if not names:
        raise ReadError(
            Phrase("there are no columns"), do=Phrase("Name the columns in the first row"), file=file, row=row
        )
    if len(names) > MAX_COLUMNS:
        raise ReadError(
            Phrase("there are more than %(max_columns)s columns", max_columns=MAX_COLUMNS),
            do=Phrase("Keep the columns that are needed, and check that the first row names them"),
            file=file,
            row=row,
        )
    columns = tuple(name.strip() for name in names)
    seen: set[str] = set()
    for position, column in enumerate(columns, start=1):
        if not column:
            raise ReadError(
                Phrase("column number %(position)s has no name", position=position),
                do=Phrase("Give every column a name in the first row, or delete the column"),
                file=file,
                row=row,
            )
        if column in seen:
            raise ReadError(
                Phrase("two columns have this name"),
                do=Phrase("Rename one of them"),
                file=file,
                row=row,
                column=column,
            )
        seen.add(column)
    return columns


def make_row(number: int, columns: Sequence[str], values: Sequence[str], *, file: str) -> Row:
    """Return the row whose `values` stand under `columns`; missing ones at the end are empty.

    Raises ReadError where a value stands beyond the last column, or a text could not be stored.
    """
    extra = next((text for text in values[len(columns) :] if text.strip()), None)
    if extra is not None:
        raise ReadError(
            Phrase(
                "the row has %(cells)s cells, but the header names %(columns)s columns",
                cells=len(values),
                columns=len(columns),
            ),
            do=Phrase(
                "Put quotation marks around texts that contain the separator, or name the missing columns"
            ),
            file=file,
            row=number,
        )
    cells = dict.fromkeys(columns, "")
    for column, text in zip(columns, values, strict=False):
        check_text(text, file=file, row=number, column=column)
        cells[column] = text
    return Row(number, cells)


def check_text(text: str, *, file: str, row: int, column: str) -> None:
    """Raise ReadError if no database could store `text`: a NUL character, or half of a surrogate pair."""
    if "\0" in text:
        raise ReadError(
            Phrase("the text contains a NUL character"),
            do=Phrase("Remove it, and save the file as UTF-8"),
            file=file,
            row=row,
            column=column,
        )
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ReadError(
            Phrase("the text contains half of a character (a lone surrogate)"),
            do=Phrase("Remove it, and save the file as UTF-8"),
            file=file,
            row=row,
            column=column,
        ) from error


def too_long(*, file: str, row: int, hint: str) -> ReadError:
    """Return the error for a record of more than MAX_RECORD_BYTES."""
    return ReadError(
        Phrase(
            "the record that starts here is longer than %(max_record_bytes)s MB",
            max_record_bytes=MAX_RECORD_BYTES // 1_000_000,
        ),
        do=hint,
        file=file,
        row=row,
    )
