"""Writers: one file an output format; sheets of typed rows in, files and their digests out."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from ihlannotate.writers.base import Cell, Column, Sheet, Tally, WriteError, check_sheets, manifest_text
from ihlannotate.writers.delimited import write_csv
from ihlannotate.writers.jsonlines import write_jsonl
from ihlannotate.writers.parquet import write_parquet
from ihlannotate.writers.staging import Staging
from ihlannotate.writers.xlsx import write_xlsx

__all__ = ["FORMATS", "Cell", "Column", "Sheet", "WriteError", "write"]

FORMATS = ("xlsx", "csv", "jsonl", "parquet")
ONE_SHEET_WRITERS: Mapping[str, Callable[[BinaryIO, Tally], None]] = {
    "csv": write_csv,
    "jsonl": write_jsonl,
    "parquet": write_parquet,
}


def write(
    path: Path,
    sheets: Sequence[Sheet],
    *,
    manifest: Mapping[str, object],
    format: str,
    texts: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Write sheets to `path`, in one of FORMATS; return {file name: SHA-256} of every file written.

    xlsx is one file, with the manifest in its sheet “Read me”. The other formats hold one sheet a file: a
    single sheet is written to `path`, several to siblings named STEM-SHEET.SUFFIX; the manifest, with the
    columns, rows and digest of each of them, to a sibling `path`.manifest.json. `texts` are further siblings:
    {file name: what it holds}, in UTF-8, whatever the format. Files appear when all are
    complete; after an error there are none, and what stood there before still does. Rows are streamed. Equal
    rows and manifest give equal bytes. Raises WriteError for what cannot be written as asked, and whatever
    the row iterators raise.
    """
    if format not in FORMATS:
        raise WriteError(f"There is no export format “{format}”. Use one of: {', '.join(FORMATS)}.")
    check_sheets(sheets)
    tallies = [Tally(sheet) for sheet in sheets]
    with Staging() as staging:
        for name, text in (texts or {}).items():
            with staging.open(path.with_name(name)) as stream:
                stream.write(text.encode())
        if format == "xlsx":
            with staging.open(path) as stream:
                write_xlsx(stream, tallies, manifest=manifest)
        else:
            _write_each(path, tallies, ONE_SHEET_WRITERS[format], staging, manifest=manifest)
    return staging.sha256


def _write_each(
    path: Path,
    tallies: Sequence[Tally],
    write_one: Callable[[BinaryIO, Tally], None],
    staging: Staging,
    *,
    manifest: Mapping[str, object],
) -> None:
    files = []
    for tally in tallies:
        target = path
        if len(tallies) > 1:
            target = path.with_name(f"{path.stem}-{tally.sheet.name.replace(' ', '-')}{path.suffix}")
        with staging.open(target) as stream:
            write_one(stream, tally)
        files.append(_describe(target.name, tally, sha256=staging.sha256[target.name]))
    content = {**manifest, "files": files}
    with staging.open(path.with_name(f"{path.name}.manifest.json")) as stream:
        stream.write(
            json.dumps(content, ensure_ascii=False, indent=2, default=manifest_text).encode() + b"\n"
        )


def _describe(name: str, tally: Tally, *, sha256: str) -> dict[str, object]:
    columns = [{"name": c.name, "kind": c.kind, "help": c.help} for c in tally.sheet.columns]
    return {
        "name": name,
        "sheet": tally.sheet.name,
        "rows": tally.rows,
        "columns": columns,
        "texts_with_apostrophe_added": tally.escaped,
        "sha256": sha256,
    }
