"""export --what report: one HTML file, or what is in the way."""

from pathlib import Path

import pytest

from tests.commands.running import answer, refusal, said
from tests.factory import make_study
from tests.pipeline.found import closed_study

pytestmark = pytest.mark.django_db


def test_it_writes_one_file_and_says_so(tmp_path: Path) -> None:
    study, path = closed_study(tmp_path), tmp_path / "report.html"
    found = answer("export", study.slug, path, "--what", "report")
    assert (found["what"], found["blinded"], list(found["files"])) == ("report", True, [str(path)])
    assert '<html lang="en"' in path.read_text("utf-8")
    assert "Wrote the blinded export:" in said("export", study.slug, path, "--what", "report")


def test_what_is_in_the_way_is_said(tmp_path: Path) -> None:
    study = make_study()
    assert "no gold release yet" in refusal("export", study.slug, tmp_path / "r.html", "--what", "report")[0]
    assert "A report is an HTML file" in refusal("export", study.slug, tmp_path / "r.html")[0]
    assert (
        "A report is an HTML file" in refusal("export", study.slug, tmp_path / "r.csv", "--what", "report")[0]
    )
