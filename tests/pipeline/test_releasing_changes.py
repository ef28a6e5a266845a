"""Two releases side by side: which labels changed, from what to what, and why."""

from pathlib import Path

import pytest

from ihlannotate.models.gold import GoldRelease
from ihlannotate.models.provenance import Origin
from ihlannotate.models.study import Study
from ihlannotate.pipeline.adjudicating import settle as settle_by_hand
from ihlannotate.pipeline.releasing import changes, release_gold
from tests.factory import make_member
from tests.pipeline.rated import N, P, R, close, rated_study, settle

pytestmark = pytest.mark.django_db
TABLE = [(R, R, R), (R, R, N), (R, P, N), (R, P, ""), ("", "", "")]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = rated_study(tmp_path, TABLE)
    settle(study, tmp_path, {"r3": P})
    return close(study)


def code(external_id: str) -> str:
    return Origin.objects.get(external_id=external_id).response.code


def both(study: Study) -> list[tuple[str, ...]]:
    """Release twice and look at the difference, by external ids."""
    older, newer = GoldRelease.objects.filter(study=study).order_by("number")
    ids = dict(Origin.objects.values_list("response__code", "external_id"))
    return sorted(
        (ids[one.code], one.criterion, one.old_value, one.old_tier, one.new_value, one.new_tier, one.why)
        for one in changes(older, newer)
    )


def test_every_kind_of_change_is_found_and_says_why(study: Study, tmp_path: Path) -> None:
    release_gold(study, actor=None)
    settle(study, tmp_path, {"r0": N, "r2": P, "r4": R})
    dana = make_member(study, "Dana")
    settle_by_hand(member=dana, code=code("r3"), key="refusal", value="", reason="Both hold.")
    release_gold(study, actor=None)
    assert both(study) == [
        ("r0", "refusal", R, "unanimous", N, "adjudicated", "adjudicated"),
        ("r2", "refusal", "", "contested", P, "adjudicated", "adjudicated"),
        ("r3", "refusal", P, "adjudicated", "", "adjudicated", "adjudicated again"),
        ("r4", "refusal", "", "", R, "adjudicated", "adjudicated"),
    ]


def test_the_same_labels_differ_in_nothing(study: Study) -> None:
    first, again = (release_gold(study, actor=None) for _ in range(2))
    assert both(study) == []
    assert first.sha256 == again.sha256


def test_a_posterior_that_moved_is_no_change(study: Study) -> None:
    release_gold(study, actor=None, seed=1)
    release_gold(study, actor=None, seed=2)
    assert both(study) == []


def test_a_confirmed_level_changes_its_tier(study: Study, tmp_path: Path) -> None:
    release_gold(study, actor=None)
    settle(study, tmp_path, {"r1": R})
    release_gold(study, actor=None)
    assert both(study) == [("r1", "refusal", R, "majority", R, "adjudicated", "adjudicated")]


def test_changes_come_by_question_and_in_the_order_of_the_random_codes(study: Study, tmp_path: Path) -> None:
    release_gold(study, actor=None)
    settle(study, tmp_path, {"r0": N, "r1": N, "r2": N, "r4": N})
    settle(study, tmp_path, {"r0": "1", "r1": "1"}, criterion="helpfulness")
    release_gold(study, actor=None)
    older, newer = GoldRelease.objects.filter(study=study).order_by("number")
    found = [(one.criterion, one.code) for one in changes(older, newer)]
    assert [key for key, _code in found] == ["refusal"] * 4 + ["helpfulness"] * 2
    assert found[:4] == sorted(found[:4])
    assert found[4:] == sorted(found[4:])
