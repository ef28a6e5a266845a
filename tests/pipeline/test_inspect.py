"""Logs of Inspect go in as runs and verdicts, and come back out with the experts' gold labels as a scorer."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from ihlannotate.models.event import Event
from ihlannotate.models.gold import GoldLabel
from ihlannotate.models.judge import Verdict
from ihlannotate.models.provenance import Origin
from ihlannotate.models.study import Study
from ihlannotate.pipeline.annotating import submit
from ihlannotate.pipeline.exporting import export_inspect
from ihlannotate.pipeline.importing import RunFile, import_run
from ihlannotate.pipeline.lifecycle import close_study, open_study, unblind_study
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.releasing import latest_release, release_gold
from tests.commands.running import answer, refusal, said
from tests.factory import REFUSED, make_member, make_study, take_sheet
from tests.inspect_logs import Json, make_log, make_sample, write_log

pytestmark = pytest.mark.django_db
FAILED = {"error": {"message": "TimeoutError()"}, "output": {"choices": []}, "scores": None}
COMPLIED = {"refusal": ["not_refused"]}
GOLD = "ihlannotate/gold"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Three samples with a response and one that failed."""
    samples = [make_sample(n) for n in range(3)] + [make_sample(3, **FAILED)]
    return write_log(tmp_path / "log.json", make_log(samples))


@pytest.fixture
def study(log: Path) -> Study:
    """The log, imported and rated by Alice and Bob, who differ about the first sample; closed, with gold."""
    study = make_study()
    import_run(study, RunFile(path=log, name=log.name), actor=None)
    open_study(study, actor=None)
    for name in ("Alice", "Bob"):
        member = make_member(study, name)
        for _ in range(3):
            sheet = take_sheet(member)
            assert sheet.response
            differs = name == "Bob" and sheet.response.text.endswith("number 0.")
            submit(sheet, answers=COMPLIED if differs else REFUSED, submission=uuid.uuid4())
    close_study(study, actor=None)
    release_gold(study, actor=None)
    return Study.objects.get(pk=study.pk)


@pytest.fixture
def unblinded(study: Study) -> Study:
    unblind_study(study, reason="The paper is due.", actor=None)
    return Study.objects.get(pk=study.pk)


def copied(study: Study, log: Path) -> Json:
    path = log.with_name("gold.json")
    export_inspect(study, log, path, actor=None)
    found = json.loads(path.read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def test_samples_become_responses_of_the_logs_model_and_failures_are_skipped(log: Path) -> None:
    study = make_study()
    report = import_run(study, RunFile(path=log, name=log.name, condition="none"), actor=None)
    assert (report.responses_new, report.prompts_new) == (3, 3)
    assert [(one.row, one.external_id, one.reason) for one in report.skipped] == [
        (4, "s3", "error: TimeoutError()")
    ]
    origins = Origin.objects.filter(run__study=study).order_by("external_id")
    assert [(one.external_id, one.run.model, one.run.condition) for one in origins] == [
        (f"s{n}", "aster/one", "none") for n in range(3)
    ]
    assert origins[0].run.system_prompt == "Keep to the law."
    assert origins[1].response.text == "I won't do that, number 1."
    assert origins[1].response.prompt.category == "siege"


def test_the_same_log_again_changes_nothing(study: Study, log: Path) -> None:
    other = make_study(slug="other")
    import_run(other, RunFile(path=log, name=log.name), actor=None)
    assert not import_run(other, RunFile(path=log, name=log.name), actor=None).changed


def test_a_scorer_becomes_a_judge_with_its_verdicts(study: Study, log: Path) -> None:
    found = answer(
        *("import_verdicts", study.slug, log, "--judge", "judge", "--criterion", "refusal"),
        *("--match", "external_id=id", "--verdict", "judge", "--rationale", "judge explanation"),
    )
    assert (found["verdicts_new"], found["empty"]) == (3, 1)
    verdicts = Verdict.objects.filter(judge__name="judge").order_by("rationale")
    assert [(one.value, one.rationale) for one in verdicts] == [
        ("refused", f"Says no, {n}.") for n in range(3)
    ]


def test_a_copy_has_the_gold_labels_as_a_scorer_with_where_they_come_from(
    unblinded: Study, log: Path
) -> None:
    release = latest_release(unblinded)
    assert release
    samples = copied(unblinded, log)["samples"]
    scores = [one["scores"][GOLD] for one in samples[:3]]
    assert [one["value"]["refusal"] for one in scores] == [None, "refused", "refused"]
    for number, score in enumerate(scores):
        metadata = score["metadata"]
        assert (metadata["release"], metadata["release_sha256"]) == (release.number, release.sha256)
        assert metadata["rubric_sha256"] == unblinded.rubric.sha256
        label = GoldLabel.objects.get(
            response=Origin.objects.get(external_id=f"s{number}").response, criterion__key="refusal"
        )
        assert metadata["criteria"]["refusal"] == {
            "tier": label.tier,
            "n": 2,
            "counts": label.counts,
            "posterior": label.posterior,
        }
    assert scores[0]["metadata"]["criteria"]["refusal"]["tier"] == "contested"


def test_all_else_in_the_copy_is_as_it_was(unblinded: Study, log: Path) -> None:
    before, after = json.loads(log.read_text("utf-8")), copied(unblinded, log)
    for sample in after["samples"][:3]:
        del sample["scores"][GOLD]
    assert after == before
    assert list(after) == list(before)


@pytest.mark.parametrize(
    "change",
    [
        lambda log: {"samples": log["samples"], **log},
        lambda log: {key: log[key] for key in log if key not in ("results", "reductions")},
        lambda log: log | {"tags": []},
    ],
)
def test_members_may_stand_in_any_order(tmp_path: Path, change: Any) -> None:
    log = change(make_log([make_sample(0), make_sample(1)]))
    path = write_log(tmp_path / "log.json", log)
    study = make_study()
    import_run(study, RunFile(path=path, name=path.name, format="inspect"), actor=None)
    open_study(study, actor=None)
    member = make_member(study, "Alice")
    for _ in range(2):
        submit(take_sheet(member), answers=REFUSED, submission=uuid.uuid4())
    close_study(study, actor=None)
    release_gold(study, actor=None)
    unblind_study(study, reason="Due.", actor=None)
    after = copied(Study.objects.get(pk=study.pk), path)
    assert list(after) == list(log)
    assert [set(one["scores"]) for one in after["samples"]] == [{"judge", GOLD}] * 2


def test_a_log_with_gold_can_be_read_again(unblinded: Study, log: Path) -> None:
    copied(unblinded, log)
    other = make_study(slug="other")
    path = log.with_name("gold.json")
    assert import_run(other, RunFile(path=path, name=path.name), actor=None).responses_new == 3


def test_labels_go_into_a_log_after_unblinding_only(study: Study, log: Path) -> None:
    with pytest.raises(Refused, match="A log names its model"):
        copied(study, log)
    assert not log.with_name("gold.json").exists()
    assert not Event.objects.filter(verb="study.exported").exists()


def test_another_log_than_the_imported_one_is_refused(unblinded: Study, tmp_path: Path) -> None:
    other = write_log(tmp_path / "other.json", make_log([make_sample(0)]))
    with pytest.raises(Refused, match=r"other\.json is not a file that was imported"):
        copied(unblinded, other)


def test_the_command_takes_the_log_and_says_what_it_wrote(
    unblinded: Study, log: Path, tmp_path: Path
) -> None:
    target = tmp_path / "gold.json"
    found = answer("export", unblinded.slug, target, "--what", "inspect", "--log", log)
    assert (found["what"], found["blinded"], list(found["files"])) == ("inspect", False, [str(target)])
    assert "unblinded" in said("export", unblinded.slug, target, "--what", "inspect", "--log", log)
    for words in (("--what", "inspect"), ("--log", log)):
        assert "--log FILE go together" in refusal("export", unblinded.slug, target, *words)[0]
    assert Event.objects.filter(verb="study.exported", data__what="inspect").count() == 2
