"""A judge on parts of the study: whose figures they are, and that nothing is by model before unblinding."""

import json
from pathlib import Path

import pytest

from ihlannotate.models.study import Study
from ihlannotate.pipeline.annotating import import_ratings
from ihlannotate.pipeline.importing import RunFile, import_run
from ihlannotate.pipeline.judging import (
    FIGURE_HEADER,
    CriterionValidation,
    Said,
    figure_rows,
    save_verdicts,
    validate_judge,
)
from ihlannotate.pipeline.lifecycle import unblind_study
from ihlannotate.pipeline.releasing import release_gold
from tests.factory import make_study
from tests.files import ratings_file, write_csv
from tests.pipeline.rated import N, R, close

pytestmark = pytest.mark.django_db

SYSTEMS = (("Aster-1", "plain"), ("Borealis-2", "guarded"))
LONG = " It goes on." * 20


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Twelve prompts, each answered by two models; gold is R, and the Heron errs on Borealis-2's first three.

    Prompts 0-5 are English, the others French; Borealis-2 writes long; two annotators, of whom R2 differs on prompt 0
    of Aster-1, which an adjudication is not there to settle.
    """
    study = make_study(overlap=2)
    rows = [
        {
            "id": f"{model[0]}{number}",
            "prompt": f"Request {number}, which the law forbids.",
            "response": f"No, {number}." + (LONG if model == "Borealis-2" else ""),
            "language": "en" if number < 6 else "fr",
            "category": f"kind {number % 2}",
            "model": model,
            "condition": condition,
        }
        for model, condition in SYSTEMS
        for number in range(12)
    ]
    path = write_csv(tmp_path / "runs.csv", rows)
    import_run(study, RunFile(path=path, name=path.name), actor=None)
    answers = [{"id": row["id"], "a": R, "b": N if row["id"] == "A0" else R} for row in rows]
    file = ratings_file(tmp_path / "ratings.csv", answers)
    import_ratings(study, file, annotators={"a": "R1", "b": "R2"}, actor=None)
    wrong = {"B0": N, "B1": N, "B2": "who knows"}
    said = [Said(at, str(row["id"]), wrong.get(str(row["id"]), R)) for at, row in enumerate(rows)]
    save_verdicts(study, said, judge="Heron", criterion="refusal", actor=None)
    release_gold(close(study), actor=None)
    return study


def validated(study: Study) -> CriterionValidation:
    return validate_judge(study, "Heron", replicates=20).criteria[0]


def counted(found: CriterionValidation, kind: str) -> dict[str, tuple[int, int, float | None]]:
    return {
        str(one.name): (one.found.n, one.found.unparsed, one.found.accuracy.value)
        for one in found.slices
        if one.kind == kind
    }


def test_each_part_has_the_figures_of_its_own_responses(study: Study) -> None:
    found = validated(study)
    assert counted(found, "language") == {
        "en": (11, 1, pytest.approx(8 / 11)),
        "fr": (12, 0, 1.0),
    }
    assert counted(found, "category") == {
        "kind 0": (11, 1, pytest.approx(9 / 11)),
        "kind 1": (12, 0, pytest.approx(11 / 12)),
    }
    assert counted(found, "tier") == {"unanimous": (23, 1, pytest.approx(20 / 23))}


def test_thirds_by_length_keep_responses_of_one_length_together(study: Study) -> None:
    thirds = counted(validated(study), "length of response")
    assert sum(n for n, _unparsed, _accuracy in thirds.values()) == 23
    assert [name.split(",")[0] for name in thirds] == ["shortest third", "middle third", "longest third"]
    assert "shortest third, up to 6 characters" in thirds
    shortest, *others = thirds.values()
    assert shortest == (9, 0, 1.0)
    assert sum(unparsed for _n, unparsed, _accuracy in others) == 1


def test_nothing_is_by_model_or_condition_before_unblinding(study: Study) -> None:
    report = validate_judge(study, "Heron", replicates=20)
    assert {one.kind for one in report.criteria[0].slices} == {
        "tier",
        "category",
        "language",
        "length of response",
    }
    told = json.dumps(report.as_dict()) + str(list(figure_rows(report)))
    for system in SYSTEMS:
        for word in system:
            assert word not in told


def test_once_unblinded_each_model_and_condition_has_its_figures(study: Study) -> None:
    unblind_study(study, reason="To publish.", actor=None)
    study.refresh_from_db()
    found = validated(study)
    aster, borealis = (11, 0, 1.0), (12, 1, pytest.approx(9 / 12))
    assert counted(found, "model") == {"Aster-1": aster, "Borealis-2": borealis}
    assert counted(found, "condition") == {"plain": aster, "guarded": borealis}


def test_parts_say_in_the_json_why_a_figure_is_undefined(study: Study) -> None:
    parts = validated(study).as_dict()["slices"]
    french = next(one for one in parts if one["name"] == "fr")
    assert french["accuracy"]["value"] == 1.0
    assert french["accuracy"]["ci"][0] < 1.0
    assert french["cohen_kappa"]["value"] is None
    assert "one and the same label" in french["cohen_kappa"]["note"]
    json.dumps(parts, allow_nan=False)


def test_every_figure_is_a_row_of_the_table(study: Study) -> None:
    report = validate_judge(study, "Heron", replicates=20)
    rows = [dict(zip(FIGURE_HEADER, row, strict=True)) for row in figure_rows(report)]
    assert len({(row["criterion"], row["statistic"], row["of"]) for row in rows}) == len(rows)
    by_name = {(row["statistic"], row["of"]): row for row in rows}
    assert by_name["accuracy", ""]["value"] == pytest.approx(20 / 23)
    assert by_name["accuracy of a part", "language: fr"]["n"] == 12
    assert by_name["confusion", "gold refused, judge unparsed"]["value"] == 1
    assert by_name["Cohen's kappa of a part", "language: fr"]["note"]
    assert by_name["winning rate", ""]["note"]
    assert {row["release"] for row in rows} == {1}
