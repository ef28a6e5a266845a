"""No published case goes unused: each is read by a test, which names it."""

import re
from pathlib import Path
from typing import Any

import krippendorff
import numpy as np
import pytest

from ihlannotate.stats.bootstrap import cluster_weights, resample
from ihlannotate.stats.reliability.coefficients import alpha
from ihlannotate.stats.reliability.tally import read_tally, tally_rows

TESTS = Path(__file__).resolve().parents[1]


def test_every_published_case_is_read_by_a_test(cases: dict[str, Any]) -> None:
    texts = [path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py")]
    named = set(re.findall(r'"(\w+)"', "\n".join(texts)))
    assert set(cases) - {"_readme"} - named == set()


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
def test_a_replicate_is_the_alpha_of_the_units_drawn(cases: dict[str, Any], level: Any) -> None:
    assert "must equal krippendorff.alpha on X[:,idx]" in cases["krippendorff_bootstrap_identity"]["note"]
    rng = np.random.default_rng(31)
    own = rng.integers(5, size=3000)
    ratings = np.where(rng.random((10, 3000)) < 0.6, own, rng.integers(5, size=(10, 3000))).astype(float)
    ratings[rng.random(ratings.shape) < 0.2] = np.nan
    counts = np.stack([(ratings == k).sum(axis=0) for k in range(5)], axis=1)
    # In pairs: single units would be drawn as patterns, where no unit can be named
    prompts = np.arange(3000) // 2
    sums = resample(
        counts, summarise=lambda rows: tally_rows(rows, np.eye(5)), clusters=prompts, replicates=4, seed=8
    )
    found = alpha(read_tally(sums.replicates, 5).coincidences, level)
    (drawn,) = cluster_weights(1500, 4, np.random.default_rng(8))
    for value, weights in zip(found, drawn.astype(int), strict=True):
        index = np.repeat(np.arange(3000), weights[prompts])
        expected = krippendorff.alpha(
            ratings[:, index], value_domain=list(range(5)), level_of_measurement=level
        )
        assert value == pytest.approx(expected, abs=1e-12)
