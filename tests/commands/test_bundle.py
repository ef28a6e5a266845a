"""import_bundle: a study as it was bundled elsewhere, or what is in the way."""

from pathlib import Path

import pytest
from django.db import transaction

from tests.commands.running import answer, refusal, said
from tests.secret_world import plant

pytestmark = pytest.mark.django_db


def test_it_says_what_became_of_the_bundle(tmp_path: Path) -> None:
    bundle = tmp_path / "b.zip"
    with transaction.atomic():
        study = plant("closed", tmp_path).study
        assert answer("export", study.slug, bundle, "--what", "bundle")["blinded"] is True
        transaction.set_rollback(True)
    with transaction.atomic():
        found = answer("import_bundle", "elsewhere", bundle)
        transaction.set_rollback(True)
    assert found == {
        "study": "elsewhere",
        "state": "closed",
        "blinded": True,
        "prompts": 4,
        "responses": 8,
        "gold_release": 2,
        "labels": found["labels"],
        "judges": 0,
    }
    assert f"gold release 2 with {found['labels']} labels" in said("import_bundle", "elsewhere", bundle)


def test_what_is_in_the_way_is_said(tmp_path: Path) -> None:
    bundle = tmp_path / "b.zip"
    study = plant("closed", tmp_path).study
    said("export", study.slug, bundle, "--what", "bundle")
    assert f"already in study “{study.slug}”" in refusal("import_bundle", "elsewhere", bundle)[0]
    assert "there is no such file" in refusal("import_bundle", "elsewhere", tmp_path / "none.zip")[0]
    assert "A benchmark bundle is a zip file" in refusal("export", study.slug, bundle)[0]
