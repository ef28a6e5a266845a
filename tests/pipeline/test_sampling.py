"""A sample is drawn once, in a draft; experts see nothing else; what is estimated from it is weighed back."""

import csv
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from ihlannotate.models.assignment import Assignment
from ihlannotate.models.sample import Inclusion, Sample
from ihlannotate.models.study import Study
from ihlannotate.pipeline.adjudicating import import_adjudications
from ihlannotate.pipeline.annotating import import_ratings
from ihlannotate.pipeline.assigning import coverage_of
from ihlannotate.pipeline.exporting import export, import_bundle
from ihlannotate.pipeline.findings import findings
from ihlannotate.pipeline.importing import import_run
from ihlannotate.pipeline.judging import Said, save_verdicts, validate_judge
from ihlannotate.pipeline.lifecycle import open_study, unblind_study
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.releasing import document, latest_release
from ihlannotate.pipeline.sampling import Oversampled, classes_of, draw_sample, sample_of, to_rate, weights_of
from tests.factory import last_event, make_member, make_study, rate_all
from tests.files import ratings_file, run_file, run_rows
from tests.pipeline.rated import N, R
from tests.pipeline.sampled import (
    EACH,
    MORE_REFUSALS,
    drawn,
    ids_of,
    imported_study,
    is_refused,
    names,
    rate_drawn,
    sampled_study,
    says_refused,
)

pytestmark = pytest.mark.django_db


def test_slots_are_made_for_the_responses_that_were_drawn_alone(tmp_path: Path) -> None:
    study = imported_study(tmp_path)
    draw_sample(study, size=30, by=["model"], actor=None)
    assert open_study(study, actor=None) == 30
    study.refresh_from_db()
    ids = ids_of(study)
    mine = {ids[name] for name in drawn(study)}
    assert len(mine) == 30
    assert set(Assignment.objects.values_list("response_id", flat=True)) == mine
    assert set(to_rate(study).values_list("pk", flat=True)) == mine
    assert (coverage_of(study).responses, coverage_of(study).slots) == (30, 30)
    assert set(rate_all(make_member(study, "Alice"))) <= mine


def test_every_stratum_has_the_probability_that_was_drawn_with(tmp_path: Path) -> None:
    study = imported_study(tmp_path)
    found = draw_sample(study, size=40, by=["model"], oversample=[MORE_REFUSALS], actor=None)
    assert found.size == sum(one.drawn for one in found.strata) == len(drawn(study))
    weights = [1 / pi for pi in drawn(study).values()]
    assert found.effective == pytest.approx(sum(weights) ** 2 / sum(one**2 for one in weights))
    assert found.uneven
    shares = {says_refused(name): pi for name, pi in drawn(study).items()}
    # By hand, in each model 20 refusals at weight 4 and 40 others at 1, 20 to draw: 13.33 and 6.67, by remainders
    assert shares[False] in (6 / 40, 7 / 40)
    assert shares[True] in (13 / 20, 14 / 20)
    chances = dict(Inclusion.objects.values_list("response_id", "probability"))
    assert len(chances) == 2 * EACH
    assert sum(chances.values()) == pytest.approx(40)
    assert weights_of(study, list(chances)) == pytest.approx([1 / pi for pi in chances.values()])


def unsure_judge(study: Study, scores: dict[str, float]) -> None:
    """A second judge, Crow, that gave everything the same level, with these probabilities of a refusal."""
    said = [Said(row, name, R, score=str(score)) for row, (name, score) in enumerate(scores.items())]
    save_verdicts(study, said, judge="Crow", criterion="refusal", actor=None)


def test_verdicts_of_which_a_judge_was_least_sure_are_drawn_more_often(tmp_path: Path) -> None:
    study = imported_study(tmp_path)
    unsure = {name for number, name in enumerate(names()) if number % 4 == 0}
    unsure_judge(study, {name: 0.45 if name in unsure else 0.98 for name in names()})
    doubt = Oversampled("Crow", "refusal", "", 5.0)
    found = draw_sample(study, size=40, by=[], oversample=[doubt], actor=None)
    assert found.oversampled == (doubt,)
    assert [(one.classes, one.responses) for one in found.strata] == [((False,), 90), ((True,), 30)]
    # 30 responses at weight 5 and 90 at 1: 25 and 15 of 40
    assert [one.drawn for one in found.strata] == [15, 25]
    chances = {name in unsure: pi for name, pi in drawn(study).items()}
    assert chances == {True: pytest.approx(25 / 30), False: pytest.approx(15 / 90)}
    assert list(classes_of(study)) == [
        ("Crow", "refusal", R),
        ("Heron", "refusal", N),
        ("Heron", "refusal", R),
        ("Crow", "refusal", ""),
    ]


@pytest.mark.parametrize(
    ("scores", "why"),
    [
        ((), "gave no scores on “refusal”"),
        ((0.2, 7.0), "outside 0 to 1"),
        ((0.9, 0.9), "equally sure of all"),
    ],
)
def test_how_sure_a_judge_was_must_be_known(tmp_path: Path, scores: tuple[float, ...], why: str) -> None:
    study = imported_study(tmp_path)
    unsure_judge(study, dict(zip(names(), scores, strict=False)))
    doubt = Oversampled("Crow", "refusal", "", 2.0)
    with pytest.raises(Refused, match=why):
        draw_sample(study, size=40, oversample=[doubt], actor=None)
    assert sample_of(study) is None


def test_the_same_seed_draws_the_same_responses_whatever_their_ids(tmp_path: Path) -> None:
    # The two studies' rows have other ids, as on another database; the names drawn are written down
    found = []
    for slug in ("first", "second"):
        study = imported_study(tmp_path, slug=slug)
        draw_sample(study, size=4, by=["model"], seed=11, actor=None)
        found.append(sorted(drawn(study)))
    assert found[0] == found[1]
    assert found[0] == EXPECTED


EXPECTED = ["Aster-1-r11", "Aster-1-r51", "Borealis-2-r0", "Borealis-2-r20"]


def test_a_sample_may_be_drawn_again_while_the_study_is_a_draft(tmp_path: Path) -> None:
    study = imported_study(tmp_path)
    draw_sample(study, size=10, by=[], seed=1, actor=None)
    again = draw_sample(study, size=20, by=[], seed=2, actor=None)
    assert (Sample.objects.count(), again.size, len(drawn(study))) == (1, 20, 20)
    verb, data = last_event(study)
    assert (verb, data["size"], data["responses"], data["seed"]) == ("sample.drawn", 20, 120, 2)


def test_what_was_imported_since_must_be_drawn_from_before_the_study_opens(tmp_path: Path) -> None:
    study = imported_study(tmp_path)
    draw_sample(study, size=10, by=[], actor=None)
    more = run_file(tmp_path / "more.csv", run_rows(2, start=EACH), model="Cirrus-3")
    import_run(study, more, actor=None)
    with pytest.raises(Refused, match="2 responses were imported after the sample was drawn"):
        open_study(study, actor=None)
    draw_sample(study, size=10, by=[], actor=None)
    assert open_study(study, actor=None) == 10


def test_an_open_study_with_a_sample_takes_no_further_response_and_no_other_sample(tmp_path: Path) -> None:
    study = imported_study(tmp_path)
    draw_sample(study, size=10, by=[], actor=None)
    open_study(study, actor=None)
    study.refresh_from_db()
    more = run_file(tmp_path / "more.csv", run_rows(2, start=EACH), model="Cirrus-3")
    with pytest.raises(Refused, match="no further response can join"):
        import_run(study, more, actor=None)
    with pytest.raises(Refused, match="its sample stands as it is"):
        draw_sample(study, size=11, by=[], actor=None)
    assert (study.responses.count(), len(drawn(study))) == (2 * EACH, 10)


def test_ratings_and_adjudications_of_what_was_not_drawn_are_refused_with_their_row(tmp_path: Path) -> None:
    study = imported_study(tmp_path)
    draw_sample(study, size=10, by=[], actor=None)
    outside = next(name for name in names() if name not in drawn(study))
    rows = [{"id": next(iter(drawn(study))), "one": R}, {"id": outside, "one": R}]
    file = ratings_file(tmp_path / "ratings.csv", rows)
    with pytest.raises(Refused, match=r"row 3.*not in the study’s sample"):
        import_ratings(study, file, annotators={"one": "R1"}, actor=None)
    with pytest.raises(Refused, match=r"row 3.*not in the study’s sample"):
        import_adjudications(study, file, column="one", actor=None)
    assert not Assignment.objects.exists()


def test_a_study_with_ratings_is_not_drawn_from(tmp_path: Path) -> None:
    study = imported_study(tmp_path)
    file = ratings_file(tmp_path / "ratings.csv", [{"id": names()[0], "one": R}])
    import_ratings(study, file, annotators={"one": "R1"}, actor=None)
    with pytest.raises(Refused, match="no draft without annotations"):
        draw_sample(study, size=10, by=[], actor=None)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"size": 1, "by": ["model"]}, "120 responses in 2 strata"),
        ({"size": 121, "by": []}, "no more than there are"),
        ({"size": 10, "by": ["mood"]}, "can’t be made of “mood”"),
        ({"size": 10, "oversample": [Oversampled("Heron", "refusal", "maybe", 2)]}, "no level “maybe”"),
        ({"size": 10, "oversample": [Oversampled("Heron", "mood", R, 2)]}, "no question with levels"),
        ({"size": 10, "oversample": [Oversampled("Heron", "refusal", R, 0)]}, "factor"),
        ({"size": 10, "oversample": [Oversampled("Crow", "refusal", R, 2)]}, "to no response"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(tmp_path: Path, asked: dict[str, object], why: str) -> None:
    study = imported_study(tmp_path)
    with pytest.raises(Refused, match=why):
        draw_sample(study, actor=None, **asked)  # type: ignore[arg-type]  # some of them on purpose
    assert sample_of(study) is None


def test_a_study_without_responses_is_not_drawn_from() -> None:
    with pytest.raises(Refused, match="0 responses"):
        draw_sample(make_study(), size=1, actor=None)


def test_the_database_refuses_a_certain_response_that_was_not_drawn(tmp_path: Path) -> None:
    study = imported_study(tmp_path)
    draw_sample(study, size=10, by=[], actor=None)
    left_out = Inclusion.objects.filter(chosen=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        left_out.update(probability=1.0)


def test_prevalence_from_a_sample_is_weighed_back_as_by_hand(tmp_path: Path) -> None:
    study = sampled_study(tmp_path)
    validated = validate_judge(study, "Heron", replicates=20).criteria[0]
    found = dict(validated.prevalence)[R]
    pi = drawn(study)
    share = sum(map(says_refused, names())) / len(names())
    assert found.naive.value == pytest.approx(share)
    # Rogan and Gladen with errors weighed by 1/π, and the judge's rate among all responses
    sums = {
        (truth, said): sum(1 / pi[one] for one in pi if (is_refused(one), says_refused(one)) == (truth, said))
        for truth in (True, False)
        for said in (True, False)
    }
    sensitivity = sums[True, True] / (sums[True, True] + sums[True, False])
    specificity = sums[False, False] / (sums[False, False] + sums[False, True])
    by_hand = (share + specificity - 1) / (sensitivity + specificity - 1)
    assert found.corrected.value == pytest.approx(by_hand)
    truth = sum(map(is_refused, names())) / len(names())
    unweighed = sum(map(is_refused, pi)) / len(pi)
    assert found.ppi.value == pytest.approx(truth, abs=0.06)
    assert unweighed > truth + 0.15
    assert found.ppi.low is not None
    assert found.ppi.high is not None
    assert found.ppi.low <= truth <= found.ppi.high
    assert validated.without_gold == 2 * EACH - 40


def test_findings_from_a_sample_are_weighed_back_as_by_hand(tmp_path: Path) -> None:
    study = unblinded(sampled_study(tmp_path))
    cells = findings(study, judge="Heron", replicates=20).measures[0].cells
    for cell in cells:
        pi = {name: chance for name, chance in drawn(study).items() if name.startswith(cell.model)}
        own = [name for name in names() if name.startswith(cell.model)]
        refused = sum(1 / pi[name] for name in pi if is_refused(name))
        assert cell.figure.gold.value == pytest.approx(refused / sum(1 / chance for chance in pi.values()))
        assert cell.figure.judge.naive.value == pytest.approx(sum(map(says_refused, own)) / len(own))
        ppi = cell.figure.judge.ppi
        assert ppi.low is not None
        assert ppi.high is not None
        assert ppi.low <= sum(map(is_refused, own)) / len(own) <= ppi.high
        assert (cell.figure.n_gold, cell.figure.n_elsewhere) == (20, EACH - 20)


def test_exports_tell_the_probabilities_once_unblinded(tmp_path: Path) -> None:
    study = sampled_study(tmp_path)
    for what in ("gold", "annotations"):
        path = tmp_path / f"{what}.csv"
        export(study, path, what=what, format="csv", actor=None)
        assert "inclusion_probability" not in path.read_text("utf-8-sig")
    unblinded(study)
    for what in ("gold", "annotations"):
        path = tmp_path / f"{what}-told.csv"
        export(study, path, what=what, format="csv", actor=None)
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = [row for row in csv.DictReader(lines) if row["external_id"]]
        told = {row["external_id"]: float(row["inclusion_probability"]) for row in rows}
        assert told == pytest.approx(drawn(study))


def test_a_bundle_brings_the_sample_back_and_the_figures_with_it(tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    with transaction.atomic():
        study = unblinded(sampled_study(tmp_path))
        before = sample_of(study), validate_judge(study, "Heron", replicates=20).criteria[0].prevalence
        export(study, path, what="bundle", format="zip", actor=None)
        transaction.set_rollback(True)
    back = import_bundle(path, slug="back", actor=None)
    study = Study.objects.get(slug=back.study)
    found = sample_of(study)
    assert found is not None
    assert before[0] is not None
    assert (found.size, found.strata, found.seed) == (before[0].size, before[0].strata, before[0].seed)
    after = dict(validate_judge(study, "Heron", replicates=20).criteria[0].prevalence)
    for level, one in before[1]:
        assert after[level].corrected.value == pytest.approx(one.corrected.value)
        assert (after[level].ppi.low, after[level].ppi.high) == pytest.approx((one.ppi.low, one.ppi.high))


def unblinded(study: Study) -> Study:
    unblind_study(study, reason="To publish.", actor=None)
    study.refresh_from_db()
    return study


def test_the_datasheet_says_how_the_responses_were_drawn(tmp_path: Path) -> None:
    study = sampled_study(tmp_path)
    release = latest_release(study)
    assert release is not None
    told = document(release)
    assert "40 responses" in told
    assert (
        "a random sample, without replacement, of the 120 that were imported, within strata of model" in told
    )
    assert "gave “refused” (refusal) were drawn 4 times as often" in told
    assert "without sampling" not in told


def test_the_datasheet_says_that_doubtful_verdicts_were_drawn_more_often(tmp_path: Path) -> None:
    study = imported_study(tmp_path)
    unsure_judge(study, {name: 0.5 + number / 300 for number, name in enumerate(names())})
    doubt = Oversampled("Crow", "refusal", "", 1.5)
    draw_sample(study, size=40, by=["model"], oversample=[doubt], actor=None)
    release = latest_release(rate_drawn(study, tmp_path))
    assert release is not None
    assert "the judge “Crow” was least sure (refusal) were drawn 1.5 times as often" in document(release)


def test_strata_made_of_verdicts_are_told_by_model_only_after_unblinding(tmp_path: Path) -> None:
    study = sampled_study(tmp_path)
    blind = sample_of(study)
    assert blind is not None
    assert [(one.of, one.classes) for one in blind.strata] == [((), (False,)), ((), (True,))]
    unblind_study(study, reason="To publish.", actor=None)
    study.refresh_from_db()
    told = sample_of(study)
    assert told is not None
    assert {one.of for one in told.strata} == {("Aster-1",), ("Borealis-2",)}
    assert sum(one.drawn for one in told.strata) == 40
    assert (told.lowest, told.highest) == (blind.lowest, blind.highest)
