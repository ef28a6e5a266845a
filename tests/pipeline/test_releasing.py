"""Gold labels: what decides, how sure it is, and that a release never changes."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from django.db import IntegrityError, transaction

from ihlannotate.models.event import Event
from ihlannotate.models.gold import GoldLabel, GoldRelease
from ihlannotate.models.item import Response
from ihlannotate.models.provenance import Origin
from ihlannotate.models.study import Study
from ihlannotate.pipeline.adjudicating import settle as settle_by_hand
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.releasing import latest_release, release_gold, standing
from tests.factory import contested_in, make_member, make_study, open_with
from tests.pipeline.rated import N, P, R, close, rated_study, settle

pytestmark = pytest.mark.django_db
TABLE = [(R, R, R), (R, R, N), (R, P, N), (R, N, ""), (P, "", ""), ("", "", "")]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return rated_study(tmp_path, TABLE)


def labels(key: str = "refusal") -> dict[str, GoldLabel]:
    """The labels of the latest release by the responses' external ids."""
    ids = dict(Origin.objects.values_list("response_id", "external_id"))
    release = GoldRelease.objects.order_by("-pk")[0]
    found = GoldLabel.objects.filter(release=release, criterion__key=key)
    return {ids[label.response_id]: label for label in found}


def test_the_tier_says_what_decided(study: Study) -> None:
    release_gold(close(study), actor=None)
    assert {key: (one.value, one.tier, one.n) for key, one in labels().items()} == {
        "r0": (R, "unanimous", 3),
        "r1": (R, "majority", 3),
        "r2": ("", "contested", 3),
        "r3": ("", "contested", 2),
        "r4": (P, "single", 1),
    }


def test_a_label_keeps_its_votes_and_its_posterior(study: Study) -> None:
    release_gold(close(study), actor=None)
    for one in labels().values():
        assert sum(one.counts.values()) == one.n
        assert set(one.posterior) == {R, P, N}
        assert sum(one.posterior.values()) == pytest.approx(1)
    assert labels()["r1"].counts == {R: 2, N: 1}


def test_an_adjudication_decides_also_against_everybody(study: Study, tmp_path: Path) -> None:
    settle(study, tmp_path, {"r0": N, "r2": P, "r5": R})
    release_gold(close(study), actor=None)
    found = labels()
    assert {key: (found[key].value, found[key].tier) for key in ("r0", "r2", "r5")} == {
        "r0": (N, "adjudicated"),
        "r2": (P, "adjudicated"),
        "r5": (R, "adjudicated"),
    }
    assert found["r0"].counts == {R: 3}
    assert found["r0"].posterior == {R: 0.0, P: 0.0, N: 1.0}


def test_the_latest_adjudication_decides(study: Study, tmp_path: Path) -> None:
    settle(study, tmp_path, {"r0": N})
    dana = make_member(study, "Dana")
    code = Origin.objects.get(external_id="r0").response.code
    settle_by_hand(member=dana, code=code, key="refusal", value=P, reason="On second thoughts.")
    release_gold(close(study), actor=None)
    assert labels()["r0"].value == P


def test_reasonable_lawyers_may_differ(study: Study) -> None:
    dana = make_member(study, "Dana")
    code = Origin.objects.get(external_id="r0").response.code
    settle_by_hand(member=dana, code=code, key="refusal", value="", reason="Both readings hold.")
    release_gold(close(study), actor=None)
    assert (labels()["r0"].value, labels()["r0"].tier) == ("", "adjudicated")


def test_the_same_data_and_seed_give_the_same_hash(study: Study) -> None:
    close(study)
    first, again = (release_gold(study, actor=None, seed=3) for _ in range(2))
    assert first.sha256 == again.sha256
    assert (first.number, again.number) == (1, 2)


def test_another_adjudication_gives_another_hash(study: Study, tmp_path: Path) -> None:
    close(study)
    first = release_gold(study, actor=None)
    settle(study, tmp_path, {"r2": P})
    assert release_gold(study, actor=None).sha256 != first.sha256


def test_another_value_of_the_same_tier_gives_another_hash(study: Study) -> None:
    dana = make_member(study, "Dana")
    code = Origin.objects.get(external_id="r5").response.code
    close(study)
    hashes = set()
    for value in (R, P):
        settle_by_hand(member=dana, code=code, key="refusal", value=value, reason="So it says.")
        hashes.add(release_gold(study, actor=None).sha256)
    assert len(hashes) == 2


def test_an_earlier_release_stays_as_it_was(study: Study, tmp_path: Path) -> None:
    close(study)
    release_gold(study, actor=None)
    before = list(GoldLabel.objects.order_by("pk").values())
    settle(study, tmp_path, {"r0": N})
    release_gold(study, actor=None)
    assert list(GoldLabel.objects.filter(release__number=1).order_by("pk").values()) == before
    latest = latest_release(study)
    assert latest
    assert latest.number == 2
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        GoldLabel.objects.filter(release__number=1).update(value=N)


def test_a_release_says_how_it_was_made(study: Study) -> None:
    close(study)
    found = release_gold(study, actor=None, seed=3)
    release = GoldRelease.objects.get()
    assert (release.seed, release.rubric_sha256, release.sha256) == (3, study.rubric.sha256, found.sha256)
    assert release.code_version
    assert release.parameters["posterior"] == "dawid-skene"
    assert found.counts["refusal"] == {"contested": 2, "majority": 1, "single": 1, "unanimous": 1}
    assert Event.objects.get(verb="gold.released").data == {"release": 1, "sha256": found.sha256}


def test_a_study_that_is_not_closed_releases_nothing(study: Study) -> None:
    with pytest.raises(Refused, match="Close it first"):
        release_gold(study, actor=None)
    assert not GoldRelease.objects.exists()


def test_a_study_without_annotations_releases_nothing() -> None:
    study = close(open_with(make_study(), 2))
    with pytest.raises(Refused, match="nothing to release"):
        release_gold(study, actor=None)
    assert not GoldRelease.objects.exists()


def test_contested_items_are_those_without_majority_that_nobody_settled(study: Study, tmp_path: Path) -> None:
    ids = dict(Origin.objects.values_list("response_id", "external_id"))
    assert {ids[response]: keys for response, keys in contested_in(study).items()} == {
        "r2": ["refusal"],
        "r3": ["refusal"],
    }
    settle(study, tmp_path, {"r2": P})
    assert [ids[response] for response in contested_in(study)] == ["r3"]


def test_what_is_adjudicated_while_labels_are_made_is_in_the_release(study: Study, tmp_path: Path) -> None:
    close(study)
    steps: list[str] = []

    def adjudicating(step: str, _done: int, _total: int) -> None:
        if step == "Writing the datasheet" and step not in steps:
            settle(study, tmp_path, {"r2": P})
        steps.append(step)

    release_gold(study, actor=None, progress=adjudicating)
    assert labels()["r2"].value == P
    assert GoldRelease.objects.count() == 1
    assert steps.count("Writing the datasheet") == 2


def test_a_study_that_never_rests_releases_nothing(study: Study) -> None:
    close(study)
    dana = make_member(study, "Dana")
    code = Origin.objects.get(external_id="r2").response.code

    times = itertools.count()

    def adjudicating(*_: object) -> None:
        settle_by_hand(member=dana, code=code, key="refusal", value=P, reason=f"Once more, {next(times)}.")

    with pytest.raises(Refused, match="changed while its labels were made"):
        release_gold(study, actor=None, progress=adjudicating)
    assert not GoldRelease.objects.exists()


def test_a_preview_has_the_values_of_the_release(study: Study) -> None:
    (found,) = standing(study)
    preview = {one.response_id: (one.value, one.tier) for one in found.labels(np.arange(len(TABLE) - 1))}
    release_gold(close(study), actor=None)
    assert preview == {one.response_id: (one.value, one.tier) for one in labels().values()}


@pytest.mark.parametrize(
    ("name", "value", "reason", "message"),
    [
        ("Alice", R, "Because.", "Only an adjudicator"),
        ("Dana", "perhaps", "Because.", "no level"),
        ("Dana", R, " ", "Write a reason"),
    ],
)
def test_settling_needs_an_adjudicator_a_level_and_a_reason(
    study: Study, name: str, value: str, reason: str, message: str
) -> None:
    member = make_member(study, name)
    code = Response.objects.all()[0].code
    with pytest.raises(Refused, match=message):
        settle_by_hand(member=member, code=code, key="refusal", value=value, reason=reason)
