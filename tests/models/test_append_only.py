"""What is append-only cannot be changed: not through the ORM, and not by SQL that goes around it."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from ihlannotate.append_only import FROZEN
from ihlannotate.models.annotation import Answer, Revision
from ihlannotate.models.event import Event
from ihlannotate.models.gold import GoldLabel
from ihlannotate.models.rubric import Rubric
from tests.models.worlds import World, closed_world

pytestmark = pytest.mark.django_db
TABLES = {one._meta.db_table: one for one in apps.get_app_config("ihlannotate").get_models()}


@pytest.fixture
def world() -> World:
    return closed_world()


def _sql(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def _frozen_columns(table: str) -> tuple[str, ...]:
    columns = tuple(str(field.column) for field in TABLES[table]._meta.concrete_fields)
    return FROZEN[table] or columns


@pytest.mark.parametrize("table", FROZEN)
def test_no_row_is_deleted_by_sql(world: World, table: str) -> None:
    count = TABLES[table]._default_manager.count()
    assert count
    with pytest.raises(IntegrityError, match=f"{table} is append-only"):
        _sql(f"DELETE FROM {table}")
    assert TABLES[table]._default_manager.count() == count


@pytest.mark.parametrize("table", FROZEN)
def test_no_frozen_column_is_updated_by_sql(world: World, table: str) -> None:
    for column in _frozen_columns(table):
        name = connection.ops.quote_name(column)
        with pytest.raises(IntegrityError, match=f"{table} is append-only"):
            _sql(f"UPDATE {table} SET {name} = {name}")


@pytest.mark.parametrize("model", [Revision, Event, Rubric, GoldLabel])
def test_the_orm_neither_saves_updates_nor_deletes(world: World, model: type[models.Model]) -> None:
    row = model._default_manager.order_by("pk")[0]
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        row.save()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        model._default_manager.update(**{model._meta.concrete_fields[1].attname: 1})
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        model._default_manager.filter(pk=row.pk)._raw_delete(using="default")


def test_an_answer_may_cease_to_count_and_nothing_else_of_it_changes(world: World) -> None:
    before = set(Answer.objects.values_list("pk", "value", "text"))
    Answer.objects.update(live=False)
    assert not Answer.objects.filter(live=True).exists()
    assert set(Answer.objects.values_list("pk", "value", "text")) == before


def test_the_place_of_a_response_may_still_be_laid_out(world: World) -> None:
    type(world.response).objects.filter(pk=world.response.pk).update(position=77)
    world.response.refresh_from_db()
    assert world.response.position == 77


def test_every_column_that_is_frozen_exists() -> None:
    known = {
        table: {field.column for field in model._meta.concrete_fields} for table, model in TABLES.items()
    }
    assert {table: set(columns or ()) - known[table] for table, columns in FROZEN.items()} == {
        table: set() for table in FROZEN
    }
