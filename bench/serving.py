"""How annotating feels and holds: latency, rate, flatness in the size of the study, and that nothing goes wrong."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.databases import Engine
from bench.processes import ROOT, Measured, Surroundings, measure
from bench.sizes import Sizes
from bench.table import Ratio, Row

OVERLAP = 3
START_SECONDS = 60


@dataclass(frozen=True)
class _Latencies:
    """What one annotator waits for in a study of `size` responses."""

    size: int
    verbs: Measured
    pages: Measured

    @property
    def at(self) -> str:
        return f"{self.size:,} responses"


def rows(engine: Engine, sizes: Sizes) -> Iterator[Row]:
    """Studies of each size with one annotator, the smallest with the crowd too; and a small one, to its end."""
    smallest: _Latencies | None = None
    for size in sizes.serving:
        with engine.fresh() as surroundings:
            measure("serving:prepare", surroundings, responses=size, annotators=sizes.crowd)
            verbs = measure("serving:verbs", surroundings, rounds=sizes.each)
            with serve(surroundings) as port:
                alone = measure("serving:pages", surroundings, port=port, annotators=1, each=sizes.each)
                found = _Latencies(size, verbs, alone)
                yield from _latencies(engine, found, smallest)
                yield from _counters(engine, "1 annotator", found.at, alone)
                if smallest is None:
                    yield from _crowd(engine, found, sizes, surroundings, port)
                    smallest = found
    yield from _exhausted(engine, sizes)


def _latencies(engine: Engine, found: _Latencies, smallest: _Latencies | None) -> Iterator[Row]:
    verbs, pages = found.verbs, found.pages
    both = Ratio(pages["submit p50"] / (verbs["submit p50"] + verbs["next p50"]), "both verbs alone")
    named = (
        ("next item, verb alone", "next", verbs, smallest and smallest.verbs, ()),
        ("submit, verb alone", "submit", verbs, smallest and smallest.verbs, ()),
        ("first item over HTTP", "first", pages, None, ()),
        ("submit-and-next over HTTP", "submit", pages, smallest and smallest.pages, (both,)),
    )
    for what, key, measured, earlier, ratios in named:
        p50 = measured[f"{key} p50"]
        if smallest and earlier:
            ratios = (Ratio(p50 / earlier[f"{key} p50"], f"at {smallest.size:,}"), *ratios)
        p95 = 1000 * measured[f"{key} p95"]
        yield Row(engine.name, what, found.at, 1000 * p50, "ms", ratios, p95=p95)
    yield Row(engine.name, "1 annotator, no think time", found.at, pages["rate"], "annotations/s")


def _crowd(
    engine: Engine, found: _Latencies, sizes: Sizes, surroundings: Surroundings, port: int
) -> Iterator[Row]:
    crowd = measure("serving:pages", surroundings, port=port, annotators=sizes.crowd, each=sizes.each)
    alone = found.pages
    who = f"{sizes.crowd} annotators"
    rate = Ratio(crowd["rate"] / alone["rate"], "1 annotator")
    wait = Ratio(crowd["submit p50"] / alone["submit p50"], "1 annotator")
    p50, p95 = 1000 * crowd["submit p50"], 1000 * crowd["submit p95"]
    yield Row(engine.name, f"{who}, no think time", found.at, crowd["rate"], "annotations/s", (rate,))
    yield Row(engine.name, f"{who}: submit-and-next", found.at, p50, "ms", (wait,), p95=p95)
    yield from _counters(engine, who, found.at, crowd)


def _exhausted(engine: Engine, sizes: Sizes) -> Iterator[Row]:
    """The crowd works on few items until none is open: where over-assignment would show."""
    with engine.fresh() as surroundings:
        measure("serving:prepare", surroundings, responses=sizes.few_items, annotators=sizes.crowd)
        with serve(surroundings) as port:
            found = measure(
                "serving:pages", surroundings, port=port, annotators=sizes.crowd, each=sizes.few_items
            )
    who = f"{sizes.crowd} annotators to the end"
    at = f"{sizes.few_items} responses"
    yield from _counters(engine, who, at, found)
    yield Row(engine.name, f"{who}: slots left open", at, found["open"], "", must_be=0)


def _counters(engine: Engine, who: str, at: str, found: Measured) -> Iterator[Row]:
    counters = (
        ("errors", "errors"),
        (f"items with more than k = {OVERLAP}", "over"),
        ("duplicates", "duplicates"),
        ("acknowledged and not there, or the reverse", "differing"),
    )
    for what, key in counters:
        yield Row(engine.name, f"  {who}: {what}", at, found[key], "", must_be=0)


@contextmanager
def serve(surroundings: Surroundings) -> Iterator[int]:
    """`manage.py serve` on a free port of the loopback; the port, once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--bind", f"127.0.0.1:{port}"],
        # The server says at each request that waits that it waits: ten people without think time always do.
        env=surroundings.environment() | {"LOG_LEVEL": "ERROR"},
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
