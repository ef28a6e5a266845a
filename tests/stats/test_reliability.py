"""Agreement coefficients equal published answers and reference packages."""

from collections.abc import Callable
from typing import Any

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats import inter_rater

from ihlannotate.stats.bootstrap import resample
from ihlannotate.stats.reliability import (
    cohen_kappa,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    percent_agreement,
    rating_counts,
    reliability,
)
from ihlannotate.stats.reliability.coefficients import alpha
from ihlannotate.stats.reliability.tally import read_tally, tally_rows

LEVELS = ("nominal", "ordinal", "interval")
Count = Callable[[Any], np.ndarray]


@pytest.mark.parametrize("level", LEVELS)
def test_alpha_of_krippendorff_2011(cases: dict[str, Any], count: Count, level: Any) -> None:
    case = cases["krippendorff_2011_C"]
    counts = count(np.array(case["raters_x_units"], dtype=object).T.tolist())
    found = krippendorff_alpha(counts, level)
    assert round(found, 3) == case["published"][level]
    assert found == pytest.approx(case["exact_krippendorff_0_9_0"][level], abs=1e-12)


def test_per_category_alpha_of_krippendorff_2011(cases: dict[str, Any], count: Count) -> None:
    case = cases["krippendorff_2011_C"]
    counts = count(np.array(case["raters_x_units"], dtype=object).T.tolist())
    found = reliability(counts, level="nominal", replicates=10).per_category
    expected = [
        (k - 1, value) for k, value in enumerate(case["per_category_alpha_binarised_computed"].values(), 1)
    ]
    assert [(k, pytest.approx(one.value, abs=1e-12)) for k, one in found] == expected


@pytest.mark.parametrize(
    ("level", "key"), [("nominal", "AC1"), ("ordinal", "AC2_ordinal"), ("interval", "AC2_quadratic")]
)
def test_gwet_of_the_four_raters(cases: dict[str, Any], count: Count, level: Any, key: str) -> None:
    case = cases["gwet_cac_raw4raters"]
    weights = {"nominal": "identity", "ordinal": "ordinal", "interval": "quadratic"}[level]
    found = gwet_ac(count(case["units_x_raters"]), level, [1, 2, 3, 4, 5])
    assert round(found, 3) == case["published_3dp"][key]["value"]
    exact = case["computed_irrCAC_0_4_4"][weights]["gwet"]["coefficient_value"]
    assert found == pytest.approx(exact, abs=1e-6)


@pytest.mark.parametrize("name", ["gwet_cac_raw4raters", "gwet_raw_g1g2"])
def test_fleiss_and_agreement_with_unequal_numbers_of_annotations(
    cases: dict[str, Any], count: Count, name: str
) -> None:
    case = cases[name]
    computed = case.get("computed_irrCAC_identity") or case["computed_irrCAC_0_4_4"]["identity"]
    counts = count(case["units_x_raters"])
    assert fleiss_kappa(counts) == pytest.approx(computed["fleiss"]["coefficient_value"], abs=1e-6)
    assert percent_agreement(counts) == pytest.approx(computed["fleiss"]["pa"], abs=1e-6)
    assert gwet_ac(counts) == pytest.approx(computed["gwet"]["coefficient_value"], abs=1e-6)
    assert krippendorff_alpha(counts, "nominal") == pytest.approx(
        computed["krippendorff"]["coefficient_value"], abs=1e-6
    )


def test_the_four_raters_alpha_is_not_that_of_gwets_ordinal_weights(
    cases: dict[str, Any], count: Count
) -> None:
    published = cases["gwet_cac_raw4raters"]["published_3dp"]
    counts = count(cases["gwet_cac_raw4raters"]["units_x_raters"])
    assert round(krippendorff_alpha(counts, "nominal"), 3) == published["krippendorff_nominal"]["value"]
    assert round(krippendorff_alpha(counts, "interval"), 3) == published["krippendorff_quadratic"]
    ordinal = krippendorff_alpha(counts, "ordinal")
    assert round(ordinal, 3) == 0.815
    assert round(ordinal, 3) != published["krippendorff_ordinalWEIGHTS_not_ordinal_metric"]


def test_fleiss_1971_psychiatric_diagnoses(cases: dict[str, Any]) -> None:
    case = cases["fleiss_1971_psychiatric"]
    counts = np.array(case["counts"])
    assert round(fleiss_kappa(counts), 2) == case["published"]["kappa"]
    assert fleiss_kappa(counts) == pytest.approx(case["computed"]["kappa"], abs=1e-12)
    found = reliability(counts, level="nominal", replicates=10)
    assert found.percent_agreement.value == pytest.approx(case["computed"]["P_bar"], abs=1e-12)
    assert [share.value for _, share in found.prevalence] == pytest.approx(
        case["computed"]["marginals"], abs=1e-12
    )


def test_cohen_1968_plain_and_with_a_matrix_of_weights(cases: dict[str, Any]) -> None:
    case = cases["cohen_1968"]
    table = np.array(case["table"])
    assert cohen_kappa(table) == pytest.approx(case["exact"]["kappa"], abs=1e-12)
    assert cohen_kappa(table, np.array(case["disagreement_weights"])) == pytest.approx(
        case["exact"]["kappa_w"], abs=1e-12
    )
    assert (
        round(cohen_kappa(table, np.array(case["swap_weights"])), 3) == case["published"]["kappa_w_swap_6_1"]
    )
    assert (
        round(cohen_kappa(table, np.array(case["asym_weights"])), 3)
        == (case["published"]["kappa_w_asymmetric_validity"])
    )


def test_cohen_of_the_anxiety_ratings(cases: dict[str, Any]) -> None:
    case = cases["cohen_irr_anxiety"]
    pairs = np.array(case["units_x_raters"])[:, 1:]
    # R's irr::kappa2 spaces the levels that occur: 5 does not, so 6 follows 4
    levels, codes = np.unique(pairs, return_inverse=True)
    table = np.zeros((len(levels), len(levels)), int)
    np.add.at(table, tuple(codes.reshape(pairs.shape).T), 1)
    assert cohen_kappa(table) == pytest.approx(case["published"]["kappa_r2r3"], abs=1e-8)
    assert cohen_kappa(table, "linear") == pytest.approx(case["published"]["linear_r2r3"], abs=1e-7)
    assert cohen_kappa(table, "quadratic") == pytest.approx(case["published"]["squared_r2r3"], abs=1e-7)


def table_counts(table: np.ndarray) -> np.ndarray:
    """Counts of the units in a table of two annotators."""
    first, second = np.indices(table.shape)
    pairs = np.repeat(np.column_stack([first.ravel(), second.ravel()]), table.ravel(), axis=0)
    return rating_counts(pairs.T, len(table))


def test_gwet_table_of_abstractors(cases: dict[str, Any]) -> None:
    case = cases["gwet_table_cont3x3abstractors"]
    table = np.array(case["table"])
    assert cohen_kappa(table) == pytest.approx(
        case["computed_irrCAC"]["identity"]["cohen"]["value"], abs=1e-6
    )
    for weights in ("linear", "quadratic"):
        expected = case["computed_irrCAC"][weights]["cohen"]["value"]
        assert cohen_kappa(table, weights) == pytest.approx(expected, abs=1e-6)
    counts = table_counts(table)
    assert gwet_ac(counts) == pytest.approx(case["computed_irrCAC"]["identity"]["gwet"]["value"], abs=1e-6)
    assert gwet_ac(counts, "interval") == pytest.approx(
        case["computed_irrCAC"]["quadratic"]["gwet"]["value"], abs=1e-6
    )


def test_kappa_collapses_under_prevalence_where_ac1_does_not(cases: dict[str, Any]) -> None:
    for case in cases["prevalence_paradox"]["tables"]:
        table = np.array(case["table"])
        counts = table_counts(table)
        assert percent_agreement(counts) == pytest.approx(case["po"], abs=1e-12)
        assert cohen_kappa(table) == pytest.approx(case["cohen"], abs=1e-8)
        assert gwet_ac(counts) == pytest.approx(case["AC1"], abs=1e-8)


count_tables = st.tuples(st.integers(0, 12), st.integers(1, 5)).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.integers(0, 4))
)


def reference_alpha(counts: np.ndarray, level: str, values: list[float]) -> float | None:
    """krippendorff.alpha, None where it has none: it refuses what has no pair or divides 0 by 0."""
    paired = counts[counts.sum(axis=1) >= 2]
    if (paired.sum(axis=0) > 0).sum() < 2:
        return None
    return float(krippendorff.alpha(value_counts=counts, value_domain=values, level_of_measurement=level))


@pytest.mark.parametrize("level", LEVELS)
@given(counts=count_tables)
@settings(deadline=None, max_examples=150)
def test_alpha_equals_the_krippendorff_package(level: Any, counts: np.ndarray) -> None:
    values = [1.0, 2.0, 4.0, 8.0, 16.0][: counts.shape[1]]
    expected = reference_alpha(counts, level, values)
    found = krippendorff_alpha(counts, level, values)
    assert found == (None if expected is None else pytest.approx(expected, rel=1e-12, abs=1e-12))


@pytest.mark.parametrize("clustered", [True, False])
@pytest.mark.parametrize("level", LEVELS)
def test_every_replicate_is_the_alpha_of_the_resampled_data(level: Any, clustered: bool) -> None:
    rng = np.random.default_rng(11)
    truth = rng.integers(4, size=120)
    ratings = np.where(rng.random((5, 120)) < 0.6, truth, rng.integers(4, size=(5, 120)))
    ratings[rng.random(ratings.shape) < 0.4] = -1
    counts = rating_counts(ratings, 4)
    # Pairs of units in a prompt; unclustered, one unit stands for each pattern of counts that was drawn
    clusters = np.arange(120) // 2 if clustered else None
    sums = resample(
        counts, summarise=lambda rows: tally_rows(rows, np.eye(4)), clusters=clusters, replicates=25, seed=12
    )
    found = alpha(read_tally(sums.replicates, 4).coincidences, level)
    again = np.random.default_rng(12)
    patterns, copies = np.unique(counts, axis=0, return_counts=True)
    for value in found:
        if clustered:
            drawn = again.integers(60, size=60)
            resampled = counts[np.concatenate([2 * drawn, 2 * drawn + 1])]
        else:
            resampled = np.repeat(patterns, again.multinomial(120, copies / 120), axis=0)
        expected = krippendorff.alpha(
            value_counts=resampled, value_domain=[0, 1, 2, 3], level_of_measurement=level
        )
        assert value == pytest.approx(expected, abs=1e-12)


@given(counts=st.integers(2, 5).flatmap(lambda v: arrays(np.int64, (9, v), elements=st.integers(0, 3))))
@settings(deadline=None, max_examples=80)
def test_fleiss_equals_statsmodels_where_all_units_have_as_many_annotations(counts: np.ndarray) -> None:
    counts[:, 0] += counts.sum(axis=1).max() + 2 - counts.sum(axis=1)
    if (counts.sum(axis=0) > 0).sum() < 2:
        assert fleiss_kappa(counts) is None
    else:
        assert fleiss_kappa(counts) == pytest.approx(inter_rater.fleiss_kappa(counts), abs=1e-12)


@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
@given(pairs=arrays(np.int64, st.tuples(st.integers(2, 20), st.just(2)), elements=st.integers(0, 3)))
@settings(deadline=None, max_examples=80)
def test_cohen_equals_scikit_learn(weights: Any, pairs: np.ndarray) -> None:
    table = np.zeros((4, 4), int)
    np.add.at(table, (pairs[:, 0], pairs[:, 1]), 1)
    if len(np.unique(pairs)) == 1:
        assert cohen_kappa(table, weights) is None
    else:
        expected = cohen_kappa_score(pairs[:, 0], pairs[:, 1], labels=[0, 1, 2, 3], weights=weights)
        assert cohen_kappa(table, weights) == pytest.approx(expected, abs=1e-12)


def test_units_without_a_pair_count_as_units_and_annotations_only() -> None:
    found = reliability(np.array([[2, 0], [1, 1], [1, 0], [0, 0]]), level="nominal", replicates=10)
    assert (found.units, found.pairable_units, found.annotations, found.clusters) == (3, 2, 5, 4)
    assert found.percent_agreement.value == 0.5
    assert [share.value for _, share in found.prevalence] == [0.8, 0.2]


@pytest.mark.parametrize(
    ("level", "kind"),
    [("nominal", "AC1"), ("ordinal", "AC2 (ordinal weights)"), ("interval", "AC2 (quadratic weights)")],
)
def test_the_kind_of_gwet_coefficient_is_named(level: Any, kind: str) -> None:
    assert reliability(np.array([[2, 0], [1, 1]]), level=level, replicates=10).gwet_kind == kind


def test_every_interval_holds_its_value_and_repeats_with_the_seed() -> None:
    rng = np.random.default_rng(13)
    counts = rng.integers(0, 3, size=(200, 3))
    first, again = (
        reliability(counts, level="ordinal", clusters=np.arange(200) // 4, seed=5) for _ in range(2)
    )
    assert first == again
    estimates = [first.percent_agreement, first.krippendorff_alpha, first.gwet_ac, first.fleiss_kappa]
    estimates += [one for _, one in (*first.per_category, *first.prevalence)]
    assert all(one.low < one.value < one.high for one in estimates)
    assert first.clusters == 50


def test_values_space_the_levels_of_an_interval_criterion() -> None:
    counts = np.array([[2, 0, 0], [0, 2, 0], [0, 1, 1], [0, 0, 2]])
    near, far = (krippendorff_alpha(counts, "interval", values) for values in ([0, 1, 1.1], [0, 1, 5]))
    assert near > 0.99 > far


DEGENERATE = {
    "no units": (np.zeros((0, 3), int), "no unit has two annotations"),
    "all missing": (np.zeros((4, 3), int), "no unit has two annotations"),
    "one annotator": (np.array([[1, 0, 0], [0, 1, 0]]), "no unit has two annotations"),
    "all the same": (
        np.array([[3, 0, 0], [2, 0, 0]]),
        "no variation: all paired annotations are of one level",
    ),
    "one level": (np.array([[3], [2]]), "no variation: all paired annotations are of one level"),
}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", DEGENERATE)
def test_degenerate_counts_are_undefined_with_the_reason(name: str, level: Any) -> None:
    counts, reason = DEGENERATE[name]
    found = reliability(counts, level=level, replicates=50)
    assert (found.krippendorff_alpha.value, found.krippendorff_alpha.note) == (None, reason)
    assert (found.fleiss_kappa.value, found.fleiss_kappa.note) == (None, reason)
    assert all(one.value is None and one.note for _, one in found.per_category)
    assert krippendorff_alpha(counts, level) is None
    assert fleiss_kappa(counts) is None


def test_all_the_same_is_full_agreement_for_ac1_and_none_for_alpha() -> None:
    found = reliability(np.array([[3, 0], [2, 0], [4, 0]]), level="nominal")
    assert found.percent_agreement.value == found.gwet_ac.value == 1.0
    assert found.krippendorff_alpha.value is None
    assert found.gwet_ac.note == found.percent_agreement.note == ""


def test_ac_of_one_level_says_so() -> None:
    assert (
        reliability(np.array([[3], [2]]), level="nominal").gwet_ac.note == "the criterion has only one level"
    )


def test_a_level_nobody_used_has_no_alpha_of_its_own() -> None:
    found = reliability(np.array([[2, 0, 0], [0, 2, 0], [1, 1, 0]]), level="nominal").per_category
    assert found[0][1].value is not None
    assert found[2][1].note == "no variation: no paired annotation is of this level"


def test_replicates_without_variation_are_left_out_and_counted() -> None:
    found = reliability(
        np.array([[2, 0], [0, 2], [2, 0], [2, 0], [2, 0]]), level="nominal"
    ).krippendorff_alpha
    assert (found.value, found.low, found.high) == (1.0, 1.0, 1.0)
    assert found.note.endswith("of 1000 replicates undefined and left out of the interval")


def test_two_units_are_enough_for_a_figure() -> None:
    found = reliability(np.array([[2, 0], [1, 1]]), level="nominal")
    assert found.krippendorff_alpha.value == 0.0
    assert found.percent_agreement.value == 0.5


def test_one_prompt_gives_a_value_without_an_interval() -> None:
    found = reliability(np.array([[2, 0], [1, 1], [0, 2]]), level="nominal", clusters=np.array([7, 7, 7]))
    assert found.krippendorff_alpha.value is not None
    assert (found.krippendorff_alpha.low, found.clusters) == (None, 1)
    assert "one prompt only" in found.krippendorff_alpha.note


@pytest.mark.parametrize(
    "counts", [np.array([[1, -1]]), np.array([1, 2]), np.array([[0.5, 0.5]]), np.zeros((3, 0), int)]
)
def test_what_is_no_table_of_counts_is_refused(counts: np.ndarray) -> None:
    with pytest.raises(ValueError, match="counts"):
        reliability(counts, level="nominal")
