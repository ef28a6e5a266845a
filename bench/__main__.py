"""python -m bench: measure, print one table, keep it as JSON. Exits with 1 where a counter of correctness is wrong."""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from bench import agreement, exporting, gold, importing, judging, peers, serving
from bench.databases import Engine, postgresql, sqlite
from bench.processes import ROOT
from bench.sizes import FULL, QUICK, SMOKE, Sizes
from bench.table import Row, as_dicts, text

ENGINES: dict[str, Callable[[Path], AbstractContextManager[Engine]]] = {
    "sqlite": sqlite,
    "postgresql": postgresql,
}
SUBJECTS = ("importing", "serving", "agreement", "exporting", "gold", "judging")


def main(arguments: Sequence[str]) -> int:
    """Run what the arguments ask for; the exit code."""
    asked = _parser().parse_args(arguments)
    sizes: Sizes = asked.sizes.with_large() if asked.large else asked.sizes
    load = os.getloadavg()[0]
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="ihlannotate-bench-") as folder:
        for number, name in enumerate(asked.database or ENGINES):
            own = Path(folder, name)
            own.mkdir(mode=0o700)
            with ENGINES[name](own) as engine:
                rows += _measure(engine, sizes, asked.subject or SUBJECTS, own, statistics=number == 0)
    machine = (
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, load {load:.1f}"
    )
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    content = {"machine": machine, "rows": as_dicts(rows)}
    asked.json.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    wrong = [row for row in rows if row.wrong]
    print(text(rows), f"\n{machine} at the start.\n", peers.TEXT, sep="\n")
    print(f"\n{len(wrong)} of the counters of correctness are wrong.")
    return 1 if wrong else 0


def _measure(
    engine: Engine, sizes: Sizes, subjects: Sequence[str], folder: Path, *, statistics: bool
) -> Iterator[Row]:
    """All rows of one kind of database; `statistics` adds those in which no database takes part."""
    for subject in subjects:
        print(f"{engine.name}: {subject} ...", file=sys.stderr)
        match subject:
            case "importing":
                yield from importing.rows(engine, sizes, folder)
            case "serving":
                yield from serving.rows(engine, sizes)
            case "agreement":
                yield from agreement.rows(engine, sizes, statistics=statistics)
            case "exporting":
                yield from exporting.rows(engine, sizes, folder)
            case "gold":
                yield from gold.rows(engine, sizes, statistics=statistics)
            case "judging":
                yield from judging.rows(engine, sizes)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    size = parser.add_mutually_exclusive_group()
    for flag, sizes, words in (
        ("--quick", QUICK, "a tenth of the sizes: minutes instead of most of an hour"),
        ("--smoke", SMOKE, "tiny sizes: shows that everything runs, its times mean nothing"),
    ):
        size.add_argument(flag, dest="sizes", action="store_const", const=sizes, help=words)
    parser.set_defaults(sizes=FULL)
    parser.add_argument("--large", action="store_true", help="add a study of 1,000,000 responses")
    parser.add_argument("--database", choices=list(ENGINES), action="append", help="only this one")
    parser.add_argument("--subject", choices=SUBJECTS, action="append", help="only this one")
    default = Path(os.environ.get("VAR_DIR", ROOT / "var")) / "bench.json"
    parser.add_argument(
        "--json", type=Path, default=default, metavar="FILE", help="where the rows are kept (var/bench.json)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
