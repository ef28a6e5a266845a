"""Runs manage.py as a process of its own, against a new installation."""

import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Installation:
    """A folder for data, with a SQLite database of its own."""

    var: Path

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment of its processes: one thread each, and nothing of the database that tests use."""
        kept = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        return {**kept, "VAR_DIR": str(self.var), "OPENBLAS_NUM_THREADS": "1", "PYTHONWARNINGS": "error"}

    def manage(self, *words: object, most_bytes: int | None = None) -> subprocess.CompletedProcess[str]:
        """Run `manage.py` with these words, with at most so many bytes of memory of its own."""
        most = resource.RLIM_INFINITY if most_bytes is None else most_bytes
        return subprocess.run(
            [sys.executable, "manage.py", *map(str, words)],
            cwd=ROOT,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            timeout=120,
            preexec_fn=partial(resource.setrlimit, resource.RLIMIT_DATA, (most, most)),
        )
