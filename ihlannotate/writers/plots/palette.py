"""Colours of plots: a drawing has those of the light scheme; in a page each becomes a class that CSS colours.

The values are those of the variables of the same names in `static/app.css`.
"""

PAPER = "#fffdfa"  # --surface there
INK = "#25211c"
SOFT = "#5f574d"
LINE = "#e0d9ce"
EDGE = "#968b7d"
ACCENT = "#1c5a6b"
WARNING = "#9a3b12"
NAMES = {
    PAPER: "paper",
    INK: "ink",
    SOFT: "soft",
    LINE: "line",
    EDGE: "edge",
    ACCENT: "accent",
    WARNING: "warning",
}
STEPS = 10
DARKEST = 0.4  # of the accent in the darkest tint: ink is still legible upon it


def _mixed(part: float) -> str:
    pairs = zip(_channels(ACCENT), _channels(PAPER), strict=True)
    return "#" + "".join(f"{round(part * a + (1 - part) * b):02x}" for a, b in pairs)


def _channels(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


TINTS = tuple(_mixed(0.03 + (DARKEST - 0.03) * step / (STEPS - 1)) for step in range(STEPS))
NAMES |= {colour: f"tint-{step}" for step, colour in enumerate(TINTS)}


def tint(part: float) -> str:
    """The colour of a cell, `part` (0 to 1) of the way from the lightest to the darkest tint."""
    return TINTS[min(int(max(part, 0.0) * STEPS), STEPS - 1)]
