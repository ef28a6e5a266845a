"""Annotators' pages in French, and in a right-to-left language whose every string is longer and in brackets."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from ihlannotate.models.item import Prompt, Response
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.judging import Said, save_verdicts
from ihlannotate.pipeline.lifecycle import close_study
from ihlannotate.pipeline.releasing import release_gold
from tests import pseudo_locale
from tests.browser.conftest import DESKTOP, PHONE, Visitor
from tests.factory import make_member, make_study, open_with
from tests.pipeline.rated import N, P, R, close, rated_study

SIZES = (DESKTOP, PHONE)
PAGES = (
    "",
    "people/",
    "runs/",
    "progress/",
    "agreement/",
    "agreement/refusal/",
    "gold/",
    "judges/",
    "exports/",
    "log/",
)
# What a program reads is written as the program wants it, and formats have one name everywhere.
MARKS_OF_PROGRAMS = ("YAML", "MCC", "majority", "CSV", "LaTeX")
DJANGOS_OWN = ("changing the password",)  # a form whose words Django translates, into real languages
TEXT = "I can’t help with that.\n\n- The wounded and sick are protected.\n- Rule 110"


@pytest.fixture
def study() -> Study:
    made = make_study(
        overlap=1,
        rubric="default",
        description="What models answer.",
        guidelines="Read **everything**.",
        qualification_percent=0,
    )
    return open_with(made, [TEXT] * 4)


@pytest.fixture
def alice(study: Study) -> Membership:
    return make_member(study, "Alice")


@pytest.fixture
def pseudo_visitor(visitor: Visitor, settings: Any, tmp_path: Path) -> Visitor:
    code = pseudo_locale.install(settings, tmp_path / "locale")
    visitor.context.add_cookies([pseudo_locale.cookie(code, visitor.site)])  # type: ignore[list-item]  # a plain dict
    return visitor


def data_of(study: Study, member: Membership) -> list[str]:
    """Every text of the study itself that a page may show as it is."""
    texts = [
        study.title,
        study.description,
        study.guidelines,
        study.content_notice,
        str(member.user),
        member.alias,
    ]
    texts += Prompt.objects.filter(study=study).values_list("text", flat=True)
    texts += Response.objects.filter(study=study).values_list("text", flat=True)
    texts += [re.sub(r"[*#`]", "", text) for text in texts]
    waiting: list[Any] = [asdict(spec_of(study.rubric))]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            texts.append(one)
        elif isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list | tuple):
            waiting.extend(one)
    return texts


def pages_of(visitor: Visitor, study: Study, page: Page) -> Iterator[str]:
    """Go from page to page as an annotator does; the name of each."""
    home = f"{visitor.site}/rate/{study.code}"
    page.goto(f"{home}/")
    yield "before the notice"
    page.locator("main form button[type=submit]").click()
    page.goto(f"{home}/")
    yield "the study"
    page.goto(f"{home}/next/")
    yield "an item"
    page.locator("#rating [type=submit]").last.click()
    yield "an item with errors"
    page.goto(f"{home}/ratings/")
    yield "own ratings"
    page.goto(f"{home}/settings/")
    yield "own settings"
    page.goto(f"{visitor.site}/password/")
    yield "changing the password"
    page.goto(f"{home}/nothing-here/")
    yield "no such page"
    close_study(study, actor=None)
    page.goto(f"{home}/")
    yield "the study, closed"
    page.goto(f"{home}/ratings/")
    page.locator(".sheet-list a").first.click()
    yield "an item of a closed study"
    page.goto(f"{home}/next/")
    yield "nothing to rate"


def widths(page: Page) -> tuple[int, int]:
    found: list[int] = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return found[0], found[1]


@pytest.mark.rendering
def test_annotators_pages_are_translated_mirrored_and_not_too_wide(
    pseudo_visitor: Visitor, study: Study, alice: Membership
) -> None:
    assert alice.user is not None
    Study.objects.filter(pk=study.pk).update(content_notice="Some prompts describe violence.")
    study.refresh_from_db()
    pseudo_visitor.sign_in(alice.user)
    page = pseudo_visitor.page()
    data = data_of(study, alice)
    for name in pages_of(pseudo_visitor, study, page):
        pseudo_visitor.errors.clear()  # the page with errors is a 422, which Chromium reports
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        expect(page.locator("html")).to_have_attribute("lang", pseudo_locale.CODE)
        if name not in DJANGOS_OWN:
            assert pseudo_locale.untranslated(page, data) == [], name
        for size in SIZES:
            page.set_viewport_size(size)  # type: ignore[arg-type]  # width and height
            wide, window = widths(page)
            assert wide <= window, f"{name} at {size['width']} px"


@pytest.mark.rendering
def test_coordinators_and_adjudicators_pages_are_translated_and_not_too_wide(
    pseudo_visitor: Visitor, tmp_path: Path
) -> None:
    study = rated_study(tmp_path, [[R, R, R]] * 8 + [[N, N, N]] * 4 + [[R, P, N], [R, R, N]])
    carol, dana = make_member(study, "Carol"), make_member(study, "Dana")
    close(study)
    release_gold(study, actor=None)
    said = [Said(row + 1, f"r{row}", R) for row in range(14)]
    save_verdicts(study, said, judge="Iris", criterion="refusal", actor=None)
    data = [*data_of(study, carol), *data_of(study, dana), *MARKS_OF_PROGRAMS, "Iris", study.slug]
    data += ["Aster-1", f"{study.slug}-run.csv"]
    data += study.memberships.filter(user__isnull=False).values_list("user__name", flat=True)
    data += study.memberships.filter(user__isnull=False).values_list("user__email", flat=True)
    page = pseudo_visitor.page()
    judge = study.judges.get().pk
    left: dict[str, list[str]] = {}
    for user, paths in (
        (carol.user, [f"/studies/{study.slug}/{one}" for one in (*PAGES, f"judges/{judge}/")]),
        (dana.user, [f"/adjudicate/{study.code}/"]),
    ):
        assert user is not None
        pseudo_visitor.sign_in(user)
        for path in ("/", *paths):
            page.goto(pseudo_visitor.site + path)
            expect(page.locator("html")).to_have_attribute("dir", "rtl")
            found = (
                [] if path.endswith("/log/") else pseudo_locale.untranslated(page, data)
            )  # its details are records
            for size in SIZES:
                page.set_viewport_size(size)  # type: ignore[arg-type]  # width and height
                wide, window = widths(page)
                if wide > window:
                    found.append(f"{wide} px wide in a window of {window} px")
            if found:
                left[path] = found
    assert left == {}


@pytest.mark.rendering
def test_the_sign_in_page_is_translated_and_mirrored(pseudo_visitor: Visitor) -> None:
    page = pseudo_visitor.page()
    page.goto(f"{pseudo_visitor.site}/sign-in/")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    # Django's own words for a password field
    assert set(pseudo_locale.untranslated(page, [])) <= {"Password"}


@pytest.mark.rendering
def test_in_a_mirrored_page_focus_goes_from_right_to_left(pseudo_visitor: Visitor, alice: Membership) -> None:
    page = pseudo_visitor.open_next(alice)
    text, form = page.locator(".desk-text").first, page.locator("#rating").first
    assert text.bounding_box()["x"] > form.bounding_box()["x"]  # type: ignore[index]  # both are shown
    places: list[dict[str, float]] = []
    page.evaluate("document.activeElement.blur(); window.getSelection().removeAllRanges()")
    page.locator(".site-name").focus()
    while page.evaluate("!!document.activeElement.closest('header')"):
        places.append(page.evaluate("document.activeElement.getBoundingClientRect().toJSON()"))
        page.keyboard.press("Tab")
    assert len(places) >= 4
    assert [one["right"] for one in places] == sorted((one["right"] for one in places), reverse=True)


def test_a_reader_chooses_french_without_scripts_and_keeps_it(
    visitor: Visitor, study: Study, alice: Membership
) -> None:
    page = visitor.page()
    page.goto(f"{visitor.site}/sign-in/")
    page.locator("main .languages").get_by_role("button", name="Français").click()
    expect(page).to_have_url(f"{visitor.site}/sign-in/")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.get_by_role("heading", name="Se connecter")).to_be_visible()
    assert alice.user is not None
    visitor.sign_in(alice.user)
    page.goto(f"{visitor.site}/rate/{study.code}/")
    expect(page.get_by_role("link", name="Commencer")).to_be_visible()
    page.goto(f"{visitor.site}/rate/{study.code}/next/")
    expect(page.get_by_role("button", name="Soumettre")).to_be_visible()
    for size in SIZES:
        page.set_viewport_size(size)  # type: ignore[arg-type]  # width and height
        wide, window = widths(page)
        assert wide <= window


test_a_reader_chooses_french_without_scripts_and_keeps_it = pytest.mark.parametrize(
    "options", [{"java_script_enabled": False}, {}], ids=["without scripts", "with scripts"]
)(test_a_reader_chooses_french_without_scripts_and_keeps_it)


def test_the_language_is_chosen_in_the_menu_of_an_item_and_the_item_stays(
    visitor: Visitor, study: Study, alice: Membership
) -> None:
    page = visitor.open_next(alice)
    page.goto(page.url)
    address = page.url
    page.get_by_label("Display: language, colours and text size").click()
    page.locator("header .languages").get_by_role("button", name="Français").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    assert page.url == address
