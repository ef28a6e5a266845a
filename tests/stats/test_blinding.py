"""Whether blinding held: accuracy of guesses, luck, and the exact test, against statsmodels, scikit-learn and scipy."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, cohen_kappa_score
from statsmodels.stats.proportion import binom_test, proportion_confint

from ihlannotate.stats.blinding import CANNOT_TELL, FEW, Outcome, blinding

NAMES = ("aster", "borealis", "cinder", "dunlin")
answers = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from((*NAMES, CANNOT_TELL))), max_size=80)


@given(answers, st.integers(len(NAMES), 9))
def test_figures_equal_those_of_other_packages(pairs: list[tuple[str, str]], models: int) -> None:
    found = blinding([true for true, _ in pairs], [guess for _, guess in pairs], models=models)
    named = [(true, guess) for true, guess in pairs if guess]
    assert (found.answered, found.cannot_tell, found.named) == (
        len(pairs), len(pairs) - len(named), len(named)
    )  # fmt: skip
    if not named:
        assert (found.accuracy.value, found.expected, found.p_chance, found.p_expected) == (None,) * 4
        return
    true, guessed = zip(*named, strict=True)
    accuracy = accuracy_score(true, guessed)
    low, high = proportion_confint(found.right, found.named, method="wilson")
    assert (found.accuracy.value, found.accuracy.low, found.accuracy.high) == pytest.approx(
        (accuracy, max(low, 0), min(high, 1)), abs=1e-12
    )
    assert found.p_chance == pytest.approx(
        binom_test(found.right, found.named, 1 / models, alternative="larger"), abs=1e-12
    )
    assert found.p_expected == pytest.approx(
        binom_test(found.right, found.named, found.expected, alternative="larger"), abs=1e-12
    )
    if found.expected < 1:  # kappa is 0 / 0 otherwise
        kappa = cohen_kappa_score(true, guessed)
        assert found.expected == pytest.approx(
            (accuracy - kappa) / (1 - kappa) if kappa < 1 else found.expected
        )


def test_the_exact_test_sums_the_tail_of_the_binomial_distribution() -> None:
    found = blinding(["a"] * 5 + ["b"] * 5, ["a"] * 5 + ["b"] * 3 + ["a"] * 2, models=2)
    assert found.right == 8
    assert found.p_chance == pytest.approx(sum(math.comb(10, k) for k in (8, 9, 10)) / 2**10)
    assert found.expected == pytest.approx(0.5 * 0.7 + 0.5 * 0.3)


def test_who_always_names_the_commonest_model_has_not_seen_through() -> None:
    """Ninety of a hundred right is far above one in two, and no better than knowing what is common."""
    found = blinding(["a"] * 90 + ["b"] * 10, ["a"] * 100, models=2)
    assert found.accuracy.low > found.chance
    assert found.p_chance < 1e-10
    assert found.expected == pytest.approx(0.9)
    assert found.outcome is Outcome.HELD


@pytest.mark.parametrize(
    ("right", "wrong", "outcome"),
    [
        (40, 20, Outcome.BROKEN),
        (15, 45, Outcome.HELD),
        (0, 60, Outcome.HELD),
        (7, FEW - 8, Outcome.TOO_FEW),
        (0, 0, Outcome.TOO_FEW),
        (12, 0, Outcome.BROKEN),  # few, and beyond doubt
        (9, 0, Outcome.TOO_FEW),
    ],
)
def test_the_outcome_follows_the_interval_and_the_tests(right: int, wrong: int, outcome: Outcome) -> None:
    truth = [NAMES[number % 4] for number in range(right + wrong)]
    guesses = [NAMES[(number + (number >= right)) % 4] for number in range(right + wrong)]
    found = blinding(truth, guesses, models=4)
    assert (found.right, found.outcome) == (right, outcome)


def test_not_telling_counts_neither_for_nor_against() -> None:
    sure = blinding(["a", "b"] * 20, ["a", "b"] * 20, models=2)
    hesitant = blinding(["a", "b"] * 30, ["a", "b"] * 20 + [CANNOT_TELL] * 20, models=2)
    assert hesitant.cannot_tell == 20
    assert hesitant.accuracy == sure.accuracy
    assert hesitant.outcome is sure.outcome is Outcome.BROKEN


@pytest.mark.parametrize(("truth", "guesses", "models"), [(["a"], [], 2), (["a"], ["a"], 1)])
def test_what_cannot_be_compared_is_refused(truth: list[str], guesses: list[str], models: int) -> None:
    with pytest.raises(ValueError, match=r"each guess|nothing to guess"):
        blinding(truth, guesses, models=models)
