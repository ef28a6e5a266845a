"""Thin, one-sided and missing data about judges: every figure is a number or says why it is none, without warnings."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ihlannotate.stats.alternative import alternative_annotator_test
from ihlannotate.stats.ceiling import human_ceiling
from ihlannotate.stats.conditional import conditional_mean
from ihlannotate.stats.effects import paired_means, paired_rates
from ihlannotate.stats.judging import judge_report
from ihlannotate.stats.prevalence import prevalence
from ihlannotate.stats.score_maps import cross_fit
from ihlannotate.stats.thresholds import choose_threshold
from tests.stats.test_bad_input import clusters_of, estimates_in

V = 3
LABELS = ("a", "b", "c")
NOTHING = np.zeros(0, int)
NAMED = {
    "nothing": (NOTHING, NOTHING),
    "one response": (np.array([1]), np.array([1])),
    "one wrong response": (np.array([1]), np.array([0])),
    "one unparsed response": (np.array([2]), np.array([-1])),
    "gold of one label": (np.full(60, 1), np.arange(60) % 3),
    "a judge of one label": (np.arange(60) % 3, np.full(60, 1)),
    "both of one label": (np.full(60, 1), np.full(60, 1)),
    "a perfect judge": (np.arange(60) % 3, np.arange(60) % 3),
    "always wrong": (np.arange(60) % 3, (np.arange(60) + 1) % 3),
    "nothing parsed": (np.arange(60) % 3, np.full(60, -1)),
}
pairs = st.integers(0, 12).flatmap(
    lambda n: st.tuples(
        arrays(np.int64, n, elements=st.integers(0, V - 1)),
        arrays(np.int64, n, elements=st.integers(-1, V - 1)),
    )
)
prompts = st.sampled_from(["own", "shared", "one"])
levels = st.sampled_from(["nominal", "ordinal", "interval"])


def everything_about(gold: np.ndarray, said: np.ndarray, level: Any, kind: str) -> Iterator[Any]:
    """The results of every measurement of a judge on one pair of columns, a third of it taken as gold where there is
    a rest."""
    n = len(gold)
    clusters = clusters_of(kind, n)
    shared: dict[str, Any] = {"clusters": clusters, "replicates": 12, "seed": 3}
    scale: dict[str, Any] = {"level": level, "values": [0.5, 1.5, 4.0]}
    posterior = np.full((n, V), 0.1) + 0.7 * np.eye(V)[gold]
    yield judge_report(gold, said, labels=LABELS, **scale, **shared)
    yield judge_report(gold, said, labels=LABELS, posterior=posterior, **scale, **shared)
    ratings = np.stack([gold, said, np.where(np.arange(n) % 3, gold, -1)])
    yield human_ceiling(ratings, said, level_count=V, **shared)
    yield alternative_annotator_test(ratings, said, epsilon=0.1, minimum=2, **scale)
    scores = said + 0.5 * (np.arange(n) % 2)
    yield choose_threshold(scores, gold == 1, measure="mcc", **shared)
    for method in ("isotonic", "platt"):
        yield cross_fit(scores, gold == 1, method=method, **shared)
    yield paired_rates(gold == 1, said == 1, **shared)
    yield paired_means(gold.astype(float), said.astype(float), **shared)
    for held in (np.arange(n) % 3 == 0, np.ones(n, bool), np.zeros(n, bool)):
        weights = 1.0 + np.arange(n) % 4
        sampled: dict[str, Any] = {
            "clusters_on_gold": None if clusters is None else clusters[held],
            "clusters_elsewhere": None if clusters is None else clusters[~held],
            "weights_on_gold": weights[held],
            "weights_elsewhere": weights[~held],
        }
        yield prevalence(gold[held], said[held], said[~held], label=1, **sampled)
        value, judged = (np.where(codes > 0, 2.0 * codes, np.nan) for codes in (gold, said))
        yield conditional_mean(value[held], judged[held], judged[~held], replicates=12, **sampled)


def check_all(gold: np.ndarray, said: np.ndarray, level: str, kind: str) -> None:
    for result in everything_about(gold, said, level, kind):
        for estimate in estimates_in(result):
            if estimate.value is None:
                assert estimate.note
                assert estimate.low is estimate.high is None
                continue
            assert np.isfinite(estimate.value)
            assert (estimate.low is None) == (estimate.high is None)
            assert estimate.low is None or estimate.low <= estimate.high
            assert estimate.low is not None or estimate.note


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
@pytest.mark.parametrize("kind", ["own", "shared", "one"])
@pytest.mark.parametrize("name", NAMED)
def test_a_named_misfortune_of_a_judge_gives_figures_or_reasons(name: str, kind: str, level: str) -> None:
    check_all(*NAMED[name], level, kind)


@given(pair=pairs, level=levels, kind=prompts)
@settings(deadline=None, max_examples=80)
def test_whatever_a_judge_says_gives_figures_or_reasons(
    pair: tuple[np.ndarray, np.ndarray], level: str, kind: str
) -> None:
    check_all(*pair, level, kind)
