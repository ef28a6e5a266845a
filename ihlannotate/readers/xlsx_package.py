"""Opens the package (zip) of an Excel workbook within limits: first sheet, date styles, shared texts."""

import datetime as dt
import re
import warnings
from array import array
from collections.abc import Container
from dataclasses import dataclass
from typing import IO, BinaryIO
from xml.etree.ElementTree import Element
from zipfile import ZipFile, ZipInfo

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.xml.constants import ARC_STYLE, SHARED_STRINGS, SHEET_MAIN_NS
from openpyxl.xml.functions import fromstring, iterparse

from ihlannotate.phrases import Phrase
from ihlannotate.readers.base import MAX_RECORD_BYTES, ReadError

NAMESPACE = f"{{{SHEET_MAIN_NS}}}"
ITEM, TEXT, RUN = (f"{NAMESPACE}{tag}" for tag in ("si", "t", "r"))
MAX_PART_BYTES = 50_000_000  # parts that must be held whole: styles, the list of sheets
MAX_STREAM_BYTES = 2_000_000_000  # parts that are read piece by piece: a sheet, the shared texts


def _too_big(*, file: str) -> ReadError:
    return ReadError(
        Phrase("unpacked, this workbook is too big to be read"),
        do=Phrase("Save the sheet as CSV UTF-8, or split it"),
        file=file,
    )


class BoundedPart:
    """A part of the package as a binary stream: refuses a record of more than MAX_RECORD_BYTES of XML."""

    def __init__(self, archive: ZipFile, name: str, *, file: str) -> None:
        if archive.getinfo(name).file_size > MAX_STREAM_BYTES:
            raise _too_big(file=file)
        self._source = archive.open(name)
        self._file = file
        self.begin_record()

    def begin_record(self) -> None:
        """Say that one record is done: the limit counts anew."""
        self._room = MAX_RECORD_BYTES

    def read(self, size: int = -1) -> bytes:
        """Return at most `size` bytes; raises ReadError beyond the limit."""
        if self._room < 0:
            raise ReadError(
                Phrase(
                    "a row or text of this workbook is longer than %(max_record_bytes)s MB",
                    max_record_bytes=MAX_RECORD_BYTES // 1_000_000,
                ),
                do=Phrase("Shorten it, or save the sheet as CSV UTF-8"),
                file=self._file,
            )
        data = self._source.read(size)
        self._room -= len(data)
        return data


class SharedTexts:
    """The workbook's shared texts by their index, kept in a temporary file instead of memory."""

    def __init__(self, scratch: IO[bytes]) -> None:
        self._scratch = scratch
        self._ends = array("Q", [0])

    def load(self, part: BoundedPart) -> None:
        """Append every text of the part `sharedStrings`."""
        root = None
        for event, element in iterparse(part, events=("start", "end")):
            if root is None:
                root = element
            if event == "end" and element.tag == ITEM:
                self._ends.append(
                    self._ends[-1] + self._scratch.write(item_text(element).encode(errors="surrogatepass"))
                )
                root.clear()
                part.begin_record()

    def __getitem__(self, index: int) -> str:
        if index < 0:
            raise IndexError(index)
        start, end = self._ends[index], self._ends[index + 1]
        self._scratch.seek(start)
        return self._scratch.read(end - start).decode(errors="surrogatepass")


@dataclass(frozen=True)
class Sheet:
    """What is needed to read the cells of one sheet."""

    part: BoundedPart
    strings: SharedTexts
    date_styles: Container[int]
    duration_styles: Container[int]
    epoch: dt.datetime


class _Archive(ZipFile):
    """A zip file that refuses to hold a big part in memory at once; `file` is its name in messages."""

    def __init__(self, binary: BinaryIO, *, file: str) -> None:
        super().__init__(binary)
        self._file = file

    def read(self, name: str | ZipInfo, pwd: bytes | None = None) -> bytes:
        info = name if isinstance(name, ZipInfo) else self.getinfo(name)
        if info.file_size > MAX_PART_BYTES:
            raise _too_big(file=self._file)
        return super().read(info, pwd)


def open_sheet(binary: BinaryIO, *, file: str, scratch: IO[bytes]) -> Sheet:
    """Return the first sheet of a workbook that is not called “Read me”.

    openpyxl finds the parts. Cells, date styles and shared texts are read here: openpyxl holds all the
    shared texts in memory, gives up over styles that play no part here, and cannot tell a formula without a
    result from an empty cell. Raises ReadError for what is too big, and whatever openpyxl and zipfile raise
    for a damaged file.
    """
    reader = ExcelReader(binary, read_only=True, keep_links=False)
    reader.archive = archive = _Archive(binary, file=file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells of features that play no part in reading texts
        reader.read_manifest()
        reader.read_workbook()
        name = _first_sheet(reader, file=file)
    strings = SharedTexts(scratch)
    for part in reader.package.Override:
        if part.ContentType == SHARED_STRINGS:
            strings.load(BoundedPart(archive, part.PartName.lstrip("/"), file=file))
    codes = _format_codes(archive)
    return Sheet(
        part=BoundedPart(archive, name, file=file),
        strings=strings,
        date_styles={style for style, code in enumerate(codes) if is_date_format(code)},
        duration_styles={style for style, code in enumerate(codes) if is_timedelta_format(code)},
        epoch=reader.wb.epoch,
    )


def _format_codes(archive: ZipFile) -> list[str]:
    """Return the number format of each cell style, by its index."""
    if ARC_STYLE not in archive.namelist():
        return []
    root = fromstring(archive.read(ARC_STYLE))
    formats = root.iterfind(f"{NAMESPACE}numFmts/{NAMESPACE}numFmt")
    codes = BUILTIN_FORMATS | {int(item.get("numFmtId", "0")): item.get("formatCode", "") for item in formats}
    styles = root.iterfind(f"{NAMESPACE}cellXfs/{NAMESPACE}xf")
    return [codes.get(int(style.get("numFmtId", "0")), "General") for style in styles]


def _first_sheet(reader: ExcelReader, *, file: str) -> str:
    for sheet, relation in reader.parser.find_sheets():
        is_data = relation.Type.endswith("/worksheet") and relation.target in reader.valid_files
        if is_data and sheet.name.casefold().replace(" ", "") != "readme":
            return str(relation.target)
    raise ReadError(
        Phrase("the workbook has no sheet with data"),
        do=Phrase("Put the data into the first sheet"),
        file=file,
    )


def item_text(item: Element) -> str:
    """Return the text of a shared or inline string, with all its runs and without phonetic hints."""
    runs = (child.find(TEXT) if child.tag == RUN else child for child in item if child.tag in (TEXT, RUN))
    return unescape("".join(run.text or "" for run in runs if run is not None))


def unescape(text: str) -> str:
    """Return a text of the package with its escapes for characters resolved: _x000D_ is a carriage return."""
    if "_x" not in text:
        return text
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), text)
