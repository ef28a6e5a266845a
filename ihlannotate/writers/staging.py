"""Files that appear all at once: written beside their place, and moved there when everything is complete."""

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self


class Staging:
    """Collects files under temporary names. Leaving the context moves them all; an error removes them all."""

    def __init__(self) -> None:
        self._parts: dict[Path, Path] = {}
        self.sha256: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    @contextmanager
    def open(self, path: Path) -> Iterator[BinaryIO]:
        """Open a new file that will be `path`; when closed, its digest is in `sha256` under its name."""
        part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        self._parts[path] = part
        with part.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        with part.open("rb") as stream:
            self.sha256[path.name] = hashlib.file_digest(stream, "sha256").hexdigest()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for path, part in self._parts.items():
            if kind is None:
                part.replace(path)
            else:
                part.unlink(missing_ok=True)
