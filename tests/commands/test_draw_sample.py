"""draw_sample: one JSON object with the strata, a plan, or a refusal that says what is wrong."""

from pathlib import Path

import pytest

from ihlannotate.pipeline.judging import Said, save_verdicts
from ihlannotate.pipeline.sampling import sample_of
from tests.commands.running import answer, refusal, said
from tests.factory import make_study
from tests.pipeline.sampled import drawn, imported_study, names

pytestmark = pytest.mark.django_db


def test_a_sample_is_drawn_with_what_was_asked_for(tmp_path: Path) -> None:
    study = imported_study(tmp_path)
    told = answer(
        "draw_sample",
        study.slug,
        *("--size", 40, "--by", "model", "--oversample", "refusal=refused:4", "--seed", 3),
    )
    found = sample_of(study)
    assert found is not None
    assert told == {"study": study.slug, **found.as_dict()}
    assert (told["size"], told["responses"], told["seed"], len(drawn(study))) == (40, 120, 3, 40)
    assert told["oversampled"] == [
        {"judge": "Heron", "criterion": "refusal", "level": "refused", "factor": 4.0}
    ]
    assert "40 of 120 responses are drawn" in said("draw_sample", study.slug, "--size", 40, "--by")


def test_a_plan_draws_nothing_and_narrows_with_the_size() -> None:
    study = make_study(overlap=3)
    planned = answer("draw_sample", study.slug, "--plan")["plan"]
    assert [one["n"] for one in planned] == [50, 100, 200, 400, 800]
    for name in ("alpha", "alpha_rare", "share"):
        widths = [one[name] for one in planned]
        assert widths == sorted(widths, reverse=True)
    assert sample_of(study) is None
    assert "400 responses" in said("draw_sample", study.slug, "--plan")


def test_what_a_judge_was_least_sure_of_is_drawn_more_often(tmp_path: Path) -> None:
    study = imported_study(tmp_path)
    sure = [Said(row, name, "refused", score=str(0.5 + row / 300)) for row, name in enumerate(names())]
    save_verdicts(study, sure, judge="Crow", criterion="refusal", actor=None)
    words = ("draw_sample", study.slug, "--size", 40, "--by", "--judge", "Crow", "--oversample-unsure")
    told = answer(*words, "refusal:2.5")
    assert told["oversampled"] == [{"judge": "Crow", "criterion": "refusal", "level": "", "factor": 2.5}]
    assert [(one["classes"], one["responses"]) for one in told["strata"]] == [([False], 90), ([True], 30)]
    assert "least sure: yes: 18 of 30" in said(*words, "refusal:2.5")
    message, _found = refusal(*words, "refusal=refused:2")
    assert "CRITERION:FACTOR" in message


@pytest.mark.parametrize("text", ["refusal", "refusal=refused", "refusal=refused:1.2.3", "refusal=refused:."])
def test_a_class_in_another_form_is_refused(tmp_path: Path, text: str) -> None:
    study = imported_study(tmp_path)
    message, _found = refusal("draw_sample", study.slug, "--size", 9, "--oversample", text)
    assert "CRITERION=LEVEL:FACTOR" in message


def test_where_there_are_several_judges_one_must_be_named(tmp_path: Path) -> None:
    study = imported_study(tmp_path)
    save_verdicts(study, [Said(1, "Aster-1-r0", "refused")], judge="Crow", criterion="refusal", actor=None)
    words = ("draw_sample", study.slug, "--size", 9, "--by", "--oversample", "refusal=refused:2")
    message, _found = refusal(*words)
    assert "Crow, Heron" in message
    assert answer(*words, "--judge", "Crow")["oversampled"][0]["judge"] == "Crow"
