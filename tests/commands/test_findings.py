"""findings: one JSON object, or a refusal that says what must happen first."""

from pathlib import Path

import pytest

from ihlannotate.pipeline.findings import findings
from tests.commands.running import answer, refusal, said
from tests.pipeline.found import closed_study, unblinded_study

pytestmark = pytest.mark.django_db


def test_findings_have_the_shape_that_is_promised(tmp_path: Path) -> None:
    study = unblinded_study(tmp_path)
    found = answer("findings", study.slug, "--judge", "Judge-1", "--replicates", 20, "--seed", 3)
    assert found == findings(study, judge="Judge-1", replicates=20, seed=3).as_dict()
    assert list(found) == ["study", "judge", "release", "seed", "replicates", "baseline", "measures"]
    one = found["measures"][0]
    cell, effect = one["cells"][0], one["effects"][0]
    assert cell["n"] == {"judge": 10, "gold": 6, "both": 6, "elsewhere": 4}
    assert all(set(cell[name]) == {"value", "ci", "note"} for name in ("naive", "gold", "corrected", "ppi"))
    assert effect["gold"]["mcnemar"]["condition_only"] == 1
    assert "Aster-1 · none" in said("findings", study.slug, "--replicates", 20)


def test_findings_refuse_before_unblinding_and_name_no_model(tmp_path: Path) -> None:
    study = closed_study(tmp_path)
    message, found = refusal("findings", study.slug)
    assert "unblind it" in message
    assert "Aster" not in message + str(found)
