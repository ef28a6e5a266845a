"""How annotating feels and holds: latency, rate, flatness in the size of the study, and that nothing goes wrong."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from bench.databases import Engine
from bench.processes import Measured, Surroundings, measure
from bench.server import serve
from bench.sizes import Sizes
from bench.table import Ratio, Row

OVERLAP = 3
WRONGS = {
    "errors": "errors",
    f"items with more than k = {OVERLAP}": "over",
    "duplicates": "duplicates",
    "acknowledged and not there, or the reverse": "differing",
}


@dataclass
class _Served:
    """An open study of `size` responses, served at `port`, and what was measured on it, round by round."""

    size: int
    surroundings: Surroundings
    port: int
    verbs: list[Measured] = field(default_factory=list)
    alone: list[Measured] = field(default_factory=list)

    @property
    def at(self) -> str:
        return f"{self.size:,} responses"

    def annotate(self, *, annotators: int, each: int) -> Measured:
        return measure("serving:pages", self.surroundings, port=self.port, annotators=annotators, each=each)


def rows(engine: Engine, sizes: Sizes) -> Iterator[Row]:
    """Studies of each size with one annotator, the smallest with the crowd too; and a small one, to its end.

    All sizes take turns for some rounds, and the quietest round counts: what else the machine does in the meantime
    must not look like a difference between sizes.
    """
    with ExitStack() as stack:
        studies = [_open(engine, size, sizes.crowd, stack) for size in sizes.serving]
        each = max(1, sizes.each // sizes.rounds)
        for _ in range(sizes.rounds):
            for study in studies:
                study.verbs.append(measure("serving:verbs", study.surroundings, rounds=each))
                study.alone.append(study.annotate(annotators=1, each=each))
        for study in studies:
            yield from _latencies(engine, study, studies[0])
            yield from _counters(engine, "1 annotator", study.at, study.alone)
        crowds = [studies[0].annotate(annotators=sizes.crowd, each=each) for _ in range(sizes.rounds)]
        yield from _crowd(engine, f"{sizes.crowd} annotators", studies[0], crowds)
    yield from _exhausted(engine, sizes)


def _open(engine: Engine, size: int, annotators: int, stack: ExitStack) -> _Served:
    surroundings = stack.enter_context(engine.fresh())
    measure("serving:prepare", surroundings, responses=size, annotators=annotators)
    return _Served(size, surroundings, stack.enter_context(serve(surroundings)).port)


def _quietest(rounds: Sequence[Measured]) -> Measured:
    return min(rounds, key=lambda one: one["submit p50"])


def _latencies(engine: Engine, study: _Served, smallest: _Served) -> Iterator[Row]:
    verbs, pages = _quietest(study.verbs), _quietest(study.alone)
    few_verbs, few_pages = _quietest(smallest.verbs), _quietest(smallest.alone)
    named = (
        ("next item, verb alone", "next", verbs, few_verbs),
        ("submit, verb alone", "submit", verbs, few_verbs),
        ("first item over HTTP", "first", pages, few_pages),
        ("submit-and-next over HTTP", "submit", pages, few_pages),
    )
    for what, key, measured, few in named:
        p50, p95 = measured[f"{key} p50"], measured[f"{key} p95"]
        ratios = []
        if study is not smallest:
            ratios.append(Ratio(p50 / few[f"{key} p50"], f"at {smallest.size:,}"))
        if what.startswith("submit-and-next"):
            ratios.append(Ratio(p50 / (verbs["submit p50"] + verbs["next p50"]), "both verbs alone"))
        yield Row(engine.name, what, study.at, 1000 * p50, "ms", tuple(ratios), p95=1000 * p95)
    yield Row(engine.name, "1 annotator, no think time", study.at, pages["rate"], "annotations/s")


def _crowd(engine: Engine, who: str, study: _Served, rounds: Sequence[Measured]) -> Iterator[Row]:
    crowd, alone = _quietest(rounds), _quietest(study.alone)
    rate = Ratio(crowd["rate"] / alone["rate"], "1 annotator")
    wait = Ratio(crowd["submit p50"] / alone["submit p50"], "1 annotator")
    p50, p95 = 1000 * crowd["submit p50"], 1000 * crowd["submit p95"]
    yield Row(engine.name, f"{who}, no think time", study.at, crowd["rate"], "annotations/s", (rate,))
    yield Row(engine.name, f"{who}: submit-and-next", study.at, p50, "ms", (wait,), p95=p95)
    yield from _counters(engine, who, study.at, rounds)


def _exhausted(engine: Engine, sizes: Sizes) -> Iterator[Row]:
    """The crowd works on few items until none is open: where over-assignment would show."""
    with ExitStack() as stack:
        study = _open(engine, sizes.few_items, sizes.crowd, stack)
        found = study.annotate(annotators=sizes.crowd, each=sizes.few_items)
    who = f"{sizes.crowd} annotators to the end"
    yield from _counters(engine, who, study.at, [found])
    yield Row(engine.name, f"  {who}: slots left open", study.at, found["open"], "", must_be=0)


def _counters(engine: Engine, who: str, at: str, rounds: Sequence[Measured]) -> Iterator[Row]:
    for what, key in WRONGS.items():
        wrong = sum(found[key] for found in rounds)
        yield Row(engine.name, f"  {who}: {what}", at, wrong, "", must_be=0)
