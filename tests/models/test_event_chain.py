"""The audit log is a chain of hashes: whatever is changed in it afterwards shows."""

import datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from ihlannotate import append_only
from ihlannotate.models.event import GENESIS, Event, first_broken, record
from ihlannotate.models.study import Study
from tests.factory import make_study, make_user

pytestmark = pytest.mark.django_db

CHANGES: dict[str, Any] = {
    "number": 77,
    "actor": 1,
    "verb": "study.closed",
    "data": '{"k": 3}',
    "at": timezone.now() + datetime.timedelta(microseconds=1),
    "previous": "1" * 64,
    "digest": "2" * 64,
    "study": 0,
}


@pytest.fixture
def study() -> Study:
    """A study whose log has six events; the triggers that guard them are dropped."""
    study = make_study()
    actor = make_user("Carol")
    for number in range(5):
        record(
            study, "member.added", actor=actor if number % 2 else None, data={"alias": f"A{number}", "é": 0.1}
        )
    append_only.uninstall(connection)
    return study


def _change(number: int, column: str, value: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE ihlannotate_event SET {column} = %s WHERE number = %s", [value, number])


def test_every_column_but_the_key_is_tried() -> None:
    assert set(CHANGES) == {field.name for field in Event._meta.concrete_fields} - {"id"}


def test_a_log_that_nobody_changed_is_whole(study: Study) -> None:
    assert Event.objects.count() == 6
    assert first_broken(study) is None


@pytest.mark.parametrize("number", [1, 3, 6])
@pytest.mark.parametrize("field", [one for one in CHANGES if one not in ("study", "actor")])
def test_a_changed_field_is_found_at_its_event(study: Study, field: str, number: int) -> None:
    _change(number, field, CHANGES[field])
    assert first_broken(study) == number


@pytest.mark.parametrize("number", [1, 3, 6])
def test_a_changed_actor_is_found_at_its_event(study: Study, number: int) -> None:
    _change(number, "actor_id", make_user("Mallory").pk)
    assert first_broken(study) == number


@pytest.mark.parametrize("number", [1, 3, 6])
def test_an_event_that_was_moved_to_another_study_is_found_there(study: Study, number: int) -> None:
    other = Study.objects.create(slug="other", title="Other", rubric=study.rubric)
    _change(number, "study_id", other.pk)
    assert first_broken(other) == 1
    assert first_broken(study) == (number if number < 6 else None)


def test_a_missing_event_is_found(study: Study) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ihlannotate_event WHERE number = 3")
    assert first_broken(study) == 3


def test_two_events_that_changed_places_are_found(study: Study) -> None:
    _change(3, "number", 90)
    _change(4, "number", 3)
    _change(90, "number", 4)
    assert first_broken(study) == 3


def test_a_chain_begins_at_its_own_study(study: Study) -> None:
    other = make_study(slug="other")
    assert Event.objects.get(study=other).previous == GENESIS
    assert first_broken(other) is None


def test_an_act_that_cannot_be_recorded_is_undone(study: Study) -> None:
    @transaction.atomic
    def act() -> None:
        Study.objects.filter(pk=study.pk).update(title="Changed")
        record(study, "member.added", actor=None, data={"when": object()})

    with pytest.raises(TypeError, match="not JSON serializable"):
        act()
    assert Event.objects.filter(study=study).count() == 6
    assert not Study.objects.filter(title="Changed").exists()
