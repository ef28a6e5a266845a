"""The page that explains every figure: docs/methods.md with an address for each of its headings."""

import re
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe
from markdown_it import MarkdownIt

from ihlannotate.web.access import signed_in

FILE = settings.BASE_DIR / "docs" / "methods.md"


@require_safe
@signed_in
def methods(request: HttpRequest) -> HttpResponse:
    """What each figure means, how it is computed and where it comes from."""
    html, headings = document(FILE.read_text(encoding="utf-8"))
    return render(request, "coordinate/methods.html", {"html": html, "headings": headings})


def anchor(heading: str) -> str:
    """The fragment under which a heading is found, as the usual hosts of Markdown make it.

    >>> anchor("Krippendorff’s α")
    'krippendorffs-α'
    """
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


@lru_cache(maxsize=4)
def document(text: str) -> tuple[SafeString, tuple[tuple[str, str], ...]]:
    """Our own Markdown as HTML, and (anchor, heading) of its second-level headings."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(text)
    headings = []
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            words = tokens[place + 1].content
            token.attrSet("id", anchor(words))
            if token.tag == "h2":
                headings.append((anchor(words), words))
    html = parser.renderer.render(tokens, parser.options, {})
    return mark_safe(html), tuple(headings)  # noqa: S308 (a file of this repository; raw HTML in it is text)
