"""Responses are shown as they read, and nothing in them acts."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ihlannotate.web.markdown import ATTRIBUTES, MAX_MARKDOWN, TAGS, render_markdown

TAG = re.compile(r"<\s*/?\s*([a-zA-Z][\w-]*)([^>]*)>")


def tags_and_attributes(html: str) -> tuple[set[str], set[str]]:
    found = TAG.findall(html)
    return {tag for tag, _ in found}, {name for _, rest in found for name in re.findall(r"([\w-]+)=", rest)}


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "<!-- hidden -->",
        "<iframe src='https://example.org'></iframe>",
        "<style>body { display: none }</style>",
    ],
)
def test_raw_html_is_shown_as_text(text: str) -> None:
    html = render_markdown(f"Before {text} after\n\n{text}")
    assert tags_and_attributes(html)[0] == {"p"}
    assert html.count("&lt;") >= 2


def test_a_link_is_text_with_its_address_and_cannot_be_followed() -> None:
    html = render_markdown("See [the study](https://example.org/ihl?a=1&b=2).")
    assert "<a" not in html
    assert 'the study <span class="address">(https://example.org/ihl?a=1&amp;b=2)</span>' in html


def test_a_link_without_text_still_shows_where_it_leads() -> None:
    assert "https://example.org" in render_markdown("[](https://example.org)")


def test_a_javascript_link_stays_the_text_that_it_was() -> None:
    assert "[x](javascript:alert(1))" in render_markdown("[x](javascript:alert(1))")


def test_an_image_is_not_loaded_but_named_with_its_address() -> None:
    html = render_markdown("![a map](https://example.org/map.png)")
    assert "<img" not in html
    assert "[image: a map]" in html
    assert "https://example.org/map.png" in html


def test_headings_stay_below_those_of_the_page() -> None:
    html = render_markdown("# One\n\n## Two\n\n###### Six")
    assert re.findall(r"<h(\d)", html) == ["3", "4", "6"]


def test_each_block_finds_its_own_direction() -> None:
    html = render_markdown("لا أستطيع\n\nI can't\n\n| a |\n|---|\n| ب |")
    for tag in ("p", "td"):
        assert f'<{tag} dir="auto">' in html


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("- 1. بند\n\n- item", '<ul dir="rtl">'),
        ("- item\n- بند", '<ul dir="ltr">'),
        ("3. بند", '<ol start="3" dir="rtl">'),
        ("> بند", '<blockquote dir="rtl">'),
        ("- 12", '<ul dir="ltr">'),
        ("-", '<ul dir="ltr">'),
        ("| بند | a |\n|---|---|", '<div class="table-wrap" dir="rtl" tabindex="0">'),
        ("| a | بند |\n|---|---|", '<div class="table-wrap" dir="ltr" tabindex="0">'),
    ],
)
def test_a_list_or_quotation_runs_as_its_first_words_do(text: str, tag: str) -> None:
    html = render_markdown(text)
    assert tag in html or tag.replace(' start="3" dir="rtl"', ' dir="rtl" start="3"') in html


def test_code_keeps_its_characters_and_can_be_scrolled_by_keyboard() -> None:
    html = render_markdown("```html\n<b>&amp;</b>\n```\n\n    indented <i>")
    assert html.count('<pre tabindex="0"><code>') == 2
    assert "&lt;b&gt;&amp;amp;&lt;/b&gt;" in html
    assert "indented &lt;i&gt;" in html


def test_a_definition_of_a_link_does_not_vanish_from_the_text() -> None:
    assert "[note]: https://example.org" in render_markdown("Text\n\n[note]: https://example.org").replace(
        ' <span class="address">', ""
    )


def test_tables_and_strikethrough_are_understood() -> None:
    html = render_markdown("| a | b |\n|---|---|\n| 1 | ~~2~~ |")
    assert {"table", "th", "td", "s"} <= tags_and_attributes(html)[0]


def test_nothing_remains_nothing() -> None:
    assert render_markdown("") == ""
    assert render_markdown("  \n ") == ""


@pytest.mark.parametrize("piece", ["[", "*a ", "![[", "<", "&#x", "`", "> ", "- ", "| a ", "*_", "[a](<"])
def test_a_huge_or_tangled_text_is_shown_in_full_and_safely(piece: str) -> None:
    html = render_markdown(piece * (2 * MAX_MARKDOWN // len(piece)) + " the end <script>")
    assert "the end &lt;script&gt;" in html


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="<>&\"'/=:;!#*_~`|-[]() \n\taAscriptonjvhref1", max_size=200))
def test_whatever_the_text_only_listed_tags_and_attributes_come_out(text: str) -> None:
    html = render_markdown(text)
    tags, attributes = tags_and_attributes(html)
    assert tags <= TAGS
    assert attributes <= {name for names in ATTRIBUTES.values() for name in names} | {"class"}
