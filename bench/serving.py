"""How annotating feels and holds: latency, rate, flatness in the size of the study, and that nothing goes wrong."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bench.databases import Engine
from bench.processes import ROOT, Measured, Surroundings, measure
from bench.table import Ratio, Row

CROWD = 10
FEW_ITEMS = 100  # for the crowd to fight over
OVERLAP = 3
START_SECONDS = 60


def rows(engine: Engine, *, sizes: Sequence[int], each: int) -> Iterator[Row]:
    """Studies of `sizes` responses, smallest first; `each` items an annotator."""
    smallest: tuple[Measured, Measured] | None = None
    for size in sizes:
        with engine.fresh() as surroundings:
            measure("serving:prepare", surroundings, responses=size, annotators=CROWD)
            verbs = measure("serving:verbs", surroundings, rounds=each)
            with serve(surroundings) as port:
                alone = measure("serving:pages", surroundings, port=port, annotators=1, each=each)
                yield from _latencies(engine, size, (verbs, alone), sizes[0], smallest)
                yield from _counters(engine, "1 annotator", size, alone)
                smallest = smallest or (verbs, alone)
                if size == sizes[0]:
                    crowd = measure("serving:pages", surroundings, port=port, annotators=CROWD, each=each)
                    yield from _crowd(engine, size, crowd, alone)
    yield from _exhausted(engine)


def _latencies(
    engine: Engine,
    size: int,
    found: tuple[Measured, Measured],
    first_size: int,
    smallest: tuple[Measured, Measured] | None,
) -> Iterator[Row]:
    verbs, alone = found
    named = (
        ("next item, verb alone", "next", verbs, smallest and smallest[0]),
        ("submit, verb alone", "submit", verbs, smallest and smallest[0]),
        ("first item over HTTP", "first", alone, smallest and smallest[1]),
        ("submit-and-next over HTTP", "submit", alone, smallest and smallest[1]),
    )
    for what, key, measured, earlier in named:
        for quantile in ("p50", "p95"):
            figure = measured[f"{key} {quantile}"]
            ratios = []
            if earlier and quantile == "p50":
                ratios.append(Ratio(figure / earlier[f"{key} {quantile}"], f"at {first_size:,}"))
            if measured is alone and key == "submit" and quantile == "p50":
                ratios.append(Ratio(figure / (verbs["submit p50"] + verbs["next p50"]), "both verbs alone"))
            yield Row(
                engine.name, f"{what}, {quantile}", f"{size:,} responses", 1000 * figure, "ms", tuple(ratios)
            )


def _crowd(engine: Engine, size: int, crowd: Measured, alone: Measured) -> Iterator[Row]:
    at = f"{size:,} responses"
    one = Ratio(crowd["rate"] / alone["rate"], "1 annotator")
    yield Row(engine.name, "1 annotator, no think time", at, alone["rate"], "annotations/s")
    yield Row(engine.name, f"{CROWD} annotators, no think time", at, crowd["rate"], "annotations/s", (one,))
    for quantile in ("p50", "p95"):
        figure = crowd[f"submit {quantile}"]
        times = Ratio(figure / alone[f"submit {quantile}"], "1 annotator")
        what = f"{CROWD} annotators: submit-and-next, {quantile}"
        yield Row(engine.name, what, at, 1000 * figure, "ms", (times,))
    yield from _counters(engine, f"{CROWD} annotators", size, crowd)


def _exhausted(engine: Engine) -> Iterator[Row]:
    """The crowd works on few items until none is open: where over-assignment would show."""
    with engine.fresh() as surroundings:
        measure("serving:prepare", surroundings, responses=FEW_ITEMS, annotators=CROWD)
        with serve(surroundings) as port:
            found = measure("serving:pages", surroundings, port=port, annotators=CROWD, each=FEW_ITEMS)
    who = f"{CROWD} annotators until none is open"
    yield from _counters(engine, who, FEW_ITEMS, found)
    at = f"{FEW_ITEMS} responses"
    yield Row(engine.name, f"{who}: slots left open", at, found["open"], "", must_be=0)
    yield Row(
        engine.name, f"{who}: annotations", at, found["submissions"], "", must_be=FEW_ITEMS * OVERLAP
    )


def _counters(engine: Engine, who: str, size: int, found: Measured) -> Iterator[Row]:
    counters = (
        ("errors", "errors"),
        (f"items with more than k = {OVERLAP}", "over"),
        ("duplicates", "duplicates"),
        ("acknowledged but not there", "lost"),
        ("there but not acknowledged", "unasked"),
    )
    for what, key in counters:
        yield Row(engine.name, f"{who}: {what}", f"{size:,} responses", found[key], "", must_be=0)


@contextmanager
def serve(surroundings: Surroundings) -> Iterator[int]:
    """`manage.py serve` on a free port of the loopback; the port, once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--bind", f"127.0.0.1:{port}"],
        env=surroundings.environment(),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(server, port)
        yield port
    finally:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"manage.py serve did not answer within {START_SECONDS} seconds")
