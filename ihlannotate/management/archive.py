"""A whole installation in one file, and back: the same file moves a study between SQLite and PostgreSQL."""

import contextlib
import datetime
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core import serializers
from django.core.management.color import no_style
from django.core.serializers.base import DeserializationError, DeserializedObject
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

import ihlannotate
from ihlannotate.models.job import Job
from ihlannotate.pipeline.refusals import Refused

FORMAT = 1
BATCH = 1000
_ROWS = "rows.jsonl"
# What zipfile, zlib and json raise for a file that is no backup, or no longer a whole one.
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, ValueError)


class _Exactly(DjangoJSONEncoder):
    """Times to the microsecond: the audit log's hashes are made of them."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime.datetime) else super().default(o)


def _tables() -> list[type[models.Model]]:
    """Every table of ours, in any order: foreign keys are checked at commit. Jobs stay behind with their files."""
    return [table for table in apps.get_app_config("ihlannotate").get_models() if table is not Job]


def backup(path: Path) -> dict[str, int]:
    """Write every row to one zip file, read in one transaction; how many rows of each table.

    Raises Refused when the file cannot be written.
    """
    counts: dict[str, int] = {}
    partial = path.with_name(f".{path.name}.partial")
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
            digest = hashlib.sha256()
            with transaction.atomic(), archive.open(_ROWS, "w", force_zip64=True) as stream:
                _one_moment()
                for table in _tables():
                    for line in _lines(table):
                        stream.write(line)
                        digest.update(line)
                        counts[table.__name__] = counts.get(table.__name__, 0) + 1
            manifest = {
                "format": FORMAT,
                "software": f"ihlannotate {ihlannotate.__version__}",
                "made_at": timezone.now().isoformat(timespec="seconds"),
                "rows": counts,
                "sha256": digest.hexdigest(),
            }
            archive.writestr("manifest.json", json.dumps(manifest, indent=2))
        partial.replace(path)
    except OSError as error:
        raise Refused(f"{path} could not be written: {error.strerror}. Choose another place.") from error
    finally:
        partial.unlink(missing_ok=True)
    return counts


def _one_moment() -> None:
    """Read everything as of one moment, whatever others write meanwhile (SQLite's transaction does so anyway)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _lines(table: type[models.Model]) -> Iterator[bytes]:
    rows = table._default_manager.order_by("pk").iterator(chunk_size=BATCH)
    while batch := list(islice(rows, BATCH)):
        yield from (f"{line}\n".encode() for line in _serialized(batch))


def _serialized(rows: list[models.Model]) -> list[str]:
    return serializers.serialize("jsonl", rows, cls=_Exactly, sort_keys=True).splitlines()


def restore(path: Path) -> dict[str, int]:
    """Fill an empty, migrated database from a backup; all of it or nothing. How many rows of each table.

    Raises Refused: not a backup, damaged, of another format, or the database is not empty.
    """
    if any(table._default_manager.exists() for table in _tables()):
        raise Refused(
            "The database is not empty. Restore into a new one: set DATABASE_URL and run migrate first."
        )
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = json.loads(archive.read("manifest.json"))
            if manifest.get("format") != FORMAT:
                raise Refused(
                    f"{path.name} has backup format {manifest.get('format')}; this version reads {FORMAT}."
                )
            _check(archive, manifest, path.name)
            with transaction.atomic(), archive.open(_ROWS) as stream:
                counts = _load(io.TextIOWrapper(stream, encoding="utf-8"))
    except _DAMAGE as error:
        raise Refused(
            f"{path.name} is no backup of ihlannotate, or it is damaged. Nothing was restored."
        ) from error
    except (DeserializationError, IntegrityError) as error:
        raise Refused(f"{path.name} does not fit this version ({error}). Nothing was restored.") from error
    return counts


def _check(archive: zipfile.ZipFile, manifest: dict[str, Any], name: str) -> None:
    digest = hashlib.sha256()
    with archive.open(_ROWS) as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    if digest.hexdigest() != manifest["sha256"]:
        raise Refused(
            f"{name} is damaged: its rows do not have the SHA-256 of its manifest. Nothing was restored."
        )


@contextlib.contextmanager
def _times_kept(table: type[models.Model]) -> Iterator[None]:
    """Save the times that a row states instead of now."""
    fields = [field for field in table._meta.concrete_fields if isinstance(field, models.DateTimeField)]
    automatic = [field for field in fields if field.auto_now_add]
    for field in automatic:
        field.auto_now_add = False
    try:
        yield
    finally:
        for field in automatic:
            field.auto_now_add = True


def _load(stream: io.TextIOWrapper) -> dict[str, int]:
    counts: dict[str, int] = {}
    rows: Iterator[DeserializedObject] = serializers.deserialize("jsonl", stream)
    objects: Iterator[models.Model] = (row.object for row in rows)
    for table, of_table in groupby(objects, key=lambda one: one.__class__):
        with _times_kept(table):
            while batch := list(islice(of_table, BATCH)):
                table._default_manager.bulk_create(batch)
                counts[table.__name__] = counts.get(table.__name__, 0) + len(batch)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), _tables()):
            cursor.execute(statement)
    return counts
