"""The commands in the order of a study's life: the shape of each answer, and each refusal in one message."""

from pathlib import Path

import pytest

from ihlannotate.models.event import Event
from ihlannotate.models.item import Response
from ihlannotate.models.study import Study
from tests.commands.running import Json, answer, refusal, said
from tests.factory import SMALL_RUBRIC
from tests.files import run_rows, write_csv

pytestmark = pytest.mark.django_db
ESTIMATE = {"value", "ci", "note"}
AGREEMENT = {
    "level",
    "units",
    "pairable_units",
    "annotations",
    "annotators",
    "percent_agreement",
    "krippendorff_alpha",
    "gwet_ac",
    "fleiss_kappa",
    "per_category",
    "pairs",
}
VALIDATION = {
    "n",
    "unparsed",
    "accuracy",
    "cohen_kappa",
    "parsed_only",
    "krippendorff_alpha",
    "mcc",
    "confusion",
    "per_label",
    "human_ceiling",
    "alt_test",
    "prevalence",
}
ALT_TEST = {"epsilon", "winning_rate", "advantage_probability", "annotators_tested", "passed", "note"}
RATINGS = [
    ("refused", "refused"),
    ("refused", "not_refused"),
    ("not_refused", "not_refused"),
    ("refused", ""),
]
MATCH = ("--criterion", "refusal", "--match", "external_id=id")


@pytest.fixture
def rubric(tmp_path: Path) -> Path:
    path = tmp_path / "rubric.yaml"
    path.write_text(SMALL_RUBRIC, "utf-8")
    return path


@pytest.fixture
def study(rubric: Path) -> str:
    said("create_study", "s", "--title", "S", "--rubric", rubric, "--overlap", 2)
    return "s"


@pytest.fixture
def run(tmp_path: Path, study: str) -> Path:
    path = write_csv(tmp_path / "run.csv", run_rows(4))
    said("import_run", study, path, "--model", "Aster-1")
    return path


@pytest.fixture
def ratings(tmp_path: Path) -> Path:
    rows = [{"id": f"r{n}", "first": a, "second": b} for n, (a, b) in enumerate(RATINGS)]
    return write_csv(tmp_path / "ratings.csv", rows)


@pytest.fixture
def verdicts(tmp_path: Path) -> Path:
    rows = [{"id": f"r{n}", "verdict": one} for n, one in enumerate(("refused", "refused", "?", "refused"))]
    return write_csv(tmp_path / "verdicts.csv", rows)


def rate(study: str, ratings: Path, *more: str) -> Json:
    return answer("import_annotations", study, ratings, *MATCH, "--annotator", "first=R1", "second=R2", *more)


def judge(study: str, verdicts: Path, *more: str) -> Json:
    return answer("import_verdicts", study, verdicts, *MATCH, "--judge", "J", "--verdict", "verdict", *more)


@pytest.fixture
def released(study: str, run: Path, ratings: Path, verdicts: Path) -> str:
    """A closed study with ratings, verdicts and a gold release."""
    rate(study, ratings)
    for act in ("open_study", "close_study", "release_gold"):
        said(act, study)
    judge(study, verdicts)
    return study


def test_create_study_names_its_people_and_how_they_sign_in(rubric: Path) -> None:
    found = answer(
        *("create_study", "s", "--title", "S", "--rubric", rubric, "--overlap", 2, "--epsilon", 0.15),
        *("--annotator", "Alice Example:alice@example.org", "Bob:bob@example.org"),
        *("--annotator", "Erin:erin@example.org", "--coordinator", "Carol:carol@example.org"),
    )
    assert found["study"] == "s"
    assert found["rubric"] == "small 1.0"
    assert [(one["alias"], one["role"], one["email"]) for one in found["members"]] == [
        ("C1", "coordinator", "carol@example.org"),
        ("A1", "annotator", "alice@example.org"),
        ("A2", "annotator", "bob@example.org"),
        ("A3", "annotator", "erin@example.org"),
    ]
    assert all(one["invitation"].startswith("/password/") for one in found["members"])
    study = Study.objects.get()
    assert (study.overlap, study.epsilon) == (2, 0.15)


def test_create_study_leaves_nothing_behind_when_one_of_its_people_is_wrong(rubric: Path) -> None:
    words = ("create_study", "s", "--title", "S", "--rubric", rubric, "--annotator", "A:a@b.c", "nobody")
    message, _ = refusal(*words)
    assert "NAME:EMAIL" in message
    assert not Study.objects.exists()


def test_create_study_says_what_is_wrong_with_a_rubric(tmp_path: Path, rubric: Path) -> None:
    rubric.write_text(SMALL_RUBRIC.replace("kind: choice", "kind: choise"), "utf-8")
    assert "choise" in refusal("create_study", "s", "--title", "S", "--rubric", rubric)[0]
    rubric.write_bytes(SMALL_RUBRIC.replace("Bare", "Völlig").encode("latin-1"))
    assert "not UTF-8" in refusal("create_study", "s", "--title", "S", "--rubric", rubric)[0]
    assert "no such file" in refusal("create_study", "s", "--title", "S", "--rubric", tmp_path / "no.yaml")[0]


def test_import_run_counts_what_is_new_and_then_what_is_unchanged(study: str, tmp_path: Path) -> None:
    rows = [{**row, "error": "HTTP 500" if number == 3 else ""} for number, row in enumerate(run_rows(4))]
    words = ("import_run", study, write_csv(tmp_path / "run.csv", rows), "--model", "Aster-1")
    first, again = answer(*words), answer(*words)
    assert set(first) >= {
        "run",
        "prompts_new",
        "responses_new",
        "unchanged",
        "conflicts",
        "skipped",
        "verdicts",
    }
    assert (first["prompts_new"], first["responses_new"], first["unchanged"]) == (3, 3, 0)
    assert (again["prompts_new"], again["responses_new"], again["unchanged"]) == (0, 0, 3)
    assert first["run"] == again["run"]
    assert (first["conflicts"], first["verdicts"]) == (0, 0)
    assert first["skipped"] == [{"row": 5, "external_id": "r3", "reason": "error: HTTP 500"}]


def test_import_run_says_in_words_what_it_did(study: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "run.csv", run_rows(2))
    assert "2 new responses" in said("import_run", study, path, "--model", "Aster-1")
    assert "Nothing changed" in said("import_run", study, path, "--model", "Aster-1")


def test_import_run_takes_a_mapping_that_may_be_repeated(study: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "run.csv", [{"nr": 1, "asked": "One.", "said": "No."}])
    words = ("import_run", study, path, "--model", "Aster-1", "--map", "prompt=asked", "external_id=nr")
    assert answer(*words, "--map", "response=said")["responses_new"] == 1
    assert "no field “answer”" in refusal(*words, "--map", "answer=said")[0]


def test_import_run_counts_conflicts_when_it_refuses(run: Path, study: str) -> None:
    rows = run_rows(4)
    rows[2]["response"] = "Something else."
    message, found = refusal("import_run", study, write_csv(run, rows), "--model", "Aster-1")
    assert found["conflicts"] == 1
    assert [(one["row"], one["column"]) for one in found["problems"]] == [(4, None)]
    assert "row 4: id “r2” of Aster-1 is already in this study with another response" in message
    assert Response.objects.count() == 4


def test_import_annotations_counts_ratings_and_adjudications(study: str, run: Path, ratings: Path) -> None:
    first = rate(study, ratings, "--adjudication", "first")
    again = rate(study, ratings, "--adjudication", "first")
    assert (first["annotations_new"], first["unchanged"], first["empty"]) == (7, 0, 1)
    assert (again["annotations_new"], again["unchanged"], again["empty"]) == (0, 7, 1)
    assert (first["adjudications_new"], again["adjudications_unchanged"]) == (4, 4)
    assert first["annotators"] == ["R1", "R2"]


def test_import_annotations_takes_nothing_when_its_adjudications_are_refused(
    study: str, run: Path, ratings: Path
) -> None:
    ratings.write_text(ratings.read_text("utf-8").replace("id,first,second", "id,first,second,settled"))
    words = ("import_annotations", study, ratings, *MATCH, "--annotator", "first=R1")
    refusal(*words, "--adjudication", "nowhere")
    assert not Event.objects.filter(verb="annotations.imported").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--match", "id"), "external_id=COLUMN"),
        (("--match", "row=id"), "not by “row”"),
        (("--annotator", "first"), "COLUMN=ALIAS"),
        (("--annotator", "first=R1", "first=R2"), "given twice"),
        (("--value", "yes"), "theirs=ours"),
        (("--criterion", "tone"), "no criterion “tone”"),
    ],
)
def test_options_of_another_form_are_refused(
    study: str, run: Path, ratings: Path, words: tuple[str, ...], message: str
) -> None:
    given = {
        "--criterion": ["refusal"],
        "--match": ["external_id=id"],
        "--annotator": ["first=R1"],
        words[0]: list(words[1:]),
    }
    flat = [word for option, values in given.items() for word in (option, *values)]
    assert message in refusal("import_annotations", study, ratings, *flat)[0]


def test_open_and_close_say_the_state(study: str, run: Path) -> None:
    assert answer("open_study", study) == {"study": "s", "state": "open", "slots_new": 8}
    assert answer("close_study", study) == {"study": "s", "state": "closed"}
    assert "only an open study" in refusal("close_study", study)[0]
    assert "does not open again" in refusal("open_study", study)[0]


def test_a_run_that_comes_while_a_study_is_open_gets_its_slots(study: str, run: Path, tmp_path: Path) -> None:
    said("open_study", study)
    path = write_csv(tmp_path / "more.csv", run_rows(2, start=10))
    said("import_run", study, path, "--model", "Aster-1")
    assert answer("open_study", study)["slots_new"] == 0


def test_agreement_has_the_shape_that_is_promised(study: str, run: Path, ratings: Path) -> None:
    rate(study, ratings)
    found = answer("agreement", study, "--replicates", 20, "--seed", 7)
    assert (found["study"], found["seed"], found["replicates"]) == ("s", 7, 20)
    assert set(found["criteria"]) == {"refusal", "helpfulness"}
    one = found["criteria"]["refusal"]
    assert set(one) >= AGREEMENT
    for name in ("percent_agreement", "krippendorff_alpha", "gwet_ac", "fleiss_kappa"):
        assert set(one[name]) == ESTIMATE
        assert len(one[name]["ci"]) == 2
    assert set(one["per_category"]) == {"refused", "partly_refused", "not_refused"}
    assert (one["level"], one["units"], one["pairable_units"], one["annotations"]) == ("nominal", 4, 3, 7)
    assert one["percent_agreement"]["value"] == pytest.approx(2 / 3, abs=1e-15)
    empty = found["criteria"]["helpfulness"]["krippendorff_alpha"]
    assert empty["value"] is None
    assert empty["note"]


def test_agreement_can_be_of_one_criterion_and_in_words(study: str, run: Path, ratings: Path) -> None:
    rate(study, ratings)
    assert set(answer("agreement", study, "--criterion", "refusal", "--replicates", 20)["criteria"]) == {
        "refusal"
    }
    words = said("agreement", study, "--replicates", 20)
    assert "percent_agreement    0.667" in words
    assert "undefined: " in words
    assert "seed 0" in words


def test_release_gold_counts_tiers(released: str) -> None:
    found = answer("release_gold", released)
    assert set(found) == {"study", "release", "method", "sha256", "counts", "seed", "audit", "fits"}
    assert found["fits"]["refusal"]["levels"] == ["refused", "partly_refused", "not_refused"]
    assert len(found["audit"]["digest"]) == 64
    assert found["release"] == 2
    assert found["counts"]["refusal"] == {"contested": 1, "single": 1, "unanimous": 2}


def test_release_gold_needs_a_closed_study(study: str, run: Path) -> None:
    assert "Close it first" in refusal("release_gold", study)[0]


def test_unblind_study_needs_gold_and_a_reason(study: str, run: Path) -> None:
    assert "no gold release" in refusal("unblind_study", study, "--reason", "Due.")[0]


def test_unblind_study_says_the_state(released: str) -> None:
    assert answer("unblind_study", released, "--reason", "Due.") == {"study": "s", "state": "unblinded"}


def test_import_verdicts_counts_the_unparsed(study: str, run: Path, verdicts: Path) -> None:
    first, again = judge(study, verdicts), judge(study, verdicts)
    assert (first["judge"], first["criterion"], first["verdicts_new"], first["unparsed"]) == (
        "J",
        "refusal",
        4,
        1,
    )
    assert (again["verdicts_new"], again["unchanged"]) == (0, 4)
    assert "1 of them could not be parsed" in said(
        *("import_verdicts", study, verdicts, *MATCH, "--judge", "K", "--verdict", "verdict")
    )


def test_validate_judge_has_the_shape_that_is_promised(released: str) -> None:
    found = answer("validate_judge", released, "J", "--replicates", 20)
    assert (found["judge"], found["release"]) == ("J", 1)
    one = found["criteria"]["refusal"]
    assert set(one) >= VALIDATION
    assert set(one["accuracy"]) == set(one["parsed_only"]["cohen_kappa"]) == ESTIMATE
    assert set(one["alt_test"]) == ALT_TEST
    assert (one["n"], one["unparsed"]) == (3, 1)
    assert one["accuracy"]["value"] == pytest.approx(2 / 3, abs=1e-15)
    for errors in one["per_label"].values():
        assert set(errors) == {"sensitivity", "specificity", "precision", "f1"}
    for shares in one["prevalence"].values():
        assert set(shares) == {"naive", "gold", "corrected", "ppi"}
    assert {"labels", "matrix"} <= set(one["confusion"])
    assert "J against gold release 1 of s" in said("validate_judge", released, "J", "--replicates", 20)


def test_validate_judge_without_a_release_says_so(study: str, run: Path, verdicts: Path) -> None:
    judge(study, verdicts)
    assert "no gold release" in refusal("validate_judge", study, "J")[0]


@pytest.mark.parametrize("name", ["out.xlsx", "out.csv", "out.jsonl", "out.parquet"])
def test_export_names_the_files_it_wrote(released: str, tmp_path: Path, name: str) -> None:
    found = answer("export", released, tmp_path / name)
    assert (found["what"], found["blinded"]) == ("all", True)
    assert all(Path(path).is_file() for path in found["files"])
    assert (str(tmp_path / name) in found["files"]) == (name == "out.xlsx")


def test_export_refuses_another_format(released: str, tmp_path: Path) -> None:
    assert "xlsx, csv, jsonl, parquet" in refusal("export", released, tmp_path / "out.doc")[0]


@pytest.mark.parametrize(
    "words",
    [
        ("open_study", "none"),
        ("close_study", "none"),
        ("release_gold", "none"),
        ("agreement", "none"),
        ("validate_judge", "none", "J"),
        ("export", "none", "x.csv"),
        ("unblind_study", "none", "--reason", "Due."),
    ],
)
def test_a_study_that_is_not_there_is_refused_with_those_that_are(study: str, words: tuple[str, ...]) -> None:
    assert "There is no study “none”. Studies: s." in refusal(*words)[0]
