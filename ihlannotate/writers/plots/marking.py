"""Clean SVG from matplotlib's: presentation attributes in place of styles, no ids, words put in, colours as classes.

A strict content security policy allows it in a page, and two of them in one page can't get in each other's way.
"""

import re
import textwrap
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Sequence

from ihlannotate.writers.base import fit_for_xml
from ihlannotate.writers.plots.canvas import DRAWING, NARROW, WIDE, Canvas
from ihlannotate.writers.plots.palette import INK, NAMES, PAPER
from ihlannotate.writers.plots.shapes import Drawing

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
KEPT = ("stroke-width", "stroke-linecap", "stroke-dasharray", "font-size", "font-weight", "text-anchor")
DEFAULTS = {"stroke-dashoffset": "0", "text-anchor": "start", "stroke-linejoin": "round"}
FAMILY = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
TITLE = 15  # pixels, of the title in a file
Element = ElementTree.Element


def drawn(draw: Callable[[int], Canvas], *, title: str, description: str) -> Drawing:
    """The plot that `draw` makes at a width in pixels, for a page in two widths and as a file in the wide one."""
    with DRAWING:
        wide, narrow = (_marked(draw(width)) for width in (WIDE, NARROW))
    for one, name in ((wide, "plot plot-wide"), (narrow, "plot plot-narrow")):
        one.set("class", name)
        one.set("role", "img")
        one.set("aria-label", f"{title}. {description}")
    inline = "".join(_text(_in_classes(one)) for one in (wide, narrow))
    return Drawing(title, description, inline, _file(wide, title, description))


def _marked(canvas: Canvas) -> Element:
    """The drawing as bare elements; colours are still attributes."""
    # What is parsed is what matplotlib has just written here; no other document comes near
    source = ElementTree.fromstring(canvas.svg())  # noqa: S314
    shapes = {one.get("id"): one for defs in source.iter(f"{SVG}defs") for one in defs if one.get("id")}
    root = Element("svg", {"viewBox": f"0 0 {canvas.width} {canvas.height}", "stroke-linejoin": "round"})
    _copy(source, root, shapes, canvas.texts)
    return root


def _copy(source: Element, into: Element, shapes: dict[str | None, Element], texts: Sequence[str]) -> None:
    for child in source:
        name = child.tag.removeprefix(SVG)
        if name == "g":
            _copy(child, into, shapes, texts)
        elif name == "path":
            _path(child.get("d", ""), child, into)
        elif name == "use":
            shape = shapes[child.get(LINK, "").removeprefix("#")]
            path = _path(shape.get("d", ""), child, into)
            path.set("transform", f"translate({_short(child.get('x', ''))} {_short(child.get('y', ''))})")
        elif name == "text":
            place = {axis: _short(child.get(axis, "")) for axis in "xy"}
            words = ElementTree.SubElement(into, "text", place | _attributes(child))
            words.text = texts[int(child.text or "")]


def _path(shape: str, styled: Element, into: Element) -> Element:
    path = Element("path", {"d": _short(" ".join(shape.split())), **_attributes(styled)})
    if path.get("fill") != "none" or path.get("stroke"):
        into.append(path)
    return path


def _attributes(styled: Element) -> dict[str, str]:
    """A style as presentation attributes; what is SVG's own default anyway is left out."""
    said = dict(one.split(": ", 1) for one in (styled.get("style") or "").split("; ") if ": " in one)
    found = {name: said[name] for name in KEPT if name in said and said[name] != DEFAULTS.get(name)}
    fill, stroke = said.get("fill", "#000000"), said.get("stroke", "none")
    return found | {"fill": fill} | ({"stroke": stroke} if stroke != "none" else {})


def _short(numbers: str) -> str:
    return re.sub(r"-?\d+\.\d+", lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), numbers)


def _in_classes(root: Element) -> Element:
    """The same with a class for each colour, as `fill-ink` and `stroke-line`."""
    copied = Element(root.tag, root.attrib)
    for one in root:
        rest = {name: value for name, value in one.attrib.items() if name not in ("fill", "stroke")}
        paints = (("fill", one.get("fill", "none")), ("stroke", one.get("stroke", "none")))
        classes = [f"{paint}-{NAMES[colour]}" for paint, colour in paints if colour != "none"]
        if one.get("fill") == "none":
            rest["fill"] = "none"
        shown = ElementTree.SubElement(copied, one.tag, {"class": " ".join(classes), **rest})
        shown.text = one.text
    return copied


def _file(root: Element, title: str, description: str) -> str:
    """A file of its own: paper, the title in it, and a description for those who don't see it."""
    _x, _y, width, height = root.get("viewBox", "").split()
    lines = textwrap.wrap(title, 88)
    head = 12 + (TITLE + 6) * len(lines)
    margin = 12
    box = (-margin, -head - margin, int(width) + 2 * margin, int(height) + head + 2 * margin)
    file = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": " ".join(map(str, box)),
            "width": str(box[2]),
            "height": str(box[3]),
            "stroke-linejoin": "round",
            "font-family": FAMILY,
            "role": "img",
        },
    )
    ElementTree.SubElement(file, "title").text = title
    ElementTree.SubElement(file, "desc").text = description
    sheet = dict(zip(("x", "y", "width", "height"), map(str, box), strict=True))
    ElementTree.SubElement(file, "rect", sheet | {"fill": PAPER})
    for number, line in enumerate(lines):
        y = str(number * (TITLE + 6) - head + TITLE)
        weight = {"font-size": f"{TITLE}px", "font-weight": "bold", "fill": INK}
        ElementTree.SubElement(file, "text", {"x": "0", "y": y, **weight}).text = line
    file.extend(root)
    return _text(file) + "\n"


def _text(element: ElementTree.Element) -> str:
    return fit_for_xml(ElementTree.tostring(element, encoding="unicode"))
