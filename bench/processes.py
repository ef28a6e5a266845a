"""Child processes: each measurement runs in one of its own, so that its peak memory is its own.

This process stays small (no Django, no numpy): on Linux a child's ru_maxrss starts at its parent's.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MOST_SECONDS = 1800


@dataclass(frozen=True)
class Surroundings:
    """A database, by the name of its kind and its URL, and the folder that stands in for var/."""

    database: str
    url: str
    var: Path

    def environment(self) -> dict[str, str]:
        return os.environ | {
            "DATABASE_URL": self.url,
            "VAR_DIR": str(self.var),
            "DJANGO_SETTINGS_MODULE": "ihlannotate.settings",
            "PYTHONPATH": str(ROOT),
        }


@dataclass(frozen=True)
class Measured:
    """What a measurement found (name -> figure), and the peak memory of its process in bytes."""

    figures: Mapping[str, float]
    peak: float

    def __getitem__(self, name: str) -> float:
        return self.figures[name]


def measure(
    function: str, surroundings: Surroundings, *, most_seconds: int = MOST_SECONDS, **arguments: str | int
) -> Measured:
    """Call `module:function` of bench.inside in a child process. Raises CalledProcessError when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.child", function, json.dumps(arguments)],
        env=surroundings.environment(),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        timeout=most_seconds,
        check=True,
    )
    answer = json.loads(done.stdout)
    return Measured(answer["figures"], answer["peak"])


def manage(surroundings: Surroundings, *arguments: str) -> None:
    """Run a command of manage.py to its end. Raises CalledProcessError when it fails."""
    subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=surroundings.environment(),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        timeout=MOST_SECONDS,
        check=True,
    )
