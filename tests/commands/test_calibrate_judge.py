"""calibrate_judge: one JSON object, a map that ten lines of Python can apply, and refusals that leave no file."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ihlannotate.pipeline.judging.scores import judge_scores
from tests.commands.running import answer, refusal, said
from tests.pipeline.scored import scored_study, told

pytestmark = pytest.mark.django_db
METHODS = Path(__file__).parents[2] / "docs" / "methods.md"
FEW = ("--replicates", 20)


def test_the_answer_has_the_shape_that_is_promised(tmp_path: Path) -> None:
    study = scored_study(tmp_path)
    found = answer("calibrate_judge", study.slug, "Heron", *FEW)
    assert found == judge_scores(study, "Heron", "refusal", replicates=20).as_dict()
    assert list(found["maps"]) == ["isotonic", "platt"]
    assert set(found["raw"]) == {"n", "brier", "ece", "ece_by_chance", "bins"}
    assert set(found["threshold"]["best"]) == {
        "at", "true_positives", "false_positives", "false_negatives", "true_negatives", "value",
    }  # fmt: skip
    text = said("calibrate_judge", study.slug, "Heron", *FEW, "--measure", "youden")
    assert "level refused (rising), gold release 1: mapped" in text
    assert "by youden" in text


@pytest.mark.parametrize("method", ["isotonic", "platt"])
def test_the_ten_lines_of_the_docs_apply_a_map(
    tmp_path: Path, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = scored_study(tmp_path)
    answer("calibrate_judge", study.slug, "Heron", *FEW, "--map", tmp_path / "map.json", "--method", method)
    (lines,) = re.findall(r"```python\n(.*?)```", METHODS.read_text("utf-8"), re.DOTALL)
    assert len([line for line in lines.splitlines() if line]) == 10
    monkeypatch.chdir(tmp_path)
    space: dict[str, Any] = {}
    exec(lines, space)
    scores = [-1000.0, -1.0, *np.linspace(0, 1, 41).tolist(), *map(told, range(10)), 2.0, 1e9]
    report = judge_scores(study, "Heron", "refusal", replicates=20)
    fitted = (report.isotonic if method == "isotonic" else report.platt).map
    assert fitted is not None
    expected = fitted.apply(np.array(scores))
    assert [space["probability"](score) for score in scores] == pytest.approx(expected.tolist(), abs=1e-12)
    assert json.loads((tmp_path / "map.json").read_text("utf-8"))["method"] == method


def test_where_there_is_no_map_none_is_written(tmp_path: Path) -> None:
    study = scored_study(tmp_path, lambda _number: 0.5)
    file = tmp_path / "map.json"
    message, _found = refusal("calibrate_judge", study.slug, "Heron", *FEW, "--map", file)
    assert "There is no isotonic map to write: the judge gives one score only." in message
    assert not file.exists()


def test_what_cannot_be_done_is_said(tmp_path: Path) -> None:
    study = scored_study(tmp_path, lambda _number: "")
    assert "gave no scores" in refusal("calibrate_judge", study.slug, "Heron")[0]
    assert "no judge “Egret”" in refusal("calibrate_judge", study.slug, "Egret")[0]
    assert (
        "no score on a response"
        in refusal("calibrate_judge", study.slug, "Heron", "--criterion", "refusal")[0]
    )


def test_a_file_that_cannot_be_written_is_a_refusal(tmp_path: Path) -> None:
    study = scored_study(tmp_path)
    message, _found = refusal("calibrate_judge", study.slug, "Heron", *FEW, "--map", tmp_path)
    assert "can't be written there" in message
