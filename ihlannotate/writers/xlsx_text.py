"""Makes texts fit for the cells of an Excel workbook, and says what was changed."""

import re

from ihlannotate.writers.base import Tally, fit_for_xml

MAX_CELL = 32_767  # UTF-16 units, as Excel counts

_ESCAPE_LIKE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def cell_text(text: str, tally: Tally) -> str:
    """Return a text as the package stores it, and count in `tally` what could not be kept.

    Line ends become line feeds, the only ones a cell knows. Characters that XML cannot hold become U+FFFD. A
    text beyond MAX_CELL is cut, with a mark at its end that says so. What looks like an escape of the format
    (_x000D_) is escaped, so that it shows as written.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    legal = fit_for_xml(text)
    tally.replaced += legal != text
    escapes = len(_ESCAPE_LIKE.findall(legal))
    kept = _cut(legal, room=MAX_CELL - escapes * len("x005F_"))
    tally.cut += kept != legal
    return _ESCAPE_LIKE.sub("_x005F_", kept) if escapes else kept


def _cut(text: str, *, room: int) -> str:
    units = text.encode("utf-16-le")
    if len(units) <= 2 * room:
        return text
    mark = f" [… cut here: the text has {len(text):,} characters]"
    return units[: 2 * max(0, room - len(mark))].decode("utf-16-le", errors="ignore") + mark
