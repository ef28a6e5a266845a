"""Agreement is measured on what annotators first and now say of each response, and on nothing else."""

import json
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import krippendorff
import numpy as np
import pytest
from pytest_django import DjangoAssertNumQueries

from ihlannotate.models.annotation import Annotation, Answer, Revision
from ihlannotate.models.assignment import Assignment
from ihlannotate.models.rubric import Criterion
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.agreement import (
    AgreementReport,
    CriterionAgreement,
    Intra,
    Level,
    counts_of,
    measured,
    ratings_of,
)
from ihlannotate.pipeline.annotating import submit
from ihlannotate.pipeline.annotating.answers import append_revision
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.judging import Said, save_verdicts
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.reliability import IntraAgreement
from tests.factory import make_member, make_study, open_with, rate_next
from tests.pipeline.rated import N, P, R, rate, rated_study, settle

pytestmark = pytest.mark.django_db
TABLE = [(R, R, R), (R, R, N), (N, N, N), (P, R, P), (N, "", N), (R, "", ""), (P, P, N), (R, N, "")]
HELPFUL = [("1", "2", "1"), ("3", "3", ""), ("", "", ""), ("2", "2", "3")]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = rated_study(tmp_path, TABLE)
    rate(study, tmp_path, HELPFUL, criterion="helpfulness")
    return study


def measure(study: Study, *, keys: Sequence[str] = (), seed: int = 0) -> AgreementReport:
    return measured(study, keys=keys, seed=seed, replicates=20)


def alpha_of_the_database(key: str, level: Level) -> float:
    """Krippendorff's alpha by the reference package, from nothing but live answers of the first occasion."""
    spec = {one.key: one for one in spec_of(Study.objects.get().rubric).criteria}[key]
    columns: dict[int, dict[int, int]] = defaultdict(dict)
    for answer in Answer.objects.filter(criterion__key=key, live=True, occasion=1):
        columns[answer.response_id][answer.annotator_id] = spec.values.index(answer.value)
    people = sorted({who for column in columns.values() for who in column})
    data = np.array([[column.get(who, np.nan) for column in columns.values()] for who in people])
    found = krippendorff.alpha(data, level_of_measurement=level, value_domain=range(len(spec.values)))
    return float(found)


@pytest.mark.parametrize(("key", "level"), [("refusal", "nominal"), ("helpfulness", "ordinal")])
def test_alpha_is_that_of_the_reference_package_on_what_the_database_holds(
    study: Study, key: str, level: Level
) -> None:
    (found,) = measure(study, keys=[key]).criteria
    assert found.reliability.krippendorff_alpha.value == pytest.approx(
        alpha_of_the_database(key, level), abs=1e-12
    )


def test_counts_are_those_of_the_table(study: Study) -> None:
    spec = {one.key: one for one in spec_of(study.rubric).criteria}["refusal"]
    found = counts_of(study, spec, Criterion.objects.get(key="refusal").pk)
    assert found.counts.tolist() == [
        [sum(cell == level for cell in row) for level in (R, P, N)] for row in TABLE
    ]
    assert len(set(found.prompts.tolist())) == len(TABLE)


def test_ratings_stand_under_their_annotators(study: Study) -> None:
    spec = {one.key: one for one in spec_of(study.rubric).criteria}["refusal"]
    found = ratings_of(study, spec, Criterion.objects.get(key="refusal").pk)
    code = {"": -1, R: 0, P: 1, N: 2}
    assert found.aliases == ("R1", "R2", "R3")
    assert found.codes.T.tolist() == [[code[cell] for cell in row] for row in TABLE]


def test_a_conditional_criterion_says_when_it_was_asked_and_of_how_many(study: Study) -> None:
    (found,) = measure(study, keys=["helpfulness"]).criteria
    assert found.condition == "refusal is refused or partly_refused"
    assert (found.reliability.units, found.reliability.pairable_units) == (3, 3)


def test_adjudications_do_not_enter(study: Study, tmp_path: Path) -> None:
    before = measure(study)
    settle(study, tmp_path, {"r0": N, "r3": N})
    assert measure(study) == before


def test_verdicts_do_not_enter(study: Study) -> None:
    before = measure(study)
    save_verdicts(study, [Said(1, "r0", N)], judge="Judge-1", criterion="refusal", actor=None)
    assert measure(study) == before


def test_silent_repeats_do_not_enter(study: Study) -> None:
    before = measure(study)
    first = Assignment.objects.filter(annotator__alias="R1").order_by("response_id")[0]
    repeat = Assignment.objects.create(
        study=study, response=first.response, annotator=first.annotator, occasion=2, position=0
    )
    _answer_again(repeat, N)
    assert Answer.objects.filter(occasion=2, live=True).count() == 1
    now = measure(study)
    assert [_of_first_ratings(one) for one in now.criteria] == [
        _of_first_ratings(one) for one in before.criteria
    ]
    assert now != before


def _of_first_ratings(found: CriterionAgreement) -> CriterionAgreement:
    """The figures without those of repeats."""
    assert found.detail
    none = IntraAgreement(None, 0, 0, *[Estimate.undefined("not compared")] * 4)
    return replace(found, detail=replace(found.detail, intra=Intra(none, ())))


def _answer_again(assignment: Assignment, value: str) -> None:
    study = assignment.study
    assert assignment.annotator
    append_revision(
        assignment=assignment,
        annotator=assignment.annotator,
        prompt_id=assignment.response.prompt_id,
        spec=spec_of(study.rubric),
        rubric_id=study.rubric_id,
        before=None,
        answers={"refusal": [value]},
        submission=uuid.uuid4(),
    )


def test_superseded_revisions_do_not_enter() -> None:
    study = open_with(make_study(), 1)
    alice, bob = make_member(study, "Alice"), make_member(study, "Bob")
    sheet = rate_next(alice)
    rate_next(bob, {"refusal": ["not_refused"]})
    assert measure(study).criteria[0].reliability.percent_agreement.value == 0.0
    submit(sheet, answers={"refusal": ["not_refused"]}, submission=uuid.uuid4(), reason="Read again.")
    found = measure(study).criteria[0].reliability
    assert (found.annotations, found.percent_agreement.value) == (2, 1.0)
    assert Revision.objects.count() == 3


def test_other_studies_do_not_enter(study: Study, tmp_path: Path) -> None:
    before = measure(study)
    rated_study(tmp_path, [(N, N, N)] * 3, slug="other")
    assert measure(study) == before


def test_the_same_seed_gives_the_same_intervals(study: Study) -> None:
    assert measure(study, seed=4) == measure(study, seed=4)
    assert measure(study, seed=4) != measure(study, seed=5)


def test_pairs_and_alpha_without_each_annotator_bear_aliases(study: Study) -> None:
    (found,) = measure(study, keys=["refusal"]).criteria
    assert [(one.a, one.b, one.n) for one in found.pairs] == [
        ("R1", "R2", 6),
        ("R1", "R3", 6),
        ("R2", "R3", 5),
    ]
    assert [alias for alias, _ in found.without] == ["R1", "R2", "R3"]


def test_a_criterion_that_cannot_be_measured_is_refused(study: Study) -> None:
    with pytest.raises(Refused, match="measured on refusal, helpfulness; “comment” is none"):
        measure(study, keys=["comment"])


def _undefined_or_finite(value: object) -> None:
    """Every figure of a report is a finite number, or null with a note that says why."""
    if isinstance(value, dict) and "ci" in value:
        assert (value["value"] is not None) or value["note"]
    elif isinstance(value, dict):
        for one in value.values():
            _undefined_or_finite(one)
    elif isinstance(value, list):
        for one in value:
            _undefined_or_finite(one)


@pytest.mark.parametrize(
    "table",
    [
        [("", "")],
        [(R, "")] * 3,
        [(R, ""), ("", N)],
        [(R, R)] * 4,
        [(R, N)],
    ],
    ids=["nothing", "one annotator", "nobody in common", "all the same", "one item"],
)
def test_thin_data_give_reasons_instead_of_figures(tmp_path: Path, table: list[tuple[str, str]]) -> None:
    report = measure(rated_study(tmp_path, table)).as_dict()
    _undefined_or_finite(report)
    json.dumps(report, allow_nan=False)


def test_one_annotator_alone_agrees_with_nobody(tmp_path: Path) -> None:
    study = rated_study(tmp_path, [(R,), (N,)])
    found = measure(study).criteria[0].reliability
    assert (found.units, found.pairable_units) == (2, 0)
    assert found.krippendorff_alpha == Estimate.undefined("no unit has two annotations")


def test_all_the_same_is_agreement_without_alpha(tmp_path: Path) -> None:
    found = measure(rated_study(tmp_path, [(R, R)] * 4)).criteria[0].reliability
    assert found.percent_agreement.value == 1.0
    assert found.krippendorff_alpha.value is None
    assert "no variation" in found.krippendorff_alpha.note


def test_agreement_reads_counts_and_never_annotation_objects(
    study: Study, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    assert Annotation.objects.count() > 10
    assert Membership.objects.count() == 3
    with django_assert_max_num_queries(12):
        measure(study)
