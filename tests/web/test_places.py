"""A selection on the page leads back to the stored text: every span says where it stands, and is right."""

import re
from html import unescape
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ihlannotate.pipeline.masking import MASK, masked
from ihlannotate.web.markdown import MAX_MARKDOWN, render_markdown, render_response

SPAN = re.compile(r'<span data-at="(\d+)">([^<]*)</span>')
PIECES = (
    *("word ", "1. ", "- ", "* ", "> ", "# ", "\n", "\n\n", "\r\n", "\r", "    ", "\t", "|", "\n|---|---|\n"),
    *("*", "**", "_", "~~", "`", "``", "```\n", "~~~\n", "[", "](", ")", "![", "<", ">", "<http://a.b>"),
    *("\\", "\\*", "\\|", "&amp;", '(u "t")', "[a](b 'c')", "![i](j)", "-\n", "===\n", "1", "a", "Aster"),
    *("é", "e\u0301", "👩🏽\u200d⚖️", "لا", "\0", "\u00a0", "\x0c"),
)


def spans(text: str, words: str = "") -> list[tuple[int, str]]:
    html = render_response(masked(text, words))
    return [(int(at), unescape(piece)) for at, piece in SPAN.findall(html)]


def plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


@settings(max_examples=400)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join) | st.text(max_size=60))
@example("1. 1\n2. 2")
@example("- a\n  b\n\n> c\n> d `e\n> f`")
def test_every_span_holds_what_stands_at_its_place_in_the_original(text: str) -> None:
    for at, piece in spans(text, "Aster"):
        assert text[at : at + len(piece)] == piece


@settings(max_examples=200)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_the_spans_stand_in_reading_order_and_never_twice(text: str) -> None:
    found = spans(text)
    for (at, piece), (following, _) in pairwise(found):
        assert at + len(piece) <= following


@settings(max_examples=200)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_with_its_places_a_response_reads_as_without_them(text: str) -> None:
    assert plain(render_response(masked(text, ""))) == plain(render_markdown(text))


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("I can't.\nNo.", [(0, "I can't."), (9, "No.")]),
        ("1. 1\n2. **2** and 3", [(3, "1"), (10, "2"), (13, " and 3")]),
        ("# # #", [(4, "#")]),
        ("a [b](c 'd') c d", [(0, "a "), (3, "b"), (12, " c d")]),
        ("a ![b](c 'd') b", [(0, "a "), (13, " b")]),
        ("<http://a.b> a", [(1, "http://a.b"), (12, " a")]),
        (r"2 \* 3 &amp; 4", [(0, "2 "), (3, "*"), (4, " 3 "), (12, " 4")]),
        ("`` a`b `` b", [(3, "a`b"), (9, " b")]),
        ("> ```py\n> x = 1\n> ```\n> y", [(10, "x = 1"), (24, "y")]),
        ("    x\n    y", [(4, "x"), (10, "y")]),
        ("| a | a |\n|---|---|\n| b | a |", [(2, "a"), (6, "a"), (22, "b"), (26, "a")]),
        ("👩🏽\u200d⚖️ and *x*", [(0, "👩🏽\u200d⚖️ and "), (11, "x")]),
        ("a\r\nb\rc", [(0, "a"), (3, "b"), (5, "c")]),
    ],
)
def test_pieces_are_found_in_their_own_place_and_not_where_the_same_letters_stand(
    text: str, pieces: list[tuple[int, str]]
) -> None:
    assert spans(text) == pieces


def test_what_a_bar_hides_has_no_place_and_what_follows_has_its_own() -> None:
    text = "I am an assistant made by **Aster Labs** in 2020."
    html = render_response(masked(text, "Aster Labs"))
    assert "Aster" not in html
    assert f"<strong>{MASK}</strong>" in html
    assert spans(text, "Aster Labs")[-1] == (text.index(" in 2020"), " in 2020.")


def test_a_text_too_long_for_markdown_has_its_places_too() -> None:
    text = "One 👩🏽\u200d⚖️ line of Aster.\r\n\n" * (MAX_MARKDOWN // 20)
    found = spans(text, "Aster")
    assert len(found) == 2 * (MAX_MARKDOWN // 20)
    assert all(text[at : at + len(piece)] == piece for at, piece in found)


def test_a_place_cannot_be_forged() -> None:
    text = '<span data-at="99">x</span>'
    assert [at for at, _ in spans(text)] == [0]
    assert not SPAN.search(render_markdown(text))
