"""Opens a bundle (zip) within limits; nothing of it is used before every file has the SHA-256 of the manifest."""

import hashlib
import json
import math
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo

from ihlannotate.phrases import Phrase
from ihlannotate.readers.base import MAX_RECORD_BYTES, ReadError

MANIFEST = "manifest.json"
NAME = r"[a-z0-9][a-z0-9_.-]{0,99}"  # no folders, so that no name leads anywhere
MAX_FILES = 1_000
MAX_BYTES = 4_000_000_000  # of all files, unpacked
MAX_TEXT_BYTES = 50_000_000  # of a file that is held whole
MAX_RATIO, SMALL = 200, 1_000_000  # texts pack ten to one; a bomb a thousand to one
CHUNK = 1 << 20
MAX_DEPTH = 100  # of lists and objects within each other; a judge's card has ten
ENCRYPTED = 0x1
AGAIN = Phrase("Ask for the bundle again; don't mend it by hand")


@dataclass(frozen=True)
class Bundle:
    """An open bundle whose files are as its manifest says. `file` is its name in messages."""

    file: str
    manifest: dict[str, Any]
    archive: ZipFile = field(repr=False)

    @property
    def names(self) -> set[str]:
        """The files in it."""
        return set(self.archive.namelist())

    def text(self, name: str) -> str:
        """The whole of a file. Raises ReadError where it is missing, too big or no UTF-8."""
        if name not in self.names:
            raise ReadError(Phrase("the file is missing"), do=AGAIN, file=self._place(name))
        if self.archive.getinfo(name).file_size > MAX_TEXT_BYTES:
            raise _too_big(self._place(name))
        return self._decoded(self.archive.read(name), name, None)

    def json(self, name: str) -> Any:
        """The value in a JSON file. Raises ReadError as `text` does, and where it is no JSON."""
        return self._loaded(self.text(name), name, None)

    def lines(self, name: str) -> Iterator[tuple[int, Any]]:
        """The values in a JSON Lines file with the numbers of their lines, one at a time."""
        if name not in self.names:
            raise ReadError(Phrase("the file is missing"), do=AGAIN, file=self._place(name))
        with self.archive.open(name) as stream:
            row = 0
            while line := stream.readline(MAX_RECORD_BYTES + 1):
                row += 1
                if len(line) > MAX_RECORD_BYTES:
                    raise _too_big(self._place(name))
                yield row, self._loaded(self._decoded(line, name, row), name, row)

    def _place(self, name: str) -> str:
        return f"{self.file}, {name}"

    def _decoded(self, data: bytes, name: str, row: int | None) -> str:
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            what = Phrase("this is not UTF-8 text")
            raise ReadError(what, do=AGAIN, file=self._place(name), row=row) from error

    def _loaded(self, text: str, name: str, row: int | None) -> Any:
        try:
            value = json.loads(text, parse_constant=_finite, parse_float=_finite)
            storable = all(_storable(one) for one in _texts(value, MAX_DEPTH))
        except (ValueError, RecursionError) as error:
            what = Phrase("this is not valid JSON")
            raise ReadError(what, do=AGAIN, file=self._place(name), row=row) from error
        if not storable:
            what = Phrase("a text in it has a character that cannot be stored")
            raise ReadError(what, do=AGAIN, file=self._place(name), row=row)
        return value


@contextmanager
def open_bundle(path: Path, *, format: str, version: int, name: str | None = None) -> Iterator[Bundle]:
    """Open a bundle of this format and version; `name` is what it is called in messages.

    Raises ReadError, also while it is read: no zip, names that lead elsewhere, more than it should hold when
    unpacked, a file that is missing, too many or not what the manifest says (which names it).
    """
    file = name or path.name
    try:
        with ZipFile(path) as archive:
            _check_names(archive.infolist(), file)
            bundle = Bundle(file, {}, archive)
            manifest = bundle.json(MANIFEST)
            found = (manifest.get("format"), manifest.get("version")) if isinstance(manifest, dict) else ()
            if found != (format, version):
                raise ReadError(
                    Phrase("this is not version %(version)s of a benchmark bundle", version=version),
                    do=AGAIN,
                    file=file,
                )
            _check_files(archive, manifest, file)
            yield Bundle(file, manifest, archive)
    except (BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise ReadError(Phrase("this is not a zip file, or a damaged one"), do=AGAIN, file=file) from error
    except OSError as error:
        raise ReadError(
            Phrase("the file cannot be opened (%(strerror)s)", strerror=error.strerror or ""),
            do=Phrase("Check the path and its permissions"),
            file=file,
        ) from error


def _check_names(infos: list[ZipInfo], file: str) -> None:
    names = [info.filename for info in infos]
    for info in infos:
        if not re.fullmatch(NAME, info.filename) or info.flag_bits & ENCRYPTED:
            what = Phrase("it holds “%(name)s”, which no bundle does", name=info.filename[:100])
            raise ReadError(what, do=AGAIN, file=file)
        if info.file_size > max(SMALL, MAX_RATIO * info.compress_size):
            raise _too_big(f"{file}, {info.filename}")
    if len(set(names)) < len(names):
        raise ReadError(Phrase("two files in it have one name"), do=AGAIN, file=file)
    if len(names) > MAX_FILES or sum(info.file_size for info in infos) > MAX_BYTES:
        raise _too_big(file)


def _check_files(archive: ZipFile, manifest: dict[str, Any], file: str) -> None:
    """Raise ReadError unless the files are those of the manifest, byte for byte."""
    listed = manifest.get("files")
    told: dict[object, object] = {}
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict) and isinstance(one.get("name"), str):
            told[one["name"]] = one.get("sha256")
    there = set(archive.namelist()) - {MANIFEST}
    for name in sorted(map(str, told.keys() ^ there)):
        what = Phrase("“%(name)s” stands in the manifest or in the zip, but not in both", name=name)
        raise ReadError(what, do=AGAIN, file=file)
    for name in sorted(there):
        if _sha256(archive, name) != told[name]:
            what = Phrase("its SHA-256 is not the one in the manifest: the file was changed or damaged")
            raise ReadError(what, do=AGAIN, file=f"{file}, {name}")


def _sha256(archive: ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _too_big(place: str) -> ReadError:
    return ReadError(Phrase("unpacked, this is too big to be read"), do=AGAIN, file=place)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is not a number that JSON has")
    return number


def _storable(text: str) -> bool:
    """Whether a database can hold a text: no NUL character, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _texts(value: object, depth: int) -> Iterator[str]:
    """The texts in a JSON value. Raises ValueError where values are within values more than `depth` times."""
    if depth < 0:
        raise ValueError("too deep to be written again")
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from (key, *_texts(one, depth - 1))
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one, depth - 1)
