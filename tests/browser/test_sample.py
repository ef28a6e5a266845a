"""The page of the sample in a real browser: a sample is drawn, and the form and the strata are accessible."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ihlannotate.pipeline.sampling import draw_sample
from tests.browser.conftest import Visitor
from tests.browser.test_access import AXE, ON_BOTH, objections
from tests.factory import make_member, make_user
from tests.pipeline.sampled import MORE_REFUSALS, imported_study


@pytest.mark.rendering
@pytest.mark.parametrize("options", ON_BOTH, ids=["desk", "phone"])
def test_axe_finds_nothing_to_object_to_on_a_drafts_sample(visitor: Visitor, tmp_path: Path) -> None:
    visitor.context.add_init_script(AXE)
    plain, weighed = imported_study(tmp_path), imported_study(tmp_path, slug="weighed")
    draw_sample(weighed, size=40, by=["model"], oversample=[MORE_REFUSALS], actor=None)
    for study in (plain, weighed):
        make_member(study, "Carol")
    visitor.sign_in(make_user("Carol"))

    def walk(visitor: Visitor, page: Page) -> Iterator[str]:
        for study in (plain, weighed):
            page.goto(f"{visitor.site}/studies/{study.slug}/sample/")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            yield study.slug

    assert objections(visitor, walk) == {}


def test_a_coordinator_draws_a_sample(visitor: Visitor, tmp_path: Path) -> None:
    study = imported_study(tmp_path)
    make_member(study, "Carol")
    visitor.sign_in(make_user("Carol"))
    page = visitor.page()
    page.goto(f"{visitor.site}/studies/{study.slug}/sample/")
    page.get_by_label("Responses to rate").fill("30")
    page.get_by_label("Category").uncheck()
    page.get_by_role("button", name="Draw").click()
    expect(page.locator("main")).to_contain_text("Experts see 30 of 120 responses")
    expect(page.get_by_role("row", name="Borealis-2")).to_contain_text("0.250")
