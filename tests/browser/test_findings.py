"""The page of findings in a real browser: accessible, no wider than the screen, in both colour schemes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visitor
from tests.browser.test_access import AXE, ON_BOTH, objections
from tests.factory import make_member, make_user
from tests.pipeline.found import closed_study, unblinded_study


@pytest.mark.rendering
@pytest.mark.parametrize("options", ON_BOTH, ids=["desk", "phone"])
@pytest.mark.parametrize("make", [closed_study, unblinded_study])
def test_axe_finds_nothing_to_object_to_on_findings(visitor: Visitor, tmp_path: Path, make: object) -> None:
    visitor.context.add_init_script(AXE)
    study = unblinded_study(tmp_path) if make is unblinded_study else closed_study(tmp_path)
    make_member(study, "Carol")
    visitor.sign_in(make_user("Carol"))

    def walk(visitor: Visitor, page: Page) -> Iterator[str]:
        page.goto(f"{visitor.site}/studies/{study.slug}/findings/")
        page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        yield "findings/"

    assert objections(visitor, walk) == {}
