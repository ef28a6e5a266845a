"""Sets of labels: MASI distance, alpha with it, and alpha of each label."""

from itertools import permutations

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ihlannotate.stats.bootstrap import cluster_weights
from ihlannotate.stats.reliability import (
    coded_sets,
    krippendorff_alpha,
    leave_one_out_sets,
    masi,
    masi_distances,
    rating_counts,
    set_reliability,
)
from ihlannotate.stats.reliability.sets import SetReliability

Answers = list[list[frozenset[int] | None]]  # annotators by units


def masi_as_in_nltk(first: frozenset[int], second: frozenset[int]) -> float:
    """nltk.metrics.distance.masi_distance, with 2/3 and 1/3 where it has .67 and .33, and for empty sets."""
    if first == second:
        return 0.0
    common, union = len(first & second), len(first | second)
    if common == len(first) == len(second):
        m = 1.0
    elif common == min(len(first), len(second)):
        m = 2 / 3
    elif common > 0:
        m = 1 / 3
    else:
        m = 0.0
    return 1 - common / union * m


def alpha_by_definition(answers: Answers) -> float | None:
    """1 - D_o/D_e from all ordered pairs within units and within everything pairable."""
    units = [[answer for answer in unit if answer is not None] for unit in zip(*answers, strict=True)]
    units = [unit for unit in units if len(unit) >= 2]
    everything = [answer for unit in units for answer in unit]
    if not everything:
        return None
    observed = sum(
        sum(masi_as_in_nltk(a, b) for a, b in permutations(unit, 2)) / (len(unit) - 1) for unit in units
    ) / len(everything)
    expected = sum(masi_as_in_nltk(a, b) for a, b in permutations(everything, 2))
    expected /= len(everything) * (len(everything) - 1)
    return 1 - observed / expected if expected else None


def coded(answers: Answers, labels: int) -> tuple[np.ndarray, np.ndarray]:
    present = [answer for row in answers for answer in row if answer is not None]
    codes, members = coded_sets(present, labels)
    ratings = np.full((len(answers), len(answers[0]) if answers else 0), -1)
    ratings[np.array([[answer is not None for answer in row] for row in answers], bool)] = codes
    return ratings, members


def reliability_of(answers: Answers, labels: int = 4, **options: object) -> SetReliability:
    ratings, members = coded(answers, labels)
    return set_reliability(ratings, members, replicates=50, **options)


def sets(*texts: str) -> list[frozenset[int] | None]:
    """Sets of labels from words: "ab" is {0, 1}, "-" the empty set, "" missing."""
    return [None if not text else frozenset("abcdefgh".index(c) for c in text if c != "-") for text in texts]


@pytest.mark.parametrize(
    ("first", "second", "distance"),
    [
        ("ab", "ab", 0),  # identical: J = 1, M = 1
        ("ab", "abcd", 1 - 1 / 2 * 2 / 3),  # subset: nltk's docstring has .665, with .67 for 2/3
        ("abc", "bcd", 1 - 2 / 4 * 1 / 3),  # overlap with something in both differences
        ("ab", "cd", 1),  # disjoint
        ("-", "-", 0),
        ("-", "ab", 1),
    ],
)
def test_masi_follows_the_four_cases_of_passonneau_2006(first: str, second: str, distance: float) -> None:
    members = np.array([[c in word for c in "abcd"] for word in (first, second)])
    assert masi_distances(members)[0, 1] == pytest.approx(distance, abs=1e-15)
    assert masi_distances(members)[1, 0] == pytest.approx(distance, abs=1e-15)


def test_alpha_of_a_worked_example() -> None:
    # Three units of two: ab/ab, a/ab (J 1/2, M 2/3), cd/c likewise. D_o = (2·0 + 2·2/3 + 2·2/3)/6 = 4/9.
    # Between all six values: {ab ×3, a, cd, c}; ab-a 2/3 (3 pairs), ab-cd, ab-c 1 (6), a-cd, a-c 1 (2),
    # cd-c 2/3 (1): sum 32/3 of 15 unordered pairs, D_e = 32/45. Alpha = 1 - (4/9)/(32/45) = 3/8.
    found = reliability_of([sets("ab", "a", "cd"), sets("ab", "ab", "c")])
    assert found.krippendorff_alpha.value == pytest.approx(3 / 8, abs=1e-12)
    assert found.percent_agreement.value == pytest.approx(1 / 3)
    assert found.masi_agreement.value == pytest.approx((1 + 1 / 3 + 1 / 3) / 3)
    assert (found.units, found.pairable_units, found.annotations, found.distinct_sets) == (3, 3, 6, 4)


labels = st.one_of(st.none(), st.frozensets(st.integers(0, 3)))
tables = st.tuples(st.integers(1, 4), st.integers(1, 6)).flatmap(
    lambda shape: st.lists(
        st.lists(labels, min_size=shape[1], max_size=shape[1]), min_size=shape[0], max_size=shape[0]
    )
)


@given(answers=tables)
@settings(deadline=None, max_examples=100)
def test_alpha_equals_its_definition_and_labels_equal_krippendorff(answers: Answers) -> None:
    found = reliability_of(answers)
    expected = alpha_by_definition(answers)
    assert found.krippendorff_alpha.value == (
        None if expected is None else pytest.approx(expected, abs=1e-12)
    )
    for label, estimate in found.per_label:
        present = np.array([[-1 if one is None else label in one for one in row] for row in answers], int)
        assert estimate.value == pytest.approx(
            krippendorff_alpha(rating_counts(present, 2), "nominal"), abs=1e-12
        )
        assert estimate.value is not None or estimate.note


def test_sets_of_one_label_have_the_nominal_alpha() -> None:
    rng = np.random.default_rng(51)
    codes = rng.integers(3, size=(3, 40))
    codes[0, :5] = -1
    found = set_reliability(codes, np.eye(3, dtype=bool), replicates=10)
    values = np.where(codes < 0, np.nan, codes)
    expected = krippendorff.alpha(values, level_of_measurement="nominal")
    assert found.krippendorff_alpha.value == pytest.approx(expected, abs=1e-12)
    assert found.masi_agreement.value == pytest.approx(found.percent_agreement.value, abs=1e-12)


def test_replicates_are_the_alphas_of_resampled_prompts() -> None:
    rng = np.random.default_rng(52)
    answers: Answers = [
        [frozenset(np.flatnonzero(rng.random(4) < 0.4).tolist()) for _ in range(30)] for _ in range(3)
    ]
    ratings, members = coded(answers, 4)
    clusters = np.arange(30) // 3
    found = set_reliability(ratings, members, clusters=clusters, replicates=40, seed=9)
    (drawn,) = cluster_weights(10, 40, np.random.default_rng(9))
    draws = []
    for weights in drawn.astype(int):
        units = np.repeat(np.arange(30), weights[clusters])
        draws.append(alpha_by_definition([[row[unit] for unit in units] for row in answers]))
    low, high = np.quantile(draws, [0.025, 0.975])
    assert (found.krippendorff_alpha.low, found.krippendorff_alpha.high) == pytest.approx(
        (low, high), abs=1e-12
    )
    assert found.clusters == 10


def drawn_sets(seed: int, labels: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Four annotators, 60 units, sets of any size, a fifth missing: ratings and members."""
    rng = np.random.default_rng(seed)
    answers: Answers = [
        [
            None if rng.random() < 0.2 else frozenset(np.flatnonzero(rng.random(labels) < 0.3).tolist())
            for _ in range(60)
        ]
        for _ in range(4)
    ]
    return coded(answers, labels)


@pytest.mark.parametrize("prompts", [None, np.arange(60) // 2])
def test_leaving_one_out_is_the_alpha_of_the_others(prompts: np.ndarray | None) -> None:
    ratings, members = drawn_sets(53)
    found = leave_one_out_sets(ratings, members, clusters=prompts, replicates=60, seed=4)
    assert [row for row, _ in found] == [0, 1, 2, 3]
    for row, estimate in found:
        others = np.delete(ratings, row, axis=0)
        expected = set_reliability(others, members, clusters=prompts, replicates=60, seed=4)
        assert estimate == expected.krippendorff_alpha
    alone = leave_one_out_sets(ratings[:2], members, replicates=5)
    assert [one.note for _, one in alone] == ["no unit has two annotations"] * 2
    assert leave_one_out_sets(ratings[:0], members) == []


@pytest.mark.parametrize("dense", [0.0, 1.0])
def test_chance_is_the_same_in_blocks_in_full_and_sparsely(
    monkeypatch: pytest.MonkeyPatch, dense: float
) -> None:
    _, members = drawn_sets(54)
    numbers = np.random.default_rng(55).integers(0, 5, size=(7, len(members))).astype(float)
    apart = masi_distances(members)
    monkeypatch.setattr(masi, "_BLOCK_CELLS", 3 * len(members))
    monkeypatch.setattr(masi, "_DENSE", dense)
    found = masi.LabelSets(members).distance_between(numbers)
    assert found == pytest.approx([row @ apart @ row for row in numbers], abs=1e-9)
    same = np.eye(len(members))[:3] * 7
    assert masi.LabelSets(members).distance_between(same).tolist() == [0.0, 0.0, 0.0]


def test_order_of_annotators_and_of_codes_does_not_matter() -> None:
    ratings, members = coded(
        [sets("ab", "a", "cd", "b"), sets("ab", "ab", "c", ""), sets("", "b", "d", "a")], 4
    )
    found = set_reliability(ratings, members, replicates=0)
    order = np.array([3, 0, 2, 1, *range(4, len(members))])
    renamed = np.where(ratings < 0, -1, np.argsort(order)[ratings])
    again = set_reliability(renamed[::-1], members[order], replicates=0)
    assert again.krippendorff_alpha.value == pytest.approx(found.krippendorff_alpha.value, abs=1e-12)
    assert again.per_label == found.per_label


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([sets("", "")], "no unit has two annotations"),
        ([sets("a", "b")], "no unit has two annotations"),
        ([sets("ab", "ab"), sets("ab", "ab")], "no variation: all paired annotations are the same set"),
        ([sets("-", "-"), sets("-", "-")], "no variation: all paired annotations are the same set"),
        ([sets("a", ""), sets("", "b")], "no unit has two annotations"),
    ],
)
def test_what_is_undefined_says_why(answers: Answers, reason: str) -> None:
    found = reliability_of(answers)
    assert (found.krippendorff_alpha.value, found.krippendorff_alpha.note) == (None, reason)
    assert all(one.value is None and one.note for _, one in found.per_label)


def test_labels_that_all_or_nobody_chose_say_which() -> None:
    found = reliability_of([sets("ab", "a"), sets("a", "ab")], labels=3)
    assert found.per_label[0][1].note.endswith("have this label")
    assert found.per_label[2][1].note == "no variation: no paired annotation has this label"
    assert found.per_label[1][1].value is not None
    assert [one.value for _, one in found.prevalence] == [1.0, 0.5, 0.0]


def test_one_prompt_has_no_interval_and_nobody_no_figures() -> None:
    found = reliability_of([sets("ab", "a"), sets("a", "ab")], clusters=np.array([5, 5]))
    assert found.krippendorff_alpha.value is not None
    assert "one prompt only" in found.krippendorff_alpha.note
    nothing = set_reliability(np.zeros((0, 3), int), np.zeros((0, 2), bool))
    assert (nothing.units, nothing.krippendorff_alpha.note) == (0, "no unit has two annotations")
    no_labels = set_reliability(np.zeros((2, 3), int), np.zeros((1, 0), bool))
    assert (no_labels.percent_agreement.value, no_labels.per_label) == (1.0, ())


def test_sets_that_are_no_sets_are_refused() -> None:
    with pytest.raises(ValueError, match="labels lie"):
        coded_sets([{0, 3}], 3)
    with pytest.raises(ValueError, match="distinct sets"):
        set_reliability(np.zeros((2, 2), int), np.zeros((2, 3), bool))
    with pytest.raises(ValueError, match="between -1"):
        set_reliability(np.full((2, 2), 1), np.zeros((1, 3), bool))
