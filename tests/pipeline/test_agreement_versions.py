"""Kept figures follow every act that changes an answer, at once; acts that change none leave them kept."""

import uuid
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path

import pytest
from django.core.cache import caches

from ihlannotate.models.assignment import Sheet
from ihlannotate.models.study import Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.adjudicating import contested
from ihlannotate.pipeline.agreement import (
    agreement,
    data_version,
    disagreements,
    divided,
    kept,
    tag_disagreement,
    tag_report,
)
from ihlannotate.pipeline.agreement.versions import CACHE
from ihlannotate.pipeline.annotating import submit
from ihlannotate.pipeline.annotating.withdrawing import withdraw
from ihlannotate.pipeline.assigning.slots import skip
from ihlannotate.pipeline.lifecycle import close_study, open_study
from ihlannotate.pipeline.releasing.settling import standing
from ihlannotate.pipeline.tuning import update_settings
from tests.factory import make_member, make_study, make_user, open_with, rate_next, take_sheet
from tests.pipeline.rated import N, R, rate, rated_study, settle

pytestmark = pytest.mark.django_db
REFUSES_NOT = {"refusal": ["not_refused"]}


def everything(study: Study) -> dict[str, object]:
    """Every figure made of annotations, as pages and the API show them."""
    waiting, ranked = contested(study), divided(study, key="refusal")
    return {
        "report": agreement(study, replicates=20).as_dict(),
        "overview": agreement(study, replicates=20, detail=False).as_dict(),
        "divided": (ranked.responses.tolist(), ranked.counts.tolist()),
        "disagreements": disagreements(study, key="refusal"),
        "tags": tag_report(study),
        "gold": [
            (
                one.criterion,
                one.responses.tolist(),
                one.values.tolist(),
                one.tiers.tolist(),
                one.counts.tolist(),
            )
            for one in standing(study)
        ],
        "queue": (waiting.codes, waiting.reasons.tolist()),
    }


def assert_every_figure_is_new(study: Study) -> None:
    """What is kept is what is computed when nothing is kept."""
    shown = everything(study)
    caches[CACHE].clear()
    assert everything(study) == shown


def changed(before: Mapping[str, object], after: Mapping[str, object]) -> set[str]:
    return {name for name in before if before[name] != after[name]}


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


def test_every_figure_follows_one_changed_answer(study: Study) -> None:
    """Both of two annotators refuse; one of them says otherwise, and then the first word again."""
    carol, bob = make_user("Carol"), study.memberships.get(user__name="Bob")
    sheet = rate_next(bob)
    rate_next(bob)
    agreed = everything(study)
    answered(sheet, "not_refused")
    apart = everything(study)
    assert changed(agreed, apart) >= {"report", "overview", "divided", "disagreements", "gold", "queue"}
    assert_every_figure_is_new(study)
    (item,) = disagreements(study, key="refusal").items
    tag_disagreement(study, item.code, key="refusal", cause="slip", actor=carol)
    tagged = everything(study)
    assert changed(apart, tagged) == {"disagreements", "tags"}
    answered(sheet, "refused")
    assert changed(tagged, everything(study)) >= {
        "report",
        "divided",
        "disagreements",
        "tags",
        "gold",
        "queue",
    }
    assert_every_figure_is_new(study)
    assert sum(one.tagged for one in tag_report(study)) == 0
    assert disagreements(study, key="refusal", cause="slip").found == 0


def answered(sheet: Sheet, level: str) -> None:
    answers = {"refusal": [level]} | ({"helpfulness": ["1"]} if level == "refused" else {})
    submit(sheet, answers=answers, submission=uuid.uuid4(), reason="Misread.")


def test_every_figure_follows_a_submission_a_withdrawal_and_a_skip(study: Study) -> None:
    alice, bob = (study.memberships.get(user__name=name) for name in ("Alice", "Bob"))
    before = everything(study)
    rate_next(bob, REFUSES_NOT)
    submitted = everything(study)
    assert changed(before, submitted) >= {"report", "overview", "gold"}
    assert_every_figure_is_new(study)
    withdraw(bob)
    assert changed(submitted, everything(study)) >= {"report", "overview", "gold"}
    assert_every_figure_is_new(study)
    skip(take_sheet(alice), reason="other")
    assert_every_figure_is_new(study)


def test_figures_follow_an_import(tmp_path: Path) -> None:
    study = rated_study(tmp_path, [(R, ""), (R, "")])
    before = figures(study)
    rate(study, tmp_path, [("", N), ("", R)])
    assert figures(study) != before
    assert_every_figure_is_new(study)


def test_previews_of_gold_and_the_queue_follow_an_adjudication_and_agreement_stands(tmp_path: Path) -> None:
    study = rated_study(tmp_path, [(R, N), (R, R)])
    before = everything(study)
    settle(study, tmp_path, {"r0": N})
    assert changed(before, everything(study)) == {"gold", "queue"}
    assert_every_figure_is_new(study)


def test_acts_that_figures_could_follow_make_a_new_version(tmp_path: Path) -> None:
    study = rated_study(tmp_path, [(R, N)])
    versions = [data_version(study)]
    acts: tuple[Callable[[], object], ...] = (
        lambda: settle(study, tmp_path, {"r0": N}),
        lambda: make_member(study, "Bob"),
        lambda: update_settings(study, actor=None, adjudicate_spread=0),
        lambda: open_study(study, actor=None),
        lambda: close_study(study, actor=None),
    )
    for act in acts:
        act()
        versions.append(data_version(study))
    assert len(set(versions)) == len(acts) + 1


def test_studies_do_not_share_what_is_kept(tmp_path: Path) -> None:
    one, other = rated_study(tmp_path, [(R, N)]), rated_study(tmp_path, [(R, R)], slug="other")
    assert len(divided(one, key="refusal").responses) == 1
    assert len(divided(other, key="refusal").responses) == 0
    assert figures(one) != figures(other)


def test_nothing_is_computed_twice_while_nothing_changes_or_when_a_tag_is_set(tmp_path: Path) -> None:
    study = rated_study(tmp_path, [(R, N)])
    turns = count(1)

    def look() -> int:
        return kept(study, "turns", {}, lambda: next(turns))

    assert [look(), look()] == [1, 1]
    carol = _coordinator(study)
    assert [look(), look()] == [2, 2]
    code = disagreements(study, key="refusal").items[0].code
    tag_disagreement(study, code, key="refusal", cause="slip", actor=carol)
    assert look() == 2


def _coordinator(study: Study) -> User:
    make_member(study, "Carol")
    return make_user("Carol")
