"""import_verdicts: probabilities, hashes of texts, what a judge is, and ids that no response bears."""

from pathlib import Path

import pytest

from ihlannotate.models.judge import Judge, Verdict
from ihlannotate.models.study import Study
from ihlannotate.pipeline.importing import import_run, sha256
from tests.commands.running import answer, refusal, said
from tests.factory import make_study
from tests.files import Cells, run_file, run_rows, write_csv

pytestmark = pytest.mark.django_db
OPTIONS = ("--judge", "Heron", "--criterion", "refusal", "--match", "external_id=id", "--verdict", "says")


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Three responses, r0 to r2."""
    study = make_study()
    import_run(study, run_file(tmp_path / "run.csv", run_rows(3)), actor=None)
    return study


def text_hash(number: int) -> str:
    return sha256(str(run_rows(3)[number]["response"]))


def verdicts(folder: Path, *rows: Cells) -> Path:
    return write_csv(
        folder / "verdicts.csv", [{"id": f"r{n}", "says": "refused", **row} for n, row in enumerate(rows)]
    )


def test_a_probability_is_kept_as_the_score(study: Study, tmp_path: Path) -> None:
    file = verdicts(tmp_path, {"p": "0"}, {"p": "1"}, {"p": "0.25"})
    found = answer("import_verdicts", study.slug, file, *OPTIONS, "--probability", "p")
    assert (found["verdicts_new"], found["mapping"]) == (3, {"refused": "refused"})
    assert set(Verdict.objects.values_list("score", flat=True)) == {0, 0.25, 1}


@pytest.mark.parametrize("p", ["1.01", "-0.01"])
def test_a_probability_outside_0_to_1_is_refused_by_row_and_column_but_a_score_may_be(
    study: Study, tmp_path: Path, p: str
) -> None:
    file = verdicts(tmp_path, {"p": "0.5"}, {"p": p})
    message, found = refusal("import_verdicts", study.slug, file, *OPTIONS, "--probability", "p")
    assert f"{p} is no probability" in message
    assert [(one["row"], one["column"]) for one in found["problems"]] == [(3, "p")]
    assert not Judge.objects.exists()
    assert answer("import_verdicts", study.slug, file, *OPTIONS, "--score", "p")["verdicts_new"] == 2


def test_a_verdict_on_another_text_is_refused_by_row_and_column(study: Study, tmp_path: Path) -> None:
    mixed = verdicts(tmp_path, {"sha": text_hash(0)}, {"sha": text_hash(0)}, {"sha": ""})
    message, found = refusal("import_verdicts", study.slug, mixed, *OPTIONS, "--text-sha256", "sha")
    assert "has another text than the one that was judged" in message
    assert [(one["row"], one["column"]) for one in found["problems"]] == [(3, "sha")]
    assert not Judge.objects.exists()
    right = verdicts(tmp_path, {"sha": text_hash(0).upper()}, {"sha": text_hash(1)}, {"sha": ""})
    assert answer("import_verdicts", study.slug, right, *OPTIONS, "--text-sha256", "sha")["verdicts_new"] == 3


def test_what_a_judge_is_is_stated_once(study: Study, tmp_path: Path) -> None:
    file = verdicts(tmp_path, {})
    stated = ("--setting", "model=heron-2", "prompt=5f3a", "--setting", "score_of=refused")
    answer("import_verdicts", study.slug, file, *OPTIONS, *stated)
    assert Judge.objects.get().settings == {"model": "heron-2", "prompt": "5f3a", "score_of": "refused"}
    assert answer("import_verdicts", study.slug, file, *OPTIONS)["unchanged"] == 1
    message, _found = refusal("import_verdicts", study.slug, file, *OPTIONS, "--setting", "model=heron-3")
    assert "stated with other settings" in message
    assert "model=heron-2" in message


def test_a_setting_without_a_name_is_refused(study: Study, tmp_path: Path) -> None:
    message, _found = refusal(
        "import_verdicts", study.slug, verdicts(tmp_path, {}), *OPTIONS, "--setting", "heron-2"
    )
    assert "name=value" in message


def test_ids_that_no_response_bears_are_named_with_their_rows_and_counted(
    study: Study, tmp_path: Path
) -> None:
    file = verdicts(tmp_path, *[{}] * 60)
    message, found = refusal("import_verdicts", study.slug, file, *OPTIONS)
    assert "57 rows have an id that no response bears." in message
    assert "There are 57 problems in all; the first 50 are listed." in message
    assert [(one["row"], one["column"]) for one in found["problems"]] == [(row, "id") for row in range(5, 55)]
    assert "“r3”" in found["problems"][0]["message"]


def test_the_text_form_says_what_was_read_as_what(study: Study, tmp_path: Path) -> None:
    file = verdicts(tmp_path, {"says": "NO"}, {"says": "perhaps"})
    text = said("import_verdicts", study.slug, file, *OPTIONS, "--value", "NO=refused")
    assert "2 new verdicts (1 of them could not be parsed" in text
    assert "“NO” read as refused" in text


def test_columns_may_be_spelled_otherwise(study: Study, tmp_path: Path) -> None:
    file = verdicts(tmp_path, {"p": "0.5"}, {"p": "0.25"})
    options = ("--judge", "Heron", "--criterion", "refusal", "--match", "external_id=ID", "--verdict", "Says")
    found = answer("import_verdicts", study.slug, file, *options, "--probability", "P")
    assert (found["verdicts_new"], found["unparsed"]) == (2, 0)
    assert set(Verdict.objects.values_list("score", flat=True)) == {0.5, 0.25}


def test_a_label_can_only_be_read_as_a_level_that_there_is(study: Study, tmp_path: Path) -> None:
    file = verdicts(tmp_path, {"says": "NO"})
    message, _found = refusal("import_verdicts", study.slug, file, *OPTIONS, "--value", "NO=refusd")
    assert "“NO” can’t be read as “refusd”: the levels of “refusal” are refused, partly_refused" in message
    assert not Judge.objects.exists()


def test_a_question_without_levels_takes_no_verdicts(tmp_path: Path) -> None:
    study = make_study()
    import_run(study, run_file(tmp_path / "run.csv", run_rows(1)), actor=None)
    options = ("--judge", "Heron", "--match", "external_id=id", "--verdict", "says", "--criterion", "comment")
    message, _found = refusal("import_verdicts", study.slug, verdicts(tmp_path, {}), *options)
    assert "“comment” is no question with levels" in message
    assert not Judge.objects.exists()


def test_another_score_of_the_same_verdict_is_named_as_such(study: Study, tmp_path: Path) -> None:
    answer("import_verdicts", study.slug, verdicts(tmp_path, {"p": "0.5"}), *OPTIONS, "--score", "p")
    message, _found = refusal(
        "import_verdicts", study.slug, verdicts(tmp_path, {"p": "0.6"}), *OPTIONS, "--score", "p"
    )
    assert "already has this verdict with the score 0.5, not 0.6" in message


def test_a_very_long_id_does_not_fill_the_message(study: Study, tmp_path: Path) -> None:
    message, _found = refusal("import_verdicts", study.slug, verdicts(tmp_path, {"id": "x" * 9000}), *OPTIONS)
    assert len(message) < 400
