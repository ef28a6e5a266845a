"""A release's datasheet as HTML: in a page, and as a file of its own."""

from functools import lru_cache

import nh3
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from ihlannotate.models.gold import GoldRelease
from ihlannotate.pipeline.releasing import document

TAGS = {"h1", "h2", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}
CLASSES = {"td": {"num"}, "th": {"num"}, "table": {"data"}}


@lru_cache(maxsize=16)
def _html(text: str) -> str:
    """Markdown as HTML without styles: what stands right is of class `num`. Raw HTML in it is text."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["link", "image", "autolink"])
    tokens = parser.parse(text)
    for token in tokens:
        if token.type == "table_open":
            token.attrSet("class", "data")
        elif token.attrGet("style") == "text-align:right":
            token.attrSet("class", "num")
    html: str = parser.renderer.render(tokens, parser.options, {})
    return nh3.clean(html, tags=TAGS, attributes={}, allowed_classes=CLASSES, link_rel=None)


def datasheet_part(release: GoldRelease) -> SafeString:
    """The datasheet for a page, its headings of the second level and its tables in blocks that scroll."""
    html = _html(release.datasheet)
    html = html.replace("<table", '<div class="table-wrap" tabindex="0"><table')
    return mark_safe(html.replace("</table>", "</table></div>"))  # noqa: S308 (nh3 let through the listed tags alone)


def datasheet_file(release: GoldRelease) -> str:
    """The datasheet as an HTML file that needs no other."""
    html = mark_safe(_html(document(release)))  # noqa: S308 (nh3 let through the listed tags alone)
    return render_to_string("coordinate/datasheet_file.html", {"release": release, "html": html})
