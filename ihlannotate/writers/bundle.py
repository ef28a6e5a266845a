"""Writes a bundle: a zip whose manifest gives the SHA-256 of every other file in it. Equal contents are equal bytes."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from ihlannotate.writers.staging import Staging

MANIFEST = "manifest.json"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip file can give for its parts
UNIX = 3  # so that the bytes do not tell on which system they were packed


@dataclass(frozen=True)
class Part:
    """A file of a bundle: what it is called, what it holds in words, and its content piece by piece."""

    name: str
    holds: str
    chunks: Iterable[bytes]


def json_text(value: object) -> bytes:
    """A value as indented JSON, its keys sorted."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2, sort_keys=True).encode() + b"\n"


def json_line(value: object) -> bytes:
    """A value as one line of JSON, its keys sorted."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True).encode() + b"\n"


def write_bundle(path: Path, parts: Iterable[Part], *, manifest: Mapping[str, object]) -> dict[str, str]:
    """Write the parts, then `manifest` with name, SHA-256 and size of each; return {file name: SHA-256} of the zip.

    Parts are streamed. The file appears when it is complete; after an error there is none.
    """
    with Staging() as staging, staging.open(path) as stream, ZipFile(stream, "w") as archive:
        files = [_add(archive, part) for part in parts]
        content = json_text({**manifest, "files": files})
        _add(archive, Part(MANIFEST, "this list", [content]))
    return staging.sha256


def _add(archive: ZipFile, part: Part) -> dict[str, object]:
    info = ZipInfo(part.name, EPOCH)
    info.compress_type, info.create_system = ZIP_DEFLATED, UNIX
    digest, size = hashlib.sha256(), 0
    with archive.open(info, "w", force_zip64=True) as target:
        for chunk in part.chunks:
            target.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return {"name": part.name, "holds": part.holds, "sha256": digest.hexdigest(), "bytes": size}
