"""Memory stays flat in the number of rows, and a hostile file is refused before it is held."""

import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ihlannotate.readers import ReadError, open_table
from ihlannotate.readers.base import MAX_RECORD_BYTES

TEXT = "x" * 400
SST = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def csv_file(path: Path, rows: int) -> Path:
    with path.open("w") as stream:
        stream.write("id,text\n")
        stream.writelines(f"{number},{number}{TEXT}\n" for number in range(rows))
    return path


def jsonl_file(path: Path, rows: int) -> Path:
    with path.open("w") as stream:
        stream.writelines(f'{{"id": {number}, "text": "{number}{TEXT}"}}\n' for number in range(rows))
    return path


def xlsx_file(path: Path, rows: int) -> Path:
    """Write a workbook whose texts stand in a table of shared texts, as Excel saves it."""
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/sheet.xml" ContentType="{kind}.worksheet+xml"/>'
        f'<Override PartName="/xl/strings.xml" ContentType="{kind}.sharedStrings+xml"/></Types>',
        "xl/workbook.xml": f'<workbook xmlns="{SST}" xmlns:r="{office}"><sheets>'
        '<sheet name="Data" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{office}/worksheet" Target="sheet.xml"/></Relationships>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        with archive.open("xl/strings.xml", "w") as part:
            part.write(f'<sst xmlns="{SST}"><si><t>text</t></si>'.encode())
            for number in range(rows):
                part.write(f"<si><t>{number}{TEXT}</t></si>".encode())
            part.write(b"</sst>")
        with archive.open("xl/sheet.xml", "w") as part:
            part.write(f'<worksheet xmlns="{SST}"><sheetData>'.encode())
            for number in range(rows + 1):
                part.write(f'<row><c t="s"><v>{number}</v></c></row>'.encode())
            part.write(b"</sheetData></worksheet>")
    return path


def peak(action: Callable[[], object]) -> int:
    """Return the most memory, in bytes, that an action held at once."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def count(path: Path) -> int:
    with open_table(path) as table:
        return sum(1 for _ in table.rows)


@pytest.mark.parametrize(
    ("name", "make"), [("a.csv", csv_file), ("a.jsonl", jsonl_file), ("a.xlsx", xlsx_file)]
)
def test_memory_does_not_grow_with_the_rows(tmp_path, name, make):
    # The smaller file is big enough for a workbook's shared texts to have left memory for the disk already.
    few = make(tmp_path / f"few-{name}", 12_000)
    many = make(tmp_path / f"many-{name}", 24_000)
    assert (count(few), count(many)) == (12_000, 24_000)
    growth = peak(lambda: count(many)) - peak(lambda: count(few))
    assert growth < 12_000 * len(TEXT) / 10


@pytest.mark.parametrize("start", [b'id,text\n1,"', b"id,text\n1,", b'{"id": "'])
def test_a_line_of_40_megabytes_is_refused_without_holding_it(tmp_path, start):
    path = tmp_path / ("a.jsonl" if start.startswith(b"{") else "a.csv")
    with path.open("wb") as stream:
        stream.write(start)
        for _ in range(40):
            stream.write(b"x" * 1_000_000)

    def refuse() -> None:
        with pytest.raises(ReadError, match="longer than 10 MB"):
            count(path)

    assert peak(refuse) < 3 * MAX_RECORD_BYTES


def test_a_workbook_that_unpacks_to_300_megabytes_is_refused_without_holding_it(tmp_path):
    path = xlsx_file(tmp_path / "a.xlsx", 1)
    with (
        zipfile.ZipFile(path) as old,
        zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if name != "xl/sheet.xml":
                new.writestr(name, old.read(name))
        with new.open("xl/sheet.xml", "w") as part:
            part.write(f'<worksheet xmlns="{SST}"><sheetData><row><c t="inlineStr"><is><t>'.encode())
            for _ in range(300):
                part.write(b"x" * 1_000_000)
            part.write(b"</t></is></c></row></sheetData></worksheet>")
    assert (tmp_path / "bomb.xlsx").stat().st_size < 1_000_000

    def refuse() -> None:
        with pytest.raises(ReadError, match="longer than 10 MB"):
            count(tmp_path / "bomb.xlsx")

    assert peak(refuse) < 6 * MAX_RECORD_BYTES
