"""python -m bench.soak: twenty annotators for half an hour while the server is killed every few minutes.

Every submission that was acknowledged must be there, none twice, and no slot stuck. Exits with 1 otherwise.
"""

import argparse
import sys
import tempfile
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.databases import Engine, postgresql, sqlite
from bench.processes import Measured, measure
from bench.server import Server, serve
from bench.table import Row, text

ENGINES = {"sqlite": sqlite, "postgresql": postgresql}
OVERLAP = 3
FASTEST = 2  # annotations a second that one annotator cannot exceed: so much must be there to rate
COUNTERS = {
    "errors": "answers that nobody should get",
    "lost": "acknowledged and not there",
    "never acknowledged": "there and never acknowledged",
    "twice": "there twice",
    "over": f"responses with more than k = {OVERLAP} annotations",
    "half": "there in part",
    "stuck": "slots that nobody can get any more",
}


def soak(engine: Engine, *, annotators: int, seconds: int, kill_every: float) -> tuple[list[Row], int]:
    """Rows of one soak, and how often the server was killed."""
    responses = annotators * seconds * FASTEST // OVERLAP
    with engine.fresh() as surroundings:
        measure("serving:prepare", surroundings, responses=responses, annotators=annotators)
        with serve(surroundings) as server, ThreadPoolExecutor(1) as pool:
            working = pool.submit(
                measure,
                "soak:work",
                surroundings,
                most_seconds=seconds + 600,
                port=server.port,
                annotators=annotators,
                seconds=seconds,
            )
            ended = threading.Event()
            working.add_done_callback(lambda _: ended.set())
            kills = _kill_now_and_then(server, ended, kill_every)
            found = working.result()
    return _rows(engine, found, f"{annotators} annotators, {seconds} s"), kills


def _kill_now_and_then(server: Server, ended: threading.Event, every: float) -> int:
    kills = 0
    while not ended.wait(every):
        server.kill()
        kills += 1
        server.start()
    return kills


def _rows(engine: Engine, found: Measured, size: str) -> list[Row]:
    said = ("acknowledged", "drafts", "repeated")
    return [Row(engine.name, f"soak: {key}", size, found[key], "requests") for key in said] + [
        Row(engine.name, f"soak: {words}", size, found[key], "", must_be=0) for key, words in COUNTERS.items()
    ]


def main(arguments: Sequence[str]) -> int:
    """Soak what the arguments ask for; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--database", choices=list(ENGINES), action="append", help="only this one")
    parser.add_argument("--annotators", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--kill-every", type=float, default=180, metavar="SECONDS")
    asked = parser.parse_args(arguments)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="ihlannotate-soak-") as folder:
        for name in asked.database or ENGINES:
            own = Path(folder, name)
            own.mkdir(mode=0o700)
            with ENGINES[name](own) as engine:
                found, kills = soak(
                    engine,
                    annotators=asked.annotators,
                    seconds=round(60 * asked.minutes),
                    kill_every=asked.kill_every,
                )
            rows += [*found, Row(engine.name, "soak: server killed", "", kills, "times")]
    print(text(rows))
    return 1 if any(row.wrong for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
