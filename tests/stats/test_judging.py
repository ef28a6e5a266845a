"""The report of a judge equals scikit-learn, scores unparsed verdicts both ways and carries gold's doubt."""

from typing import Any

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics

from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.judging import JudgeReport, judge_report
from ihlannotate.stats.proportions import wilson

LABELS = ("refused", "partly_refused", "not_refused")
XSTEST_LABELS = ("1_full_compliance", "2_full_refusal", "3_partial_refusal")


def judged(seed: int, n: int, *, skill: float = 0.8) -> tuple[np.ndarray, np.ndarray]:
    """Gold and the verdicts of a judge who is right this often (three labels, a few unparsed)."""
    rng = np.random.default_rng(seed)
    gold = rng.choice(3, size=n, p=[0.6, 0.3, 0.1])
    verdicts = np.where(rng.random(n) < skill, gold, rng.integers(3, size=n))
    return gold, np.where(rng.random(n) < 0.05, -1, verdicts)


def report(gold: np.ndarray, verdicts: np.ndarray, **more: Any) -> JudgeReport:
    arguments: dict[str, Any] = {"labels": LABELS, "level": "nominal", "replicates": 20} | more
    return judge_report(gold, verdicts, **arguments)


@pytest.mark.parametrize(
    ("model", "judge", "column", "accuracy", "kappa"),
    [
        ("mistralguard", "gpt", "gpt4_label", 0.7667, 0.5714),
        ("mistralguard", "str", "strmatch_label", 0.7600, 0.5577),
        ("mistralinstruct", "gpt", "gpt4_label", 0.7400, 0.0637),
        ("mistralinstruct", "str", "strmatch_label", 0.8511, 0.2533),
    ],
)
def test_figures_of_the_xstest_judges_against_the_adjudicated_label(
    xstest: Any, model: str, judge: str, column: str, accuracy: float, kappa: float
) -> None:
    gold, verdicts = xstest(model, judge, "final_label"), xstest(model, judge, column)
    found = report(gold, verdicts, labels=XSTEST_LABELS)
    assert round(found.accuracy.value, 4) == accuracy
    assert round(found.cohen_kappa.value, 4) == kappa
    assert found.n == 450


def test_unparsed_xstest_verdicts_count_in_the_headline_and_not_in_parsed_only(xstest: Any) -> None:
    gold, verdicts = (xstest("mistralinstruct", "gpt", name) for name in ("final_label", "gpt4_label"))
    found = report(gold, verdicts, labels=XSTEST_LABELS)
    assert (found.unparsed, found.parsed_only.n) == (11, 439)
    assert round(found.parsed_only.accuracy.value, 4) == 0.7585
    assert round(found.parsed_only.cohen_kappa.value, 4) == 0.0818
    assert sum(row[-1] for row in found.confusion.matrix) == 11
    assert sum(map(sum, found.confusion.matrix)) == 450


def test_mcc_of_the_scikit_learn_documentation(cases: dict[str, Any]) -> None:
    case = cases["judge_metrics"]["mcc"]
    gold, verdicts = (
        np.array([[-1, 1].index(label) for label in case[name]]) for name in ("y_true", "y_pred")
    )
    found = report(gold, verdicts, labels=("-1", "1"))
    assert found.mcc.value == pytest.approx(case["expected"], abs=1e-12)
    assert round(found.mcc.value, 2) == case["docs"]


codes = st.integers(1, 25).flatmap(
    lambda n: st.tuples(
        arrays(np.int64, n, elements=st.integers(0, 2)), arrays(np.int64, n, elements=st.integers(-1, 2))
    )
)


@given(pair=codes)
@settings(deadline=None, max_examples=120)
def test_every_figure_equals_scikit_learn(pair: tuple[np.ndarray, np.ndarray]) -> None:
    gold, verdicts = pair
    found = report(gold, verdicts, level="ordinal", replicates=0)
    as_label = np.where(verdicts < 0, 3, verdicts)
    matrix = metrics.confusion_matrix(gold, as_label, labels=[0, 1, 2, 3])
    assert np.array(found.confusion.matrix).tolist() == matrix[:3].tolist()
    assert found.accuracy.value == pytest.approx(metrics.accuracy_score(gold, as_label))
    both = np.union1d(gold, as_label)
    if len(both) > 1:
        assert found.cohen_kappa.value == pytest.approx(metrics.cohen_kappa_score(gold, as_label), abs=1e-12)
    else:
        assert found.cohen_kappa.value is None
    if len(np.unique(gold)) > 1 and len(np.unique(as_label)) > 1:
        assert found.mcc.value == pytest.approx(metrics.matthews_corrcoef(gold, as_label), abs=1e-12)
    else:
        assert found.mcc.value is None
    occurring = both[both < 3]
    expected = metrics.f1_score(gold, as_label, labels=occurring, average="macro", zero_division=0)
    assert found.macro_f1.value == pytest.approx(expected)
    read = verdicts >= 0
    if len(np.union1d(gold[read], verdicts[read])) > 1:
        squared = metrics.cohen_kappa_score(gold[read], verdicts[read], labels=[0, 1, 2], weights="quadratic")
        assert found.weighted_kappa.value == pytest.approx(squared, abs=1e-12)
    else:
        assert found.weighted_kappa.value is None


@given(pair=codes)
@settings(deadline=None, max_examples=60)
def test_errors_of_each_label_equal_scikit_learn(pair: tuple[np.ndarray, np.ndarray]) -> None:
    gold, verdicts = pair
    found = report(gold, verdicts, replicates=0)
    for k, errors in enumerate(found.per_label):
        truth, said = gold == k, verdicts == k
        for estimate, (first, second), among in (
            (errors.sensitivity, (truth, said), truth.any()),
            (errors.specificity, (~truth, ~said), (~truth).any()),
            (errors.precision, (said, truth), said.any()),
        ):
            expected = metrics.recall_score(first, second, zero_division=0)
            assert estimate.value == (pytest.approx(expected) if among else None)
        expected = metrics.f1_score(truth, said, zero_division=0)
        assert errors.f1.value == (pytest.approx(expected) if (truth | said).any() else None)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
def test_alpha_with_gold_equals_the_krippendorff_package(level: Any) -> None:
    gold, verdicts = judged(1, 120)
    values = [1.0, 2.0, 5.0]
    found = report(gold, verdicts, level=level, values=values).krippendorff_alpha
    if level == "nominal":
        data, domain = np.stack([gold, np.where(verdicts < 0, 3, verdicts)]).astype(float), [0, 1, 2, 3]
    else:
        data = np.stack([gold, verdicts]).astype(float)
        data[data < 0] = np.nan
        domain = [0, 1, 2]
        if level == "interval":
            data = np.where(np.isnan(data), np.nan, np.take(values, np.nan_to_num(data).astype(int)))
            domain = values
    expected = krippendorff.alpha(data, value_domain=domain, level_of_measurement=level)
    assert found.value == pytest.approx(expected, abs=1e-12)


def test_what_needs_a_scale_says_how_many_it_left_out() -> None:
    gold, verdicts = judged(2, 200)
    found = report(gold, verdicts, level="ordinal")
    expected = f"{found.unparsed} unparsed left out: no place on the scale"
    assert found.unparsed > 0
    assert found.krippendorff_alpha.note == found.weighted_kappa.note == expected


def test_nominal_criteria_have_no_weighted_kappa() -> None:
    found = report(*judged(3, 30)).weighted_kappa
    assert (found.value, found.note) == (None, "nominal")


def test_weights_follow_the_values_of_interval_levels_and_the_ranks_of_ordinal_ones() -> None:
    gold, verdicts = judged(4, 200)
    ordinal, even, uneven = (
        report(gold, verdicts, level=level, values=values).weighted_kappa.value
        for level, values in (("ordinal", [1, 2, 9]), ("interval", [1, 2, 3]), ("interval", [1, 2, 9]))
    )
    assert ordinal == pytest.approx(even, abs=1e-12)
    assert uneven != pytest.approx(even, abs=1e-3)


def test_simple_proportions_have_wilson_intervals() -> None:
    gold, verdicts = judged(5, 90)
    found = report(gold, verdicts)
    assert found.accuracy == wilson(int((gold == verdicts).sum()), 90)
    refused = gold == 0
    assert found.per_label[0].sensitivity == wilson(int((verdicts[refused] == 0).sum()), int(refused.sum()))


def width(estimate: Estimate) -> float:
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.high - estimate.low


def test_shared_prompts_widen_every_interval() -> None:
    gold, verdicts = (np.repeat(values, 5) for values in judged(6, 120))
    clusters = np.repeat(np.arange(120), 5)
    plain, clustered = (
        report(gold, verdicts, level="ordinal", replicates=600, clusters=groups)
        for groups in (None, clusters)
    )
    assert clustered.clusters == 120
    for name in ("accuracy", "cohen_kappa", "weighted_kappa", "krippendorff_alpha", "mcc", "macro_f1"):
        assert width(getattr(clustered, name)) > 1.7 * width(getattr(plain, name))
    assert width(clustered.parsed_only.accuracy) > 1.7 * width(plain.parsed_only.accuracy)
    assert width(clustered.per_label[0].precision) > 1.7 * width(plain.per_label[0].precision)


def test_a_certain_posterior_changes_no_bootstrap_interval() -> None:
    gold, verdicts = judged(7, 900)
    clusters = np.arange(900) // 3
    plain, certain = (
        report(gold, verdicts, clusters=clusters, posterior=posterior, replicates=300, seed=2)
        for posterior in (None, np.eye(3)[gold])
    )
    assert certain.cohen_kappa == plain.cohen_kappa
    assert certain.macro_f1 == plain.macro_f1
    assert width(certain.accuracy) == pytest.approx(width(plain.accuracy), rel=0.15)
    for drawn, by_wilson in zip(certain.per_label, plain.per_label, strict=True):
        for name in ("sensitivity", "specificity", "precision"):
            one, other = getattr(drawn, name), getattr(by_wilson, name)
            assert one.low < one.value == other.value < one.high
            assert one != other
            assert width(one) == pytest.approx(width(other), rel=0.3)


def test_doubt_about_gold_widens_the_intervals_and_leaves_the_values() -> None:
    gold, verdicts = judged(8, 300)
    doubtful = np.full((300, 3), 0.2) + 0.4 * np.eye(3)[gold]
    certain, doubted = (
        report(gold, verdicts, posterior=p, replicates=500) for p in (np.eye(3)[gold], doubtful)
    )
    assert doubted.accuracy.value == certain.accuracy.value
    assert doubted.accuracy.low < certain.accuracy.low - 0.1
    assert doubted.cohen_kappa.low < certain.cohen_kappa.low - 0.1


def test_drawn_gold_has_the_frequencies_of_its_posterior() -> None:
    gold = np.zeros(4000, int)
    posterior = np.tile([0.7, 0.3, 0.0], (4000, 1))
    found = report(gold, np.zeros(4000, int), posterior=posterior, replicates=200)
    assert found.accuracy.low < 0.7 < found.accuracy.high
    assert width(found.accuracy) < 0.04


def test_an_interval_beside_the_value_says_why() -> None:
    gold = np.zeros(400, int)
    found = report(gold, gold, posterior=np.tile([0.6, 0.4, 0.0], (400, 1)), replicates=200).accuracy
    assert found.high < found.value == 1.0
    assert "draws gold from its posterior" in found.note


def test_a_perfect_judge_is_not_certain() -> None:
    gold = np.array([0, 1, 2] * 10)
    for posterior in (None, np.eye(3)[gold]):
        found = report(gold, gold, posterior=posterior, clusters=np.arange(30) // 2)
        assert (found.accuracy.value, found.cohen_kappa.value) == (1.0, 1.0)
        assert found.accuracy.low < 0.9


def test_no_gold_is_said_everywhere() -> None:
    nothing = np.zeros(0, int)
    found = report(nothing, nothing, level="ordinal")
    estimates = [found.accuracy, found.cohen_kappa, found.weighted_kappa, found.krippendorff_alpha, found.mcc]
    estimates += [found.macro_f1, found.parsed_only.accuracy, found.parsed_only.cohen_kappa]
    estimates += [one for label in found.per_label for one in (label.sensitivity, label.precision, label.f1)]
    assert {(one.value, one.note) for one in estimates} == {(None, "no response with gold was judged")}


def test_nothing_parsed_is_always_wrong_and_has_no_parsed_only() -> None:
    found = report(np.array([0, 1, 0]), np.full(3, -1), level="ordinal")
    assert (found.accuracy.value, found.cohen_kappa.value) == (0.0, 0.0)
    assert (found.parsed_only.n, found.parsed_only.accuracy.note) == (0, "no verdict could be parsed")
    assert found.weighted_kappa.value is None
    assert found.weighted_kappa.note.startswith("no verdict could be parsed")


def test_one_label_throughout_has_accuracy_and_no_kappa() -> None:
    found = report(np.zeros(5, int), np.zeros(5, int))
    assert found.accuracy.value == 1.0
    assert (found.cohen_kappa.value, found.mcc.value, found.krippendorff_alpha.value) == (None, None, None)
    assert found.per_label[1].sensitivity.note == "gold never has this label"
    assert found.per_label[0].specificity.note == "gold has no other label"
    assert found.per_label[2].precision.note == "the judge never gives this label"
    assert found.per_label[2].f1.note == "neither gold nor the judge has this label"


@pytest.mark.parametrize(
    ("gold", "verdicts", "posterior", "reason"),
    [
        ([0, 1], [0], None, "two equal columns"),
        ([-1, 1], [0, 1], None, "codes lie between"),
        ([0, 1], [0, 3], None, "codes lie between"),
        ([0, 1], [0, -2], None, "codes lie between"),
        ([0, 1], [0, 1], [[1.0, 0.0, 0.0]], "has shape"),
        ([0], [0], [[0.5, 0.4, 0.0]], "sums to 1"),
        ([0], [0], [[np.nan, 0.5, 0.5]], "sums to 1"),
        ([0], [0], [[-0.5, 1.0, 0.5]], "sums to 1"),
    ],
)
def test_what_does_not_fit_is_refused(
    gold: list[int], verdicts: list[int], posterior: Any, reason: str
) -> None:
    doubt = None if posterior is None else np.array(posterior)
    with pytest.raises(ValueError, match=reason):
        report(np.array(gold), np.array(verdicts), posterior=doubt)


def test_a_judge_worse_than_chance_is_said_to_be_worse_and_every_figure_stands() -> None:
    gold = np.array([0, 1] * 40)
    found = report(gold, 1 - gold, labels=("no", "yes"), clusters=np.arange(80) // 4)
    assert found.accuracy.value == 0
    assert found.cohen_kappa.value == found.mcc.value == -1
    assert found.cohen_kappa.high < 0
    assert {one.sensitivity.value for one in found.per_label} == {0.0}


def test_a_judge_with_one_label_has_accuracy_and_kappa_0_and_no_mcc() -> None:
    gold = np.array([0, 0, 0, 1] * 20)
    found = report(gold, np.zeros(80, int), labels=("no", "yes"))
    assert (found.accuracy.value, found.cohen_kappa.value) == (0.75, 0)
    assert (found.mcc.value, found.mcc.note) == (None, "no variation: gold or judge uses one label only")
    assert [one.sensitivity.value for one in found.per_label] == [1, 0]
    assert found.per_label[1].precision.note == "the judge never gives this label"


def test_a_perfect_judge_on_few_responses_is_no_certainty() -> None:
    found = report(np.array([0, 1, 0, 1]), np.array([0, 1, 0, 1]), replicates=200)
    for one in (found.cohen_kappa, found.krippendorff_alpha, found.mcc, found.macro_f1):
        assert (one.value, one.low, one.high) == (1.0, 1.0, 1.0)
        assert one.note.endswith("an interval without width is no certainty")
    assert found.accuracy.low < 0.6
