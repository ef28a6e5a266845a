"""The prompt bootstrap: exact sums, exact resampling, honest intervals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ihlannotate.stats import bootstrap
from ihlannotate.stats.bootstrap import distinct_rows, percentile_estimate, resample

WIDE = st.integers(-(2**40), 2**40)
NARROW = st.integers(-1, 3)


def as_floats(rows: np.ndarray) -> np.ndarray:
    return rows.astype(np.float64)


@pytest.mark.parametrize("elements", [NARROW, WIDE])
@given(data=st.data())
@settings(deadline=None, max_examples=60)
def test_distinct_rows_rebuild_the_input_and_count_copies(
    elements: st.SearchStrategy, data: st.DataObject
) -> None:
    shape = data.draw(st.tuples(st.integers(0, 12), st.integers(1, 4)))
    rows = data.draw(arrays(np.int64, shape, elements=elements))
    patterns, inverse, copies = distinct_rows(rows)
    assert (patterns[inverse] == rows).all()
    assert copies.tolist() == np.bincount(inverse, minlength=len(patterns)).tolist()
    assert len({tuple(row) for row in patterns.tolist()}) == len(patterns)


def test_total_is_the_sum_over_all_units() -> None:
    rows = np.random.default_rng(1).integers(0, 4, size=(200, 3))
    clusters = np.arange(200) // 7
    for groups in (None, clusters):
        assert resample(rows, summarise=as_floats, clusters=groups, replicates=2).total.tolist() == (
            rows.sum(axis=0).tolist()
        )


def test_clusters_of_one_unit_take_the_unclustered_shortcut() -> None:
    rows = np.random.default_rng(2).integers(0, 3, size=(80, 2))
    alone = np.random.default_rng(3).permutation(80) * 5
    plain = resample(rows, summarise=as_floats, replicates=50, seed=4)
    clustered = resample(rows, summarise=as_floats, clusters=alone, replicates=50, seed=4)
    assert (plain.replicates == clustered.replicates).all()
    assert plain.clusters == clustered.clusters == 80


def test_a_clustered_replicate_is_the_sum_over_the_drawn_clusters() -> None:
    rows = np.random.default_rng(5).integers(0, 9, size=(60, 2))
    clusters = np.arange(60) % 13
    found = resample(rows, summarise=as_floats, clusters=clusters, replicates=20, seed=6)
    drawn = np.random.default_rng(6).integers(13, size=(20, 13))
    expected = [sum(rows[clusters == cluster].sum(axis=0) for cluster in draw) for draw in drawn]
    assert found.replicates.tolist() == np.array(expected).tolist()


def test_the_shortcut_spreads_like_the_unit_bootstrap() -> None:
    rng = np.random.default_rng(7)
    rows = rng.integers(0, 4, size=(150, 1))
    shortcut = resample(rows, summarise=as_floats, replicates=20_000, seed=8).replicates[:, 0]
    naive = rows[rng.integers(150, size=(20_000, 150)), 0].sum(axis=1)
    assert shortcut.mean() == pytest.approx(naive.mean(), rel=0.005)
    assert shortcut.std() == pytest.approx(naive.std(), rel=0.03)


def test_batches_do_not_change_the_replicates(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.random.default_rng(9).integers(0, 3, size=(90, 2))
    clusters = np.arange(90) // 3
    whole = [
        resample(rows, summarise=as_floats, clusters=groups, replicates=40) for groups in (None, clusters)
    ]
    monkeypatch.setattr(bootstrap, "_BATCH_CELLS", 64)
    parts = [
        resample(rows, summarise=as_floats, clusters=groups, replicates=40) for groups in (None, clusters)
    ]
    for one, other in zip(whole, parts, strict=True):
        assert (one.replicates == other.replicates).all()


def test_the_seed_decides_the_replicates() -> None:
    rows = np.arange(40)[:, None]
    first, again, other = (
        resample(rows, summarise=as_floats, replicates=9, seed=s).replicates for s in (1, 1, 2)
    )
    assert (first == again).all()
    assert (first != other).any()


def test_repeated_units_in_a_prompt_widen_the_spread_by_the_root_of_their_number() -> None:
    prompts = np.random.default_rng(10).integers(0, 2, size=300)
    rows = np.repeat(prompts, 4)[:, None]
    clusters = np.repeat(np.arange(300), 4)
    by_prompt = resample(rows, summarise=as_floats, clusters=clusters, replicates=4000).replicates.std()
    by_unit = resample(rows, summarise=as_floats, replicates=4000).replicates.std()
    assert by_prompt / by_unit == pytest.approx(2, rel=0.06)


def test_cluster_codes_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="3 units need 3 cluster codes"):
        resample(np.zeros((3, 1), int), summarise=as_floats, clusters=np.array([0, 1]))


def test_no_units_give_zero_sums_and_no_replicates() -> None:
    found = resample(np.zeros((0, 2), int), summarise=as_floats, clusters=np.zeros(0, int))
    assert (found.total.tolist(), found.replicates.shape, found.clusters) == ([0.0, 0.0], (0, 2), 0)


def test_interval_is_the_percentiles_of_the_replicates() -> None:
    found = percentile_estimate(0.5, np.linspace(0, 1, 1001), clusters=9, undefined="")
    assert (found.value, found.low, found.high, found.note) == (0.5, 0.025, 0.975, "")


def test_undefined_replicates_are_left_out_and_counted() -> None:
    draws = np.concatenate([np.linspace(0, 1, 1001), [np.nan] * 500])
    found = percentile_estimate(0.5, draws, clusters=9, undefined="")
    assert (found.low, found.high) == (0.025, 0.975)
    assert found.note == "500 of 1501 replicates undefined and left out of the interval"


def test_more_than_half_undefined_leave_no_interval() -> None:
    found = percentile_estimate(0.5, np.array([0.1, 0.2, np.nan, np.nan, np.nan]), clusters=9, undefined="")
    assert (found.value, found.low, found.high) == (0.5, None, None)
    assert found.note == "undefined in 3 of 5 replicates, so no interval"


def test_an_undefined_value_keeps_its_reason_whatever_the_replicates() -> None:
    assert percentile_estimate(np.nan, np.ones(5), clusters=9, undefined="because").as_dict() == {
        "value": None,
        "ci": [None, None],
        "note": "because",
    }


def test_one_cluster_gives_no_interval() -> None:
    found = percentile_estimate(0.5, np.full(10, 0.5), clusters=1, undefined="")
    assert (found.value, found.low) == (0.5, None)
    assert "one prompt only" in found.note


def test_many_patterns_are_drawn_as_often_as_few() -> None:
    copies = np.random.default_rng(5).integers(1, 4, size=2_500)
    drawn = np.concatenate(list(bootstrap.pattern_weights(copies, 400, np.random.default_rng(6))))
    total = copies.sum()
    assert (drawn.sum(axis=1) == total).all()
    # Mean and variance of Multinomial(total; copies/total)
    assert drawn.mean(axis=0) == pytest.approx(copies, abs=6 * np.sqrt(3 / 400))
    assert (drawn.var(axis=0) / (copies * (1 - copies / total))).mean() == pytest.approx(1, abs=0.02)
