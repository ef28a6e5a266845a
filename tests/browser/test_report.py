"""A study's report, opened from disk as its readers do: no request, accessible, no wider than the screen, printable."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route

from tests.browser.conftest import Visitor
from tests.browser.test_access import AXE, RUN
from tests.factory import make_member, make_user
from tests.pipeline.found import closed_study, unblinded_study
from tests.pipeline.test_report import report, report_html

PAGE_OF_PDF = re.compile(rb"/Type\s*/Page[^s]")
SIZES = [{"viewport": {"width": 1280, "height": 900}}, {"viewport": {"width": 390, "height": 844}}]


def opened(visitor: Visitor, path: Path) -> tuple[Page, list[str]]:
    """The file in a tab whose requests for anything else are stopped and listed."""
    asked: list[str] = []

    def stop(route: Route) -> None:
        if route.request.url == path.as_uri():
            route.continue_()
        else:
            asked.append(route.request.url)
            route.abort()

    page = visitor.page()
    page.route("**/*", stop)
    page.goto(path.as_uri())
    return page, asked


@pytest.mark.rendering
@pytest.mark.parametrize("options", SIZES, ids=["desk", "phone"])
@pytest.mark.parametrize("make", [closed_study, unblinded_study])
def test_it_opens_from_disk_without_a_request_and_axe_finds_nothing(
    visitor: Visitor, tmp_path: Path, make: object
) -> None:
    visitor.context.add_init_script(AXE)
    study = unblinded_study(tmp_path) if make is unblinded_study else closed_study(tmp_path)
    path = tmp_path / "report.html"
    path.write_text(report_html(report(study)), "utf-8")
    page, asked = opened(visitor, path)
    assert page.evaluate(RUN) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert asked == []


@pytest.mark.rendering
def test_it_prints_on_several_pages_without_links_to_its_downloads(visitor: Visitor, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(report_html(report(unblinded_study(tmp_path))), "utf-8")
    page, asked = opened(visitor, path)
    page.emulate_media(media="print")
    assert not page.locator(".downloads").first.is_visible()
    printed = page.pdf(prefer_css_page_size=True)
    assert len(PAGE_OF_PDF.findall(printed)) > 5
    assert b"data:text" not in printed
    assert asked == []


def test_a_table_is_downloaded_from_the_open_file(visitor: Visitor, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(report_html(report(closed_study(tmp_path))), "utf-8")
    page, _asked = opened(visitor, path)
    with page.expect_download() as coming:
        page.locator("a[download='agreement.csv']").click()
    assert coming.value.suggested_filename == "agreement.csv"
    assert coming.value.path().read_text("utf-8").startswith('"Question",')


def test_a_coordinator_makes_one_on_the_page_of_exports(visitor: Visitor, tmp_path: Path) -> None:
    study = closed_study(tmp_path)
    make_member(study, "Carol")
    visitor.sign_in(make_user("Carol"))
    page = visitor.page()
    page.goto(f"{visitor.site}/studies/{study.slug}/exports/")
    with page.expect_navigation(url="**/jobs/**"):
        page.get_by_role("button", name="Make the report").click()
    assert page.get_by_text("refusals-report.html").first.is_visible()
