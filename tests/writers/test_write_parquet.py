"""Parquet: typed columns in batches, and a clear message where the extra is not installed."""

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from ihlannotate.writers import Column, Sheet, write
from ihlannotate.writers.parquet import BATCH_ROWS

pytest.importorskip("pyarrow", reason="the extra “parquet” is not installed")

COLUMNS = (
    Column("text"),
    Column("n", "integer"),
    Column("x", "number"),
    Column("at", "datetime"),
    Column("ok", "flag"),
)
AT = dt.datetime(2026, 3, 4, 5, 6, 7, tzinfo=dt.UTC)


def test_pandas_reads_the_types(tmp_path):
    rows = [("=a\r\né", 3, 1, AT, True), (None, None, None, AT.date(), None)]
    write(tmp_path / "out.parquet", [Sheet("data", COLUMNS, rows)], manifest={}, format="parquet")
    frame = pd.read_parquet(tmp_path / "out.parquet", dtype_backend="pyarrow")
    assert [str(kind) for kind in frame.dtypes] == [
        "string[pyarrow]",
        "int64[pyarrow]",
        "double[pyarrow]",
        "timestamp[us, tz=UTC][pyarrow]",
        "bool[pyarrow]",
    ]
    assert frame.iloc[0].tolist() == ["=a\r\né", 3, 1.0, pd.Timestamp(AT), True]
    assert frame.iloc[1, :3].isna().all()
    assert frame["at"][1] == pd.Timestamp("2026-03-04", tz="UTC")


def test_rows_of_several_batches_stay_in_order(tmp_path):
    count = 2 * BATCH_ROWS + 1
    sheet = Sheet("data", COLUMNS[1:2], ((number,) for number in range(count)))
    write(tmp_path / "out.parquet", [sheet], manifest={}, format="parquet")
    assert pd.read_parquet(tmp_path / "out.parquet")["n"].tolist() == list(range(count))


def test_without_pyarrow_the_message_says_what_to_install(tmp_path):
    """In a process of its own, in which pyarrow cannot be found."""
    script = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from pathlib import Path\n"
        "from ihlannotate.writers import Column, Sheet, write\n"
        "write(Path(sys.argv[1]), [Sheet('s', (Column('a'),), [])], manifest={}, format='parquet')\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "out.parquet")],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr.splitlines()[-1].startswith("ihlannotate.writers.base.WriteError: Parquet needs")
    assert "pip install" in run.stderr
    assert list(tmp_path.iterdir()) == []
