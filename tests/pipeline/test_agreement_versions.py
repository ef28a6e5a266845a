"""Kept figures follow every act that changes an answer, at once; acts that change none leave them kept."""

import uuid
from pathlib import Path

import pytest

from ihlannotate.models.study import Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.agreement import (
    agreement,
    data_version,
    disagreements,
    divided,
    kept,
    measured,
    tag_disagreement,
)
from ihlannotate.pipeline.annotating import submit
from ihlannotate.pipeline.annotating.withdrawing import withdraw
from ihlannotate.pipeline.assigning.slots import skip
from tests.factory import make_member, make_study, make_user, open_with, rate_next, take_sheet
from tests.pipeline.rated import N, R, rate, rated_study, settle

pytestmark = pytest.mark.django_db
REFUSES_NOT = {"refusal": ["not_refused"]}


def assert_every_figure_is_new(study: Study) -> None:
    """What is kept is what is computed now."""
    for detail in (False, True):
        assert agreement(study, replicates=20, detail=detail) == measured(study, replicates=20, detail=detail)
    found = measured(study, replicates=0, keys=["refusal"]).criteria[0]
    apart = sum(one.coincidences for one in found.detail.confusions) if found.detail else 0
    assert bool(len(divided(study, key="refusal").responses)) == bool(apart)


def figures(study: Study) -> object:
    return agreement(study, replicates=20), len(divided(study, key="refusal").responses)


@pytest.fixture
def study() -> Study:
    """Two items, the first rated by Alice alone; figures were looked at."""
    study = open_with(make_study(overlap=2), 2)
    make_member(study, "Bob")
    make_member(study, "Carol")
    rate_next(make_member(study, "Alice"))
    figures(study)
    return study


def test_figures_follow_a_new_submission(study: Study) -> None:
    before = figures(study)
    rate_next(study.memberships.get(alias__endswith="1", role="annotator"), REFUSES_NOT)
    assert figures(study) != before
    assert_every_figure_is_new(study)


def test_figures_follow_a_revision_a_withdrawal_and_a_skip(study: Study) -> None:
    alice, bob = study.memberships.filter(role="annotator").order_by("-user__name")
    sheet = rate_next(bob, REFUSES_NOT)
    before = figures(study)
    submit(
        sheet,
        answers={"refusal": ["refused"], "helpfulness": ["1"]},
        submission=uuid.uuid4(),
        reason="Misread.",
    )
    revised = figures(study)
    assert revised != before
    assert_every_figure_is_new(study)
    withdraw(bob)
    assert figures(study) != revised
    assert_every_figure_is_new(study)
    skip(take_sheet(alice), reason="other")
    assert_every_figure_is_new(study)


def test_figures_follow_an_import(tmp_path: Path) -> None:
    study = rated_study(tmp_path, [(R, ""), (R, "")])
    before = figures(study)
    rate(study, tmp_path, [("", N), ("", R)])
    assert figures(study) != before
    assert_every_figure_is_new(study)


def test_adjudications_and_new_people_make_a_new_version(tmp_path: Path) -> None:
    study = rated_study(tmp_path, [(R, N)])
    versions = [data_version(study)]
    settle(study, tmp_path, {"r0": N})
    versions.append(data_version(study))
    make_member(study, "Carol")
    versions.append(data_version(study))
    assert len(set(versions)) == 3


def test_studies_do_not_share_what_is_kept(tmp_path: Path) -> None:
    one, other = rated_study(tmp_path, [(R, N)]), rated_study(tmp_path, [(R, R)], slug="other")
    assert len(divided(one, key="refusal").responses) == 1
    assert len(divided(other, key="refusal").responses) == 0
    assert figures(one) != figures(other)


def test_nothing_is_computed_twice_while_nothing_changes_or_when_a_tag_is_set(tmp_path: Path) -> None:
    study = rated_study(tmp_path, [(R, N)])
    turns: list[int] = []

    def look() -> int:
        return kept(study, "turns", {}, lambda: len(turns) or turns.append(1) or 1)

    look()
    turns.append(1)
    assert look() == 1
    carol = _coordinator(study)
    turns.append(1)
    assert look() == 3
    turns.append(1)
    code = disagreements(study, key="refusal").items[0].code
    tag_disagreement(study, code, key="refusal", cause="slip", actor=carol)
    assert look() == 3


def _coordinator(study: Study) -> User:
    make_member(study, "Carol")
    return make_user("Carol")
