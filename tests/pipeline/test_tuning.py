"""Settings of a study: what may change when, within which range, and what the log says of it."""

import hashlib
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from ihlannotate.models.event import Event, first_broken
from ihlannotate.models.study import Study
from ihlannotate.pipeline.lifecycle import close_study, unblind_study
from ihlannotate.pipeline.masking import COMMON_NAMES
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.releasing import release_gold
from ihlannotate.pipeline.tuning import SETTINGS, Until, may_change, settings_of, update_settings, words_of
from tests.factory import make_member, make_study, open_with, rate_next

pytestmark = pytest.mark.django_db


def closed_study() -> Study:
    study = open_with(make_study(), 1)
    rate_next(make_member(study, "Alice"))
    close_study(study, actor=None)
    study.refresh_from_db()
    return study


def unblinded_study() -> Study:
    study = closed_study()
    release_gold(study, actor=None)
    unblind_study(study, reason="To publish.", actor=None)
    study.refresh_from_db()
    return study


OTHER: dict[str, Any] = {
    "grouped": True,
    "spread": 9,
    "repeat_percent": 10,
    "attention_every": 7,
    "qualification_percent": 90,
    "blur_responses": True,
    "break_minutes": 25,
    "lease_minutes": 60,
    "guess_items": 3,
    "adjudicate_spread": 3,
    "adjudicate_low_confidence": True,
    "adjudicate_audit_percent": 5,
    "weigh_by_confidence": True,
    "guidelines": "Read twice.",
    "content_notice": "These texts are hard to read.",
    "masked_words": "Borealis\nAster",
}


def test_a_study_is_founded_with_the_models_defaults() -> None:
    found = settings_of(make_study())
    for name, value in found.items():
        if name != "masked_words":
            assert value == Study._meta.get_field(name).get_default(), name
    assert found["masked_words"] == "\n".join(COMMON_NAMES)


def test_a_study_is_founded_with_settings_of_its_own() -> None:
    assert settings_of(make_study(**OTHER)) == OTHER


def test_every_setting_can_be_changed_in_a_draft() -> None:
    study = make_study()
    assert set(update_settings(study, actor=None, **OTHER)) == set(SETTINGS)
    assert settings_of(study) == settings_of(Study.objects.get()) == OTHER


@pytest.mark.parametrize(
    ("make", "gone"),
    [
        (lambda: open_with(make_study(), 1), {Until.OPENING}),
        (closed_study, {Until.OPENING, Until.CLOSING}),
        (unblinded_study, {Until.OPENING, Until.CLOSING, Until.UNBLINDING}),
    ],
)
def test_a_setting_stands_from_its_act_on(make: Any, gone: set[Until]) -> None:
    study = make()
    before = settings_of(study)
    for name, setting in SETTINGS.items():
        assert may_change(study, name) == (setting.until not in gone)
        if setting.until in gone:
            with pytest.raises(Refused) as refused:
                update_settings(study, actor=None, **{name: OTHER[name]})
            assert [one.column for one in refused.value.problems] == [name]
        else:
            assert update_settings(study, actor=None, **{name: OTHER[name]}) == (name,)
            update_settings(study, actor=None, **{name: before[name]})
    assert settings_of(Study.objects.get()) == before


def test_a_change_that_comes_too_late_changes_nothing_else() -> None:
    study = open_with(make_study(), 1)
    with pytest.raises(Refused):
        update_settings(study, actor=None, repeat_percent=11, spread=9)
    assert Study.objects.get().repeat_percent == 5
    assert not Event.objects.filter(verb="settings.changed").exists()


def test_what_stands_may_be_sent_again_unchanged() -> None:
    study = closed_study()
    assert update_settings(study, actor=None, **settings_of(study)) == ()
    assert not Event.objects.filter(verb="settings.changed").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("repeat_percent", 21),
        ("repeat_percent", -1),
        ("qualification_percent", 101),
        ("lease_minutes", 0),
        ("guess_items", 101),
        ("spread", 1001),
        ("guidelines", "x" * 200_001),
        ("masked_words", "x" * 201),
        ("masked_words", "\n".join(map(str, range(2001)))),
    ],
)
def test_a_value_out_of_its_range_is_refused_when_founding_and_when_changing(name: str, value: Any) -> None:
    study = make_study()
    with pytest.raises(Refused, match="out of their range"):
        update_settings(study, actor=None, **{name: value})
    with pytest.raises(Refused, match="out of their range"):
        make_study(slug="second", **{name: value})
    assert Study.objects.count() == 1
    assert not Event.objects.filter(verb="settings.changed").exists()


def test_no_range_is_wider_than_what_the_model_takes() -> None:
    for name, setting in SETTINGS.items():
        if not setting.high:
            continue
        field = Study._meta.get_field(name)
        field.clean(setting.low, None)
        field.clean(setting.high, None)
    with pytest.raises(ValidationError):
        Study._meta.get_field("repeat_percent").clean(SETTINGS["repeat_percent"].high + 1, None)


def test_the_log_keeps_old_and_new_values_and_only_hashes_of_long_texts() -> None:
    study = make_study(guidelines="Old words.")
    carol = make_member(study, "Carol").user
    update_settings(study, actor=carol, guidelines="New words.", repeat_percent=8)
    event = Event.objects.get(verb="settings.changed")
    assert event.actor == carol
    assert event.data == {
        "guidelines": {
            "old": hashlib.sha256(b"Old words.").hexdigest(),
            "new": hashlib.sha256(b"New words.").hexdigest(),
        },
        "repeat_percent": {"old": 5, "new": 8},
    }
    assert first_broken(study) is None


def test_the_log_names_the_masked_words_that_came_and_went() -> None:
    study = make_study(masked_words="Aster\nBorealis")
    update_settings(study, actor=None, masked_words="Borealis\nCinder\nDunlin")
    event = Event.objects.get(verb="settings.changed")
    assert event.data == {"masked_words": {"added": ["Cinder", "Dunlin"], "removed": ["Aster"]}}


def test_masked_words_are_kept_once_each_without_blank_lines() -> None:
    assert words_of("  Aster \r\n\nMeta\t AI\nAster\n ") == ["Aster", "Meta AI"]
    assert make_study(masked_words=" Aster \n\nAster").masked_words == "Aster"
