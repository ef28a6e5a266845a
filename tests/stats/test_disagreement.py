"""Units ranked by how divided they are, and the levels that are confused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import entropy

from ihlannotate.stats.disagreement import confusions, disagreement_by_unit

tables = arrays(np.int64, st.tuples(st.integers(0, 10), st.integers(1, 4)), elements=st.integers(0, 3))


@given(counts=tables)
@settings(deadline=None, max_examples=80)
def test_entropy_is_scipys_and_the_ranking_falls(counts: np.ndarray) -> None:
    found = disagreement_by_unit(counts)
    for unit, bits in zip(counts, found.bits, strict=True):
        assert bits == pytest.approx(entropy(unit, base=2) if unit.any() else 0.0, abs=1e-9)
    assert (np.diff(found.bits[found.ranking]) <= 0).all()
    assert sorted(found.ranking) == np.flatnonzero((counts > 0).sum(axis=1) > 1).tolist()
    assert ((found.normalised >= 0) & (found.normalised <= 1 + 1e-9)).all()


def test_ties_stay_in_the_order_of_units() -> None:
    found = disagreement_by_unit(np.array([[1, 2, 0], [0, 1, 1], [0, 2, 1], [1, 1, 0], [1, 1, 1], [2, 0, 1]]))
    assert found.ranking.tolist() == [4, 1, 3, 0, 2, 5]
    assert found.normalised[4] == pytest.approx(1.0)
    assert found.spread.tolist() == [1, 1, 1, 1, 2, 2]


def test_one_annotation_is_not_agreement() -> None:
    found = disagreement_by_unit(np.array([[0, 0], [1, 0], [2, 0]]))
    assert found.pairable.tolist() == [False, False, True]
    assert found.bits.tolist() == [0.0, 0.0, 0.0]
    assert found.ranking.tolist() == []


@given(counts=tables)
@settings(deadline=None, max_examples=60)
def test_confusions_are_the_pairs_of_pairs(counts: np.ndarray) -> None:
    found = {(one.first, one.second): one for one in confusions(counts)}
    for c in range(counts.shape[1]):
        for k in range(c + 1, counts.shape[1]):
            divided = sum(unit[c] * unit[k] / (unit.sum() - 1) for unit in counts if unit[c] and unit[k])
            assert (found[c, k].coincidences if (c, k) in found else 0) == pytest.approx(divided)
    assert sum(one.share for one in found.values()) == pytest.approx(1.0 if found else 0)


def test_full_agreement_confuses_nothing() -> None:
    assert confusions(np.array([[2, 0], [0, 3], [1, 0]])) == ()
