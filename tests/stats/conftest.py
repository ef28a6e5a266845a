"""What the statistics tests share: published cases, real annotations and counting."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
XSTEST_LABELS = ("1_full_compliance", "2_full_refusal", "3_partial_refusal")


@pytest.fixture(scope="session")
def cases() -> dict[str, Any]:
    """The published cases of METHODS."""
    path = SHARED / "cases" / "reference_cases.json"
    if not path.exists():
        pytest.skip(f"published cases are not here: {path}")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def count() -> Callable[[Any], np.ndarray]:
    """Counts (units × levels, in order) of a table of units × raters whose missing ratings are None."""

    def counted(units_by_raters: Any) -> np.ndarray:
        levels = sorted({rating for unit in units_by_raters for rating in unit if rating is not None})
        return np.array([[unit.count(level) for level in levels] for unit in units_by_raters])

    return counted


@pytest.fixture(scope="session")
def xstest() -> Callable[[str, str, str], np.ndarray]:
    """One column of an XSTest file as codes, -1 for what is none of the three labels."""

    def column(model: str, judge: str, name: str) -> np.ndarray:
        path = SHARED / "data" / "xstest" / f"xstest_v2_completions_{model}_{judge}eval.csv"
        if not path.exists():
            pytest.skip(f"real annotations are not here: {path}")
        with path.open(encoding="utf-8", newline="") as lines:
            found = [row[name] for row in csv.DictReader(lines)]
        return np.array([XSTEST_LABELS.index(label) if label in XSTEST_LABELS else -1 for label in found])

    return column
