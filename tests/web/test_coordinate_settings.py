"""The page of a study's settings."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ihlannotate.models.event import Event
from ihlannotate.models.study import Study
from ihlannotate.pipeline.lifecycle import close_study
from ihlannotate.pipeline.tuning import SETTINGS, settings_of
from ihlannotate.web.coordinate.settings import GROUPS
from tests.factory import make_study, open_with
from tests.web.coordinators import as_carol, text_of

pytestmark = pytest.mark.django_db


def at(study: Study) -> str:
    return reverse("coordinate:settings", args=[study.slug])


def form_of(study: Study, **changes: Any) -> dict[str, Any]:
    """The form as a browser sends it: a checkbox that is off sends nothing."""
    values = {**settings_of(study), **changes}
    del values["masked_words"]
    return {name: value for name, value in values.items() if value is not False}


def test_every_setting_but_the_masked_words_stands_under_a_heading() -> None:
    assert sorted(name for _, names in GROUPS for name in names) == sorted(set(SETTINGS) - {"masked_words"})


def test_the_page_shows_what_is_set_and_keeps_what_is_changed(client: Client) -> None:
    study = make_study()
    as_carol(client, study)
    sent = form_of(study, repeat_percent=8, blur_responses=True, guidelines="One.\r\nTwo.")
    response = client.post(at(study), sent, follow=True)
    assert (
        "Saved, and on the record: Guidelines, Items that come back once (%), Cover each response"
        in text_of(response)
    )
    study.refresh_from_db()
    assert (study.repeat_percent, study.blur_responses, study.guidelines) == (8, True, "One.\nTwo.")
    page = client.get(at(study)).content.decode()
    assert 'name="repeat_percent" value="8"' in page
    assert "repeat_percent: 5 → 8" in text_of(client.get(reverse("coordinate:log", args=[study.slug])))


def test_sent_unchanged_nothing_is_changed(client: Client) -> None:
    study = make_study(guidelines="One.\nTwo.", content_notice=" kept ")
    as_carol(client, study)
    assert "nothing was changed" in text_of(client.post(at(study), form_of(study), follow=True))
    assert not Event.objects.filter(verb="settings.changed").exists()


def test_what_stands_since_opening_cannot_be_changed_by_a_forged_form(client: Client) -> None:
    study = open_with(make_study(), 1)
    as_carol(client, study)
    page = client.get(at(study))
    assert text_of(page).count("Fixed since the study was opened.") == 2
    client.post(at(study), form_of(study, spread=99, grouped=True, break_minutes=20))
    study.refresh_from_db()
    assert (study.spread, study.grouped, study.break_minutes) == (5, False, 20)


def test_after_closing_only_the_guesses_can_be_set(client: Client) -> None:
    study = open_with(make_study(), 1)
    close_study(study, actor=None)
    as_carol(client, study)
    client.post(at(study), form_of(study, guess_items=3, break_minutes=20, guidelines="New."))
    study.refresh_from_db()
    assert (study.guess_items, study.break_minutes, study.guidelines) == (3, 50, "")


@pytest.mark.parametrize(
    ("name", "value"),
    [("repeat_percent", "21"), ("spread", "-1"), ("lease_minutes", "0"), ("guess_items", "x")],
)
def test_a_wrong_value_is_marked_and_nothing_is_saved(client: Client, name: str, value: str) -> None:
    study = make_study()
    as_carol(client, study)
    response = client.post(at(study), form_of(study, break_minutes=20) | {name: value})
    assert response.status_code == 422
    assert f'id="id_{name}_error"' in response.content.decode()
    study.refresh_from_db()
    assert study.break_minutes == 50


def test_the_founding_form_leads_on_to_the_settings(client: Client) -> None:
    as_carol(client, make_study())
    assert "settings" in text_of(client.get(reverse("coordinate:found"))).lower()
