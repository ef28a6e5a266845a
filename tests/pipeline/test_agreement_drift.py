"""Drift: how agreement and the use of levels change along each annotator's own sequence of items."""

import json
import uuid
from collections.abc import Sequence

import pytest

from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.agreement import FIGURE_HEADER, Detail, figure_rows, measured
from ihlannotate.pipeline.annotating import submit
from ihlannotate.pipeline.annotating.withdrawing import withdraw
from ihlannotate.stats.estimate import Estimate
from tests.factory import make_member, make_study, open_with, rate_next
from tests.pipeline.rated import N, P, R

pytestmark = pytest.mark.django_db
HELPFUL = {R: "3", P: "1"}


@pytest.fixture
def study() -> Study:
    """Six items. Alice goes from refused to not refused, Bob says refused throughout, Carol rates two."""
    study = open_with(make_study(overlap=3, repeat_percent=0), 6)
    rate_along(make_member(study, "Alice"), (R, R, R, P, N, N))
    rate_along(make_member(study, "Bob"), (R,) * 6)
    rate_along(make_member(study, "Carol", role="annotator"), (P, P))
    return study


def rate_along(member: Membership, levels: Sequence[str]) -> None:
    for level in levels:
        rate_next(member, answers_of(level))


def answers_of(level: str) -> dict[str, list[str]]:
    return {"refusal": [level]} | ({"helpfulness": [HELPFUL[level]]} if level in HELPFUL else {})


def detail_of(study: Study, key: str = "refusal") -> Detail:
    found = measured(study, keys=[key], replicates=20).criteria[0].detail
    assert found
    return found


def alias(study: Study, name: str) -> str:
    return study.memberships.get(user__name=name).alias


def shares(study: Study, name: str, level: int) -> list[float | None]:
    thirds = dict(detail_of(study).own_thirds)[alias(study, name)]
    return [one.shares[level].value for one in thirds]


def test_thirds_are_of_each_annotators_own_sequence(study: Study) -> None:
    assert [one.annotations for one in detail_of(study).drift.thirds] == [5, 5, 4]
    assert shares(study, "Alice", 0) == [1.0, 0.5, 0.0]
    assert shares(study, "Bob", 0) == [1.0, 1.0, 1.0]
    assert shares(study, "Carol", 1) == [1.0, 1.0, None]


def test_pooled_shares_are_of_all_annotations_of_a_third(study: Study) -> None:
    first, second, last = detail_of(study).drift.thirds
    assert [one.value for one in first.shares] == pytest.approx([4 / 5, 1 / 5, 0])
    assert [one.value for one in second.shares] == pytest.approx([3 / 5, 2 / 5, 0])
    assert [one.value for one in last.shares] == pytest.approx([2 / 4, 0, 2 / 4])


def test_slopes_follow_the_direction_of_the_drift(study: Study) -> None:
    refused, _partly, not_refused = detail_of(study).drift.slopes
    assert (refused.value or 0) < 0 < (not_refused.value or 0)
    assert detail_of(study).drift.slope == Estimate.undefined("the levels are not numbers")


def test_means_are_of_ranks_where_levels_are_ordinal(study: Study) -> None:
    thirds = dict(detail_of(study, "helpfulness").own_thirds)[alias(study, "Alice")]
    assert [one.mean.value for one in thirds] == [3.0, 2.0, None]
    assert [one.annotations for one in thirds] == [2, 2, 0]
    assert all(one.mean.note for one in thirds)


def test_a_revision_changes_the_level_and_not_the_place(study: Study) -> None:
    sheet = rate_next(make_member(study, "Dora", role="annotator"), answers_of(R))
    submit(sheet, answers=answers_of(N), submission=uuid.uuid4(), reason="Misread.")
    rate_along(study.memberships.get(user__name="Dora"), (R, R))
    assert shares(study, "Dora", 2) == [1.0, 0.0, 0.0]


def test_what_was_withdrawn_is_of_no_third(study: Study) -> None:
    before = sum(one.annotations for one in detail_of(study).drift.thirds)
    withdraw(study.memberships.get(user__name="Bob"))
    assert sum(one.annotations for one in detail_of(study).drift.thirds) == before - 1


def test_the_json_and_the_table_name_every_third(study: Study) -> None:
    report = measured(study, keys=["refusal"], replicates=20)
    found = json.loads(json.dumps(report.as_dict(), allow_nan=False))["criteria"]["refusal"]["drift"]
    own = found["per_annotator"][alias(study, "Alice")]
    assert [third["shares"][R]["value"] for third in own] == [1.0, 0.5, 0.0]
    assert [third["annotations"] for third in found["thirds"]] == [5, 5, 4]
    assert found["slopes"].keys() == found["thirds"][0]["shares"].keys()
    rows = [dict(zip(FIGURE_HEADER, row, strict=True)) for row in figure_rows(report)]
    of = f"{alias(study, 'Alice')}, middle third: {R}"
    (row,) = [one for one in rows if (one["statistic"], one["of"]) == ("share in a third", of)]
    assert (row["n"], row["value"]) == (2, 0.5)
