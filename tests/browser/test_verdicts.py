"""A judge's verdicts are brought in with a browser: what a label means is chosen, the import watched to its end."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ihlannotate.models.job import Job
from ihlannotate.models.judge import Verdict
from ihlannotate.models.study import Study
from ihlannotate.pipeline import jobs
from ihlannotate.pipeline.importing import import_run
from ihlannotate.pipeline.judging import HowRead, describe_verdicts
from tests.browser.conftest import Visitor
from tests.browser.test_access import AXE, ON_BOTH, objections
from tests.browser.test_coordinator import coordinate
from tests.factory import make_study
from tests.files import Cells, run_file, run_rows, write_csv


def judged_file(folder: Path, *, unknown: int = 0) -> tuple[Study, Path]:
    """A study of six responses, and verdicts on them and on some that are not there."""
    study = make_study()
    import_run(study, run_file(folder / "run.csv", run_rows(6)), actor=None)
    rows: list[Cells] = [
        {"id": f"r{number}", "label": label, "reason": f"Reason {number}."}
        for number, label in enumerate(
            [*["REFUSED"] * 3, *["complies"] * 2, "no idea", *["REFUSED"] * unknown]
        )
    ]
    return study, write_csv(folder / "verdicts.csv", rows)


def to_columns(page: Page, file: Path) -> None:
    """From a study's home to the page that asks what columns and labels mean."""
    page.get_by_role("link", name="Judges").first.click()
    page.get_by_role("link", name="Bring in verdicts").first.click()
    page.get_by_label("Name of a new judge").fill("Heron")
    page.get_by_label("Question that it answers").select_option("refusal")
    page.get_by_label("File of verdicts").set_input_files(file)
    page.get_by_role("button", name="Upload and look at it").click()
    expect(page.get_by_label("Verdict: the judge’s label")).to_have_value("label")


def test_verdicts_are_brought_in_and_watched_to_the_end(visitor: Visitor, tmp_path: Path) -> None:
    study, file = judged_file(tmp_path)
    page = coordinate(visitor, study)
    to_columns(page, file)
    expect(page.get_by_label("REFUSED")).to_have_value("refused")
    expect(page.get_by_label("complies")).to_have_value("")
    page.get_by_label("complies").select_option("not_refused")
    page.get_by_label("What the judge is").fill("model=heron-2")
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_text("Unparsed among them").locator("xpath=following-sibling::dd[1]")).to_have_text(
        "1"
    )
    expect(page.get_by_label("complies")).to_have_value("not_refused")
    page.get_by_role("button", name="Start the import").click()
    expect(page.locator("#job")).to_contain_text("Waiting for its turn")
    jobs.work.func(Job.objects.get().pk)
    expect(page.locator("#job")).to_contain_text("6 verdicts are imported")
    assert Verdict.objects.filter(value="not_refused").count() == 2
    page.get_by_role("link", name="See the judge").click()
    expect(page.locator("h1")).to_have_text("Heron")


@pytest.mark.parametrize("options", [{"java_script_enabled": False}])
def test_verdicts_are_brought_in_without_scripts(visitor: Visitor, tmp_path: Path) -> None:
    study, file = judged_file(tmp_path)
    page = coordinate(visitor, study)
    to_columns(page, file)
    page.get_by_role("button", name="Start the import").click()
    expect(page.locator("#job")).to_contain_text("Waiting for its turn")
    jobs.work.func(Job.objects.get().pk)
    page.get_by_role("link", name="Refresh").click()
    expect(page.locator("#job")).to_contain_text("6 verdicts are imported")


@pytest.mark.rendering
@pytest.mark.parametrize("options", ON_BOTH, ids=["desk", "phone"])
def test_axe_finds_nothing_to_object_to_on_the_way(visitor: Visitor, tmp_path: Path) -> None:
    visitor.context.add_init_script(AXE)
    study, file = judged_file(tmp_path, unknown=2)
    page = coordinate(visitor, study)
    to_columns(page, file)
    columns = page.url
    page.close()

    def walk(visitor: Visitor, page: Page) -> Iterator[str]:
        page.goto(f"{visitor.site}/studies/{study.slug}/judges/verdicts/")
        yield "upload"
        page.goto(columns)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        yield "columns"
        job = Job.objects.get()
        describe_verdicts(job, HowRead(columns={"match": "id", "verdict": "label"}))
        jobs.queue(job)
        jobs.work.func(job.pk)
        page.goto(f"{visitor.site}/studies/{study.slug}/jobs/{job.code}/")
        yield "refused"

    assert objections(visitor, walk) == {}
