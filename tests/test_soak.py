"""Two minutes of twenty annotators and a server that is killed again and again (half an hour: python -m bench.soak)."""

import tempfile
from pathlib import Path

from bench.soak import ENGINES, soak


def test_what_was_acknowledged_survives_a_killed_server(database_kind: str) -> None:
    # Not below pytest's own folder, which another session that starts meanwhile shuts to PostgreSQL's user
    with tempfile.TemporaryDirectory(prefix="ihlannotate-soak-") as folder:
        own = Path(folder, "db")
        own.mkdir(mode=0o700)
        with ENGINES[database_kind](own) as engine:
            rows, kills = soak(engine, annotators=20, seconds=120, kill_every=15)
    assert [row.what for row in rows if row.wrong] == []
    assert kills >= 4
    told = {row.what: row.figure for row in rows}
    assert told["soak: acknowledged"] >= 100, "the annotators must have been at work"
    assert told["soak: repeated"] >= kills, "a killed server must have been noticed"
