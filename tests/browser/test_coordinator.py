"""A coordinator's and an adjudicator's work in a real browser: watched imports, no scripts, a phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ihlannotate.models.item import Response
from ihlannotate.models.job import Job
from ihlannotate.models.study import Study
from ihlannotate.pipeline import jobs
from ihlannotate.pipeline.judging import Said, save_verdicts
from ihlannotate.pipeline.releasing import release_gold
from tests.browser.conftest import PHONE, Visitor
from tests.browser.test_access import AXE, ON_BOTH, objections
from tests.factory import make_member, make_study, make_user
from tests.files import run_rows, write_csv
from tests.pipeline.rated import N, P, R, close, rated_study
from tests.web.coordinators import rated

TABLE = [[R, R, R]] * 8 + [[N, N, N]] * 4 + [[R, P, N], [R, R, N]]
PAGES = (
    "",
    "people/",
    "runs/",
    "sample/",
    "readiness/",
    "progress/",
    "agreement/",
    "agreement/refusal/",
    "disagreements/",
    "disagreements/refusal/",
    "adjudication/",
    "adjudication/settled/",
    "adjudication/notes/",
    "gold/",
    "gold/2/",
    "gold/2/since/1/",
    "gold/2/model/refusal/",
    "judges/",
    "judges/verdicts/",
    "findings/",
    "exports/",
    "masking/",
    "masking/hits/",
    "guesses/",
    "settings/",
    "log/",
    "act/unblind/",
)


def coordinate(visitor: Visitor, study: Study) -> Page:
    """Carol coordinates the study; her browser at its home."""
    make_member(study, "Carol")
    visitor.sign_in(make_user("Carol"))
    page = visitor.page()
    page.goto(f"{visitor.site}/studies/{study.slug}/")
    return page


def judge_pages(study: Study) -> list[str]:
    judge = f"judges/{study.judges.get().pk}/"
    return [judge, f"{judge}errors/refusal/"]


def upload(page: Page, file: Path) -> None:
    page.get_by_role("link", name="Runs").first.click()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Upload and look at it").click()


def test_an_import_is_watched_to_its_end(visitor: Visitor, tmp_path: Path) -> None:
    page = coordinate(visitor, make_study())
    upload(page, write_csv(tmp_path / "run.csv", run_rows(3)))
    expect(page.get_by_label("Prompt: what the model was asked")).to_have_value("prompt")
    page.get_by_label("Model, where no column names it").fill("Aster-1")
    page.get_by_role("button", name="Look again").click()
    expect(page.locator(".preview")).to_have_count(3)
    page.get_by_role("button", name="Start the import").click()
    expect(page.locator("#job")).to_contain_text("Waiting for its turn")
    job = Job.objects.get()
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, step="Saving responses", done=1, total=3)
    expect(page.locator("#job")).to_contain_text("Saving responses: 1 of 3")
    page.reload()
    expect(page.locator("#job")).to_contain_text("Saving responses: 1 of 3")
    Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED)
    jobs.work.func(job.pk)
    expect(page.locator("#job")).to_contain_text("3 responses are imported")
    assert page.locator("#job").get_attribute("hx-trigger") is None
    assert Response.objects.count() == 3


@pytest.mark.parametrize("options", [{"java_script_enabled": False}])
def test_an_import_works_without_scripts(visitor: Visitor, tmp_path: Path) -> None:
    page = coordinate(visitor, make_study())
    upload(page, write_csv(tmp_path / "run.csv", run_rows(3, model="Aster-1")))
    page.get_by_role("button", name="Start the import").click()
    jobs.work.func(Job.objects.get().pk)
    page.get_by_role("link", name="Refresh").click()
    expect(page.locator("#job")).to_contain_text("3 responses are imported")


@pytest.mark.parametrize("options", [{"java_script_enabled": False}])
def test_closing_asks_once_without_scripts(visitor: Visitor) -> None:
    study = rated()
    page = coordinate(visitor, study)
    page.get_by_role("link", name="Close the study…").click()
    expect(page.locator("h1")).to_have_text("Close the study?")
    page.get_by_role("button", name="Close it for good").click()
    expect(page.locator(".notice-done")).to_contain_text("The study is closed.")
    study.refresh_from_db()
    assert study.state == Study.State.CLOSED


def test_an_export_is_downloaded(visitor: Visitor) -> None:
    page = coordinate(visitor, rated())
    page.get_by_role("link", name="Exports").click()
    page.get_by_role("button", name="Make the export").click()
    jobs.work.func(Job.objects.get().pk)
    with page.expect_download() as download:
        page.get_by_role("link", name="refusals-all.xlsx").click()
    assert download.value.suggested_filename == "refusals-all.xlsx"
    assert download.value.path().stat().st_size > 1000


def test_an_invitation_link_is_copied(visitor: Visitor) -> None:
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    study = make_study()
    make_member(study, "Alice")
    page = coordinate(visitor, study)
    page.get_by_role("link", name="People", exact=True).click()
    page.get_by_role("button", name="Copy").first.click()
    expect(page.locator("#live")).to_have_text("Copied")
    link = page.get_by_label("Invitation link of Alice").input_value()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator(".copy input").first.input_value()
    assert link.startswith(f"{visitor.site}/password/")


def whole_study(folder: Path) -> Study:
    """A study with ratings, a judge and two releases."""
    study = rated_study(folder, TABLE)
    said = [Said(n, f"r{n}", row[0]) for n, row in enumerate(TABLE)]
    save_verdicts(study, said, judge="Heron", criterion="refusal", actor=None)
    close(study)
    for _ in range(2):
        release_gold(study, actor=None)
    return study


@pytest.mark.rendering
@pytest.mark.parametrize("options", [{"viewport": PHONE}, {"viewport": PHONE, "color_scheme": "dark"}, {}])
def test_no_page_is_wider_than_the_screen_and_each_has_one_heading(visitor: Visitor, tmp_path: Path) -> None:
    study = whole_study(tmp_path)
    page = coordinate(visitor, study)
    wide = page.evaluate("innerWidth")
    for path in (*PAGES, *judge_pages(study)):
        page.goto(f"{visitor.site}/studies/{study.slug}/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= wide, path
        assert page.locator("h1").count() == 1, path
    for path in ("/studies/", "/found-study/", "/methods/"):
        page.goto(visitor.site + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= wide, path


@pytest.mark.rendering
@pytest.mark.parametrize("options", ON_BOTH, ids=["desk", "phone"])
def test_axe_finds_nothing_to_object_to_on_a_coordinators_pages(visitor: Visitor, tmp_path: Path) -> None:
    visitor.context.add_init_script(AXE)
    study = whole_study(tmp_path)
    make_member(study, "Carol")
    visitor.sign_in(make_user("Carol"))

    def walk(visitor: Visitor, page: Page) -> Iterator[str]:
        for path in (*PAGES, *judge_pages(study)):
            page.goto(f"{visitor.site}/studies/{study.slug}/{path}")
            page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
            yield path

    assert objections(visitor, walk) == {}


@pytest.mark.rendering
def test_plots_are_drawn_in_both_colour_schemes(visitor: Visitor, tmp_path: Path) -> None:
    study = whole_study(tmp_path)
    page = coordinate(visitor, study)
    page.goto(f"{visitor.site}/studies/{study.slug}/agreement/refusal/")
    ink = "getComputedStyle(document.querySelector('svg.plot text')).fill"
    paper = "getComputedStyle(document.body).backgroundColor"
    seen = set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        seen.add((page.evaluate(ink), page.evaluate(paper)))
        assert page.locator("svg.plot-wide .fill-accent").first.is_visible()
        box = page.locator("svg.plot-wide").first.bounding_box()
        assert box
        assert box["height"] > 150
    assert len(seen) == 2
