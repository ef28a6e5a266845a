"""Confidence as weights of annotations, what each confusion matrix rests on, and where every start ended."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ihlannotate.stats.aggregation import DawidSkene, dawid_skene, expectation
from tests.stats.test_aggregation import OBSERVERS, planted


def same(first: DawidSkene, second: DawidSkene) -> bool:
    """Equal posteriors and error rates, to what another order of adding up can change."""
    return (
        np.allclose(first.posterior, second.posterior, atol=1e-9)
        and np.allclose(first.confusion, second.confusion, atol=1e-9)
        and first.log_likelihood == pytest.approx(second.log_likelihood, abs=1e-8)
    )


@pytest.fixture(scope="module")
def ratings() -> np.ndarray:
    """Three annotators, 150 units, three levels, a fifth missing."""
    _, given_levels = planted(31, skill=(0.8, 0.7, 0.6), units=150)
    given_levels[np.random.default_rng(32).random(given_levels.shape) < 0.2] = -1
    return given_levels


def test_weights_of_one_change_nothing(ratings: np.ndarray) -> None:
    plain = dawid_skene(ratings, level_count=3, starts=3)
    weighted = dawid_skene(ratings, level_count=3, starts=3, weights=np.ones(ratings.shape))
    assert (plain.posterior == weighted.posterior).all()
    assert plain.fits == weighted.fits


def test_an_annotation_of_no_weight_is_as_if_missing(ratings: np.ndarray) -> None:
    weights = np.ones(ratings.shape)
    weights[1, :50] = 0
    without = np.where(weights > 0, ratings, -1)
    assert same(
        dawid_skene(ratings, level_count=3, start="majority", weights=weights),
        dawid_skene(without, level_count=3, start="majority"),
    )


def test_a_weight_of_two_is_the_annotation_given_twice(ratings: np.ndarray) -> None:
    twice = np.zeros(ratings.shape)
    twice[0, ::2] = 1
    doubled = np.concatenate([ratings, np.where(twice[:1] > 0, ratings[:1], -1)])
    assert same(
        dawid_skene(ratings, level_count=3, start="proportions", weights=1 + twice),
        dawid_skene(doubled, level_count=3, start="proportions", annotators=np.array([0, 1, 2, 0])),
    )


def test_doubt_moves_the_posterior_away_from_the_doubtful_annotation() -> None:
    _, given_levels = planted(33, skill=(0.8, 0.8), units=400, levels=2)
    weights = np.ones(given_levels.shape)
    split = np.flatnonzero(given_levels[0] != given_levels[1])
    weights[1, split] = 0.3
    sure = dawid_skene(given_levels, level_count=2, start="majority")
    doubted = dawid_skene(given_levels, level_count=2, start="majority", weights=weights)
    kept = given_levels[0, split]
    assert (doubted.posterior[split, kept] > sure.posterior[split, kept]).all()


@pytest.mark.parametrize("bad", [-0.1, np.nan, np.inf])
def test_weights_that_are_no_amounts_are_refused(ratings: np.ndarray, bad: float) -> None:
    weights = np.ones(ratings.shape)
    weights[0, 0] = bad
    with pytest.raises(ValueError, match="finite number from 0 up"):
        dawid_skene(ratings, level_count=3, weights=weights)
    with pytest.raises(ValueError, match="finite number from 0 up"):
        dawid_skene(ratings, level_count=3, weights=np.ones((3, 4)))


def test_rows_of_a_confusion_matrix_rest_on_the_ratings_of_units_truly_so(ratings: np.ndarray) -> None:
    found = dawid_skene(ratings, level_count=3, starts=2)
    assert found.rests_on.sum(axis=1) == pytest.approx((ratings >= 0).sum(axis=1))
    for annotator, row in enumerate(ratings):
        assert found.rests_on[annotator] == pytest.approx(found.posterior[row >= 0].sum(axis=0))


def test_weights_do_not_change_how_many_ratings_there_were(ratings: np.ndarray) -> None:
    found = dawid_skene(ratings, level_count=3, starts=2, weights=np.full(ratings.shape, 0.5))
    assert found.rests_on.sum(axis=1) == pytest.approx((ratings >= 0).sum(axis=1))


def test_repeated_ratings_of_one_annotator_all_count(cases: dict[str, Any]) -> None:
    patients = np.array(cases["dawid_skene_1979_anaesthesia"]["patients"]).T - 1
    found = dawid_skene(patients, level_count=4, annotators=OBSERVERS, start="majority")
    assert found.rests_on.sum(axis=1) == pytest.approx([3 * 45, 45, 45, 45, 45])


def test_every_start_says_where_it_ended(cases: dict[str, Any]) -> None:
    case = cases["dawid_skene_1979_anaesthesia"]
    patients = np.array(case["patients"]).T - 1
    found = dawid_skene(patients, level_count=4, annotators=OBSERVERS, smoothing=0, starts=4)
    assert [fit.name for fit in found.fits] == ["majority", "proportions", *(f"random {n}" for n in range(4))]
    ended = {fit.name: fit for fit in found.fits}
    assert ended["majority"].log_likelihood == pytest.approx(
        case["multimodality"]["majority_vote_init_ll"], abs=1e-6
    )
    best = max(found.fits, key=lambda fit: fit.log_likelihood)
    assert found.log_likelihood == pytest.approx(best.log_likelihood, abs=1e-9)
    assert ended[found.start].iterations == found.iterations


def test_a_start_ends_where_it_ends_alone_however_many_go_together(
    ratings: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = dawid_skene(ratings, level_count=3, starts=5)
    alone = {name: dawid_skene(ratings, level_count=3, start=name) for name in ("majority", "proportions")}
    for fit in together.fits[:2]:
        assert fit == alone[fit.name].fits[0]
    monkeypatch.setattr(expectation, "_BATCH_CELLS", 1)
    one_by_one = dawid_skene(ratings, level_count=3, starts=5)
    assert (one_by_one.posterior == together.posterior).all()
    assert one_by_one.fits == together.fits


def test_starts_that_did_not_come_to_rest_are_said(ratings: np.ndarray) -> None:
    found = dawid_skene(ratings, level_count=3, starts=2, max_iterations=2)
    assert not any(fit.converged for fit in found.fits)
    assert {fit.iterations for fit in found.fits} == {2}


weighted_tables = st.tuples(st.integers(0, 3), st.integers(0, 6)).flatmap(
    lambda shape: st.tuples(
        arrays(np.int64, shape, elements=st.integers(-1, 2)),
        arrays(np.float64, shape, elements=st.sampled_from([0.0, 0.25, 1.0, 3.0])),
    )
)


@given(table=weighted_tables, smoothing=st.sampled_from([0.0, 0.01]))
@settings(deadline=None, max_examples=60)
def test_whatever_is_missing_the_fit_is_made_of_distributions(
    table: tuple[np.ndarray, np.ndarray], smoothing: float
) -> None:
    given_levels, weights = table
    found = dawid_skene(given_levels, level_count=3, weights=weights, smoothing=smoothing, starts=2)
    for shares in (found.posterior, found.confusion, found.marginals):
        assert np.isfinite(shares).all()
        assert shares.sum(axis=-1) == pytest.approx(1.0)
    counted = ((given_levels >= 0) & (weights > 0)).sum()
    assert found.rests_on.sum() == pytest.approx(counted)
