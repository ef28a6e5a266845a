"""A backup holds every row as it was, and fills an empty database or nothing at all."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, connection

from ihlannotate import append_only
from ihlannotate.models.annotation import Annotation
from ihlannotate.models.event import Event, first_broken
from ihlannotate.models.gold import GoldRelease
from ihlannotate.models.job import Job
from ihlannotate.models.study import Study
from ihlannotate.pipeline.assigning import next_sheet
from ihlannotate.pipeline.readiness import attention_report, must_train, training_results
from tests.commands.processes import Installation
from tests.commands.running import answer, refusal, said
from tests.factory import make_study
from tests.models.worlds import closed_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A backup of a world in which every table has a row; the database is empty afterwards."""
    closed_world()
    file = tmp_path / "backup.zip"
    said("backup", file)
    return file


def everything() -> dict[str, list[Any]]:
    tables = [one for one in apps.get_app_config("ihlannotate").get_models() if one is not Job]
    return {one.__name__: list(one._default_manager.order_by("pk").values()) for one in tables}


def empty_the_database() -> None:
    append_only.uninstall(connection)
    call_command("flush", interactive=False, verbosity=0)


def damage(file: Path, *, rows: bytes | None = None, manifest: dict[str, Any] | None = None) -> None:
    """Write the backup anew with other rows, or with other words in its manifest."""
    with zipfile.ZipFile(file) as archive:
        kept = json.loads(archive.read("manifest.json"))
        content = archive.read("rows.jsonl") if rows is None else rows
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("rows.jsonl", content)
        archive.writestr("manifest.json", json.dumps(kept | (manifest or {})))


def test_a_restored_installation_is_the_one_that_was_backed_up(file: Path) -> None:
    before = everything()
    empty_the_database()
    found = answer("restore", file)
    assert everything() == before
    assert found["rows"] == {name: len(rows) for name, rows in before.items() if rows}
    study = Study.objects.get()
    assert first_broken(study) is None
    make_study(slug="another")  # new ids follow those that were restored
    with pytest.raises(IntegrityError, match="append-only"):
        Event.objects.update(verb="nothing")


def test_a_backup_moves_to_another_database_and_is_the_same_there(file: Path, tmp_path: Path) -> None:
    there = Installation(tmp_path / "var")
    copy = tmp_path / "copy.zip"
    for words in (("migrate", "-v0"), ("restore", file), ("backup", copy)):
        done = there.manage(*words)
        assert done.returncode == 0, done.stderr
    assert manifest_of(copy)["sha256"] == manifest_of(file)["sha256"]


def test_the_same_data_and_seed_release_the_same_gold_on_another_database(tmp_path: Path) -> None:
    said("demo")
    file = tmp_path / "backup.zip"
    said("backup", file)
    there = Installation(tmp_path / "var")
    for words in (("migrate", "-v0"), ("restore", file), ("release_gold", "demo-closed", "--json")):
        done = there.manage(*words)
        assert done.returncode == 0, done.stderr
    again = json.loads(done.stdout)
    assert (again["release"], again["sha256"]) == (2, GoldRelease.objects.get(number=1).sha256)


def manifest_of(file: Path) -> dict[str, Any]:
    with zipfile.ZipFile(file) as archive:
        found = json.loads(archive.read("manifest.json"))
    assert isinstance(found, dict)
    return found


def test_a_backup_can_be_taken_again_into_the_same_file(file: Path) -> None:
    assert answer("backup", file)["rows"]["Study"] == 1
    assert [one.name for one in file.parent.iterdir()] == [file.name]


def test_a_database_that_is_not_empty_is_left_alone(file: Path) -> None:
    before = everything()
    assert "not empty" in refusal("restore", file)[0]
    assert everything() == before


@pytest.mark.parametrize("kind", ["other rows", "another format", "no backup", "a torn file", "no rows"])
def test_a_file_that_is_no_whole_backup_restores_nothing(file: Path, kind: str) -> None:
    content = file.read_bytes()
    match kind:
        case "other rows":
            damage(file, rows=b"{}\n")
        case "another format":
            damage(file, manifest={"format": 99})
        case "no backup":
            file.write_text("This is a letter.", "utf-8")
        case "a torn file":
            file.write_bytes(content[: len(content) // 3] + bytes(600) + content[len(content) // 3 + 600 :])
        case _:
            with zipfile.ZipFile(file, "w") as archive:
                archive.writestr("notes.txt", "Nothing.")
    empty_the_database()
    message, _ = refusal("restore", file)
    assert file.name in message
    assert not Study.objects.exists()


def test_a_place_that_cannot_be_written_to_is_refused(tmp_path: Path) -> None:
    assert "could not be written" in refusal("backup", tmp_path / "nowhere" / "backup.zip")[0]


def test_the_demo_is_loaded_once_and_says_who_can_sign_in() -> None:
    first = said("demo")
    before = everything()
    again = said("demo")
    assert "already there" in again
    assert everything() == before
    assert {(study.slug, str(study.state)) for study in Study.objects.all()} == {
        ("demo", "open"),
        ("demo-closed", "closed"),
    }
    for member in Study.objects.get(slug="demo").memberships.exclude(user=None):
        assert member.user
        line = next(line for line in first.splitlines() if member.user.email in line)
        assert member.user.check_password(line.split()[-1])
    assert all(first_broken(study) is None for study in Study.objects.all())
    demo = Study.objects.get(slug="demo")
    members = demo.memberships.select_related("study").filter(role="annotator").order_by("alias")
    assert [must_train(member) for member in members] == [False, False, True]
    assert [len(one.rounds) for one in training_results(demo)] == [1, 2, 0]
    assert [(one.met, one.agreed) for one in attention_report(demo)] == [(3, 3), (3, 2), (3, 2)]
    repeats = Annotation.objects.filter(assignment__study=demo, assignment__occasion=2)
    assert repeats.count() == 9
    assert next_sheet(members[0])
