"""Markdown that others wrote, shown safely: nothing in it loads, links, runs or leaves its block."""

import unicodedata
from collections.abc import MutableMapping, Sequence
from functools import lru_cache
from itertools import zip_longest
from typing import Any

import nh3
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from ihlannotate.pipeline.masking import Masked
from ihlannotate.web.places import Way, place_tokens

Env = MutableMapping[str, Any]
MAX_MARKDOWN = 100_000  # characters; a longer text is shown as it is
TOP_HEADING = 3  # below the page's own h1 and h2
BLOCKS = ("paragraph_open", "heading_open", "td_open", "th_open")
CONTAINERS = ("bullet_list_open", "ordered_list_open", "blockquote_open", "table_open")
TAGS = {
    *(
        "p",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "blockquote",
        "pre",
        "code",
        "em",
        "strong",
        "s",
        "br",
        "hr",
    ),
    *("table", "thead", "tbody", "tr", "th", "td", "span", "div"),
}
ATTRIBUTES = {"*": {"dir"}, "ol": {"start"}, "pre": {"tabindex"}, "div": {"tabindex"}, "span": {"data-at"}}
CLASSES = {"span": {"address"}, "div": {"table-wrap"}}


class _Renderer(RendererHTML):
    """Links and images become text with their address; code and tables scroll in blocks of their own, by keyboard too.

    With a Way in the environment each text whose place is known carries it.
    """

    def text(self, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
        return _placed(tokens[idx].content, tokens[idx].meta.get("at"), env.get("way"))

    def text_special(self, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
        return self.text(tokens, idx, options, env)

    def code_inline(self, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
        return f"<code>{self.text(tokens, idx, options, env)}</code>"

    def link_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
        env.setdefault("links", []).append((idx, str(tokens[idx].attrGet("href") or "")))
        return ""

    def link_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
        start, address = env["links"].pop()
        text = "".join(token.content for token in tokens[start + 1 : idx])
        return "" if text == address else _address(address)

    def image(self, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
        text = escape(_("[image: %(text)s]") % {"text": tokens[idx].content or "–"})
        return text + _address(str(tokens[idx].attrGet("src") or ""))

    def fence(self, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
        token = tokens[idx]
        places = token.meta.get("lines", ())
        lines = zip_longest(token.content.split("\n"), places[: token.content.count("\n") + 1])
        code = "\n".join(_placed(line, at, env.get("way")) for line, at in lines)
        return f'<pre tabindex="0"><code>{code}</code></pre>\n'

    def table_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
        direction = tokens[idx].attrGet("dir")
        return f'<div class="table-wrap" dir="{direction}" tabindex="0"><table>\n'

    def table_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
        return "</table></div>\n"

    def code_block(self, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
        return self.fence(tokens, idx, options, env)


def _placed(text: str, at: int | None, way: Way | None) -> str:
    """The text, in spans that say where in the original they begin."""
    if at is None or way is None:
        return escape(text)
    return "".join(
        escape(piece) if place is None else format_html('<span data-at="{}">{}</span>', place, piece)
        for piece, place in way.pieces(text, at)
    )


def _address(address: str) -> str:
    return format_html(' <span class="address">({})</span>', address) if address else ""


def _tone_down(state: StateCore) -> None:
    """Headings go below the page's own; each block finds its own direction.

    A list, quotation or table cannot: a browser passes over the text of blocks that have a direction of their own.
    """
    for place, token in enumerate(state.tokens):
        if token.type.startswith("heading"):
            token.tag = f"h{min(6, int(token.tag[1]) + TOP_HEADING - 1)}"
        if token.type in BLOCKS:
            token.attrSet("dir", "auto")
        elif token.type in CONTAINERS:
            inside = next((one.content for one in state.tokens[place:] if one.type == "inline"), "")
            token.attrSet("dir", _direction(inside))


def _direction(text: str) -> str:
    """The direction of the first character that has one."""
    strong = next((kind for kind in map(unicodedata.bidirectional, text) if kind in ("L", "R", "AL")), "L")
    return "ltr" if strong == "L" else "rtl"


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 100}, renderer_cls=_Renderer)
    parser.enable(["table", "strikethrough"])
    parser.disable("reference")  # a definition would vanish from the text that is to be rated
    parser.disable("text_join")  # texts that were joined could not be found again in the source
    parser.core.ruler.push("tone_down", _tone_down)
    return parser


_PARSER = _parser()


@lru_cache(maxsize=256)
def render_markdown(text: str) -> SafeString:
    """HTML that is safe to show, from Markdown that nobody vouches for. Raw HTML in it is shown as text."""
    if len(text) > MAX_MARKDOWN:
        return _plain(text, None)
    return _clean(_PARSER.render(text))


@lru_cache(maxsize=256)
def render_response(masked: Masked) -> SafeString:
    """A response as `render_markdown` shows it, each piece of text with its place in the original.

    `<span data-at="7">` holds, letter by letter, what stands in the unmasked text from its seventh code point on.
    """
    way = Way(masked)
    if len(masked.text) > MAX_MARKDOWN:
        return _plain(masked.text, way)
    tokens = _PARSER.parse(masked.text)
    place_tokens(tokens, masked.text)
    return _clean(_PARSER.renderer.render(tokens, _PARSER.options, {"way": way}))


def _clean(html: str) -> SafeString:
    clean = nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, allowed_classes=CLASSES, link_rel=None)
    return mark_safe(clean)  # noqa: S308 (nh3 let through the listed tags alone)


def _plain(text: str, way: Way | None) -> SafeString:
    """Line by line, as it is: a text too long for Markdown."""
    at, lines = 0, []
    for line in text.splitlines(keepends=True):
        words = line.splitlines()[0]
        if words.strip():
            lines.append(f'<p dir="auto">{_placed(words, at, way)}</p>')
        at += len(line)
    return mark_safe("\n".join(lines))  # noqa: S308 (each line was escaped by _placed)
