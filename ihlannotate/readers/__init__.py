"""Readers: one file an input format; bytes in, an iterator of plain rows out."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO

from ihlannotate.phrases import Phrase
from ihlannotate.readers.base import ReadError, Row, Table
from ihlannotate.readers.delimited import guess_separator, read_delimited
from ihlannotate.readers.inspect_log import AS_JSON, is_inspect_log, read_inspect
from ihlannotate.readers.jsonlines import read_jsonlines
from ihlannotate.readers.lines import detect_encoding
from ihlannotate.readers.xlsx import OLE_MAGIC, ZIP_MAGIC, read_xlsx

__all__ = ["FORMATS", "HEAD_BYTES", "ReadError", "Row", "Table", "open_table"]

FORMATS = ("csv", "tsv", "jsonl", "xlsx", "inspect")
ENDINGS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".xls": "xlsx",
}
HEAD_BYTES = 4_096
SPOOL_BYTES = 4_000_000


@contextmanager
def open_table(path: Path, *, format: str | None = None, name: str | None = None) -> Iterator[Table]:
    """Open a file of rows; to read it a second time, open it again.

    `format` is one of FORMATS; where it is None, the ending of the file's name decides, then the content.
    `name` is what the file is called in messages, and where its ending is taken from, if `path` is temporary.
    Raises ReadError, also while the rows are iterated, for a file that cannot be read or holds no rows.
    """
    file = name or path.name
    try:
        size = path.stat().st_size
        binary = path.open("rb")
    except OSError as error:
        raise ReadError(
            Phrase("the file cannot be opened (%(strerror)s)", strerror=error.strerror or ""),
            do=Phrase("Check the path and its permissions"),
            file=file,
        ) from error
    with binary, SpooledTemporaryFile(max_size=SPOOL_BYTES) as scratch, ExitStack() as stack:
        chosen = _choose_format(binary, format=format, file=file)
        columns, rows = _read(binary, format=chosen, file=file, stack=stack, scratch=scratch)
        yield Table(columns, _some_rows(rows, file=file), chosen, size)


def _choose_format(binary: BinaryIO, *, format: str | None, file: str) -> str:
    head = binary.read(HEAD_BYTES)
    binary.seek(0)
    if Path(file).suffix.lower() == ".eval":
        raise ReadError(Phrase("this log of Inspect is in its binary form"), do=AS_JSON, file=file)
    chosen = format or _by_content(head) or ENDINGS.get(Path(file).suffix.lower()) or _sniff(head)
    if chosen not in FORMATS:
        raise ReadError(
            Phrase("there is no format “%(chosen)s”", chosen=chosen),
            do=Phrase("Use one of: %(formats)s", formats=", ".join(FORMATS)),
            file=file,
        )
    if chosen != "xlsx" and head.startswith((ZIP_MAGIC, OLE_MAGIC)):
        raise ReadError(
            Phrase("the file is read as %(chosen)s, but it is a workbook or an archive", chosen=chosen),
            do=Phrase("Give it the ending .xlsx if it is a workbook, or save it as CSV UTF-8"),
            file=file,
        )
    return chosen


def _by_content(head: bytes) -> str | None:
    """Return the format of files whose ending, .json, says too little: logs of Inspect."""
    encoding, offset = detect_encoding(head)
    return "inspect" if is_inspect_log(head[offset:].decode(encoding, errors="replace")) else None


def _sniff(head: bytes) -> str:
    """Return the format that the first bytes of a file look like."""
    if head.startswith((ZIP_MAGIC, OLE_MAGIC)):
        return "xlsx"
    encoding, offset = detect_encoding(head)
    text = head[offset:].decode(encoding, errors="replace").lstrip()
    if text.startswith(("{", "[")):
        return "jsonl"
    return "tsv" if guess_separator(text.partition("\n")[0]) == "\t" else "csv"


def _read(
    binary: BinaryIO, *, format: str, file: str, stack: ExitStack, scratch: IO[bytes]
) -> tuple[tuple[str, ...], Iterator[Row]]:
    match format:
        case "csv":
            return read_delimited(binary, file=file, stack=stack)
        case "tsv":
            return read_delimited(binary, file=file, stack=stack, separator="\t")
        case "jsonl":
            return read_jsonlines(binary, file=file, stack=stack)
        case "inspect":
            return read_inspect(binary, file=file, stack=stack)
        case _:
            return read_xlsx(binary, file=file, scratch=scratch)


def _some_rows(rows: Iterator[Row], *, file: str) -> Iterator[Row]:
    """Yield the rows; raise ReadError at the end if there were none."""
    empty = True
    for row in rows:
        empty = False
        yield row
    if empty:
        raise ReadError(
            Phrase("the file has a header but no rows"), do=Phrase("Add at least one row below it"), file=file
        )
