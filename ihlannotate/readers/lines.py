"""Lines of a text file, decoded as they are read: UTF-8 or UTF-16, within a limit for each record."""

import codecs
import io
from collections.abc import Iterator
from contextlib import ExitStack
from typing import BinaryIO

from ihlannotate.phrases import Phrase
from ihlannotate.readers.base import MAX_RECORD_BYTES, ReadError, too_long

CHUNK = 65_536
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def detect_encoding(head: bytes) -> tuple[str, int]:
    """Return the encoding that the first bytes of a file announce, and the length of their announcement."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return encoding, len(mark)
    return "utf-8", 0


class Lines(Iterator[str]):
    """The lines of a binary file with their line ends; never holds more than one record.

    `number` counts the lines read so far. `begin_record` must be called before each record: the limit of
    MAX_RECORD_BYTES (of UTF-8) holds from there, and errors name that line. `hint` says what to do about a
    record that is too long. `stack` ends the reading before the binary file is closed.
    """

    def __init__(self, binary: BinaryIO, *, file: str, hint: str, stack: ExitStack) -> None:
        self._encoding, self._offset = detect_encoding(binary.read(4))
        binary.seek(self._offset)
        self._binary = binary
        self._text = io.TextIOWrapper(binary, encoding=self._encoding, newline="")
        # Left to the garbage collector, the wrapper would close the binary file, and warn.
        stack.callback(self._text.detach)
        self._file, self._hint = file, hint
        self.number = 0
        self.begin_record()

    def begin_record(self) -> None:
        """Say that the next line starts a new record."""
        self.start = self.number + 1
        self._room = MAX_RECORD_BYTES

    def __next__(self) -> str:
        try:
            line = self._text.readline(self._room + 1)
        except UnicodeDecodeError as error:
            raise self._decoding_error() from error
        if not line:
            raise StopIteration
        self.number += 1
        self._room -= len(line) if line.isascii() else len(line.encode(errors="surrogatepass"))
        if self._room < 0:
            raise too_long(file=self._file, row=self.start, hint=self._hint)
        if "\0" in line:
            raise ReadError(
                Phrase("there is a NUL byte in the text"),
                do=Phrase("Save the file as UTF-8"),
                file=self._file,
                row=self.number,
            )
        return line

    def rewind(self) -> None:
        """Go back to the first line."""
        self._text.seek(self._offset)
        self.number = 0
        self.begin_record()

    def _decoding_error(self) -> ReadError:
        """Return the error for the first byte that does not decode, found by reading the file once more."""
        decoder = codecs.getincrementaldecoder(self._encoding)()
        position, row, chunk = self._offset, 1, b"."
        self._binary.seek(position)
        try:
            while chunk:
                chunk = self._binary.read(CHUNK)
                pending = decoder.getstate()[0]
                row += decoder.decode(chunk, final=not chunk).count("\n")
                position += len(chunk)
        except UnicodeDecodeError as error:
            position += error.start - len(pending)
            row += error.object[: error.start].decode(self._encoding).count("\n")
        name = self._encoding.upper()[:6].rstrip("-")
        return ReadError(
            Phrase(
                "byte %(position)s of the file is not valid %(name)s", position=str(position + 1), name=name
            ),
            do=Phrase("Save the file as UTF-8 (in a spreadsheet: “CSV UTF-8”)"),
            file=self._file,
            row=row,
        )
