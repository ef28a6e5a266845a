"""The package (zip) of a workbook without clock times, and the end of openpyxl's temporary files."""

import datetime as dt
import shutil
from os import PathLike
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook

EPOCH = dt.datetime(1980, 1, 1)  # the earliest time that a zip file can give for its parts


class TimelessZip(ZipFile):
    """A zip file whose parts all carry the same time, so that equal contents are equal bytes."""

    def writestr(
        self,
        zinfo_or_arcname: str | ZipInfo,
        data: Any,
        compress_type: int | None = None,
        compresslevel: int | None = None,
    ) -> None:
        """Add a part whose content is at hand."""
        super().writestr(_part(str(zinfo_or_arcname)), data, ZIP_DEFLATED, compresslevel)

    def write(
        self,
        filename: str | PathLike[str],
        arcname: str | PathLike[str] | None = None,
        compress_type: int | None = None,
        compresslevel: int | None = None,
    ) -> None:
        """Add a part whose content is in a file."""
        part = _part(str(arcname or filename))
        part.file_size = Path(filename).stat().st_size
        with Path(filename).open("rb") as source, self.open(part, "w") as target:
            shutil.copyfileobj(source, target)


def _part(name: str) -> ZipInfo:
    part = ZipInfo(name, (EPOCH.year, EPOCH.month, EPOCH.day, 0, 0, 0))
    part.compress_type = ZIP_DEFLATED
    return part


def remove_scratch(workbook: Workbook) -> None:
    """Close the sheets of a write-only workbook and delete the temporary files that saving has not deleted.

    openpyxl deletes them when a workbook is saved, and otherwise only when the process ends.
    """
    for sheet in workbook.worksheets:
        writer = getattr(sheet, "_writer", None)
        if writer is not None and Path(writer.out).exists():
            if not sheet.closed:
                sheet.close()
            writer.cleanup()
