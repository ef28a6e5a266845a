"""The page of a judge's scores in a real browser: reached from the judge, accessible, as wide as the screen."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.test_access import AXE, ON_BOTH, objections
from tests.factory import make_member, make_user
from tests.pipeline.scored import scored_study


@pytest.mark.rendering
@pytest.mark.parametrize("options", ON_BOTH, ids=["desk", "phone"])
def test_axe_finds_nothing_to_object_to_on_a_judges_scores(visitor: Visitor, tmp_path: Path) -> None:
    visitor.context.add_init_script(AXE)
    study = scored_study(tmp_path)
    make_member(study, "Carol")
    visitor.sign_in(make_user("Carol"))
    judge = f"{visitor.site}/studies/{study.slug}/judges/{study.judges.get().pk}/"

    def walk(visitor: Visitor, page: Page) -> Iterator[str]:
        page.goto(judge)
        with page.expect_navigation():
            page.get_by_role("link", name="What the judge’s scores are worth").click()
        for query in ("", "?measure=youden", "?level=not_refused"):
            page.goto(f"{judge}scores/refusal/{query}")
            expect(page.get_by_role("heading", name="As a decision")).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
            yield query

    assert objections(visitor, walk) == {}
