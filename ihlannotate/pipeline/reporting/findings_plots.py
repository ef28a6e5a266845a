"""The plots of findings, each with a title that states what it shows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ihlannotate.pipeline.findings import Cell, Effect, Figure, FindingsReport, MeasureFindings
from ihlannotate.pipeline.reporting.figures import counted, fixed, percent, plain
from ihlannotate.pipeline.reporting.plots import Plot, dumbbell, forest, heat_map
from ihlannotate.pipeline.reporting.words import run_words
from ihlannotate.stats.estimate import Estimate

SHOWN_AT = 0.05  # P values, adjusted, from which on a change is called one
METHODS = ("ppi", "gold", "naive")


@dataclass(frozen=True)
class Drawn:
    """A plot by the name that is part of its address."""

    name: str
    plot: Plot


def estimate_by(method: str, figure: Figure) -> Estimate:
    """One of a figure's estimates, by the name of its method."""
    if method == "gold":
        return figure.gold
    return figure.judge.ppi if method == "ppi" else figure.judge.naive


def rests_on(method: str, figure: Figure) -> int:
    """How many responses with gold, or with a verdict alone, a method's estimate rests on."""
    return {"ppi": figure.n_both, "gold": figure.n_gold, "naive": figure.n_judge}[method]


def method_of(found: MeasureFindings) -> str:
    """The best method that gives every run a figure: PPI++, else gold alone, else the judge; gold where none does."""
    for method in METHODS:
        if all(estimate_by(method, cell.figure).value is not None for cell in found.cells):
            return method
    return "gold"


def method_of_parts(found: MeasureFindings, kind: str) -> str:
    """PPI++ or gold alone, whichever gives more of these parts' cells a figure; the judge alone where neither does.

    Parts are small: gold often covers one of them wholly, and leaves PPI++ nothing to correct.
    """
    figures = [cell.figure for part in found.slices if part.kind == kind for cell in part.cells]
    known = {
        method: sum(estimate_by(method, one).value is not None for one in figures)
        for method in ("ppi", "gold")
    }
    best = max(known, key=known.__getitem__)
    return best if known[best] else "naive"


def method_words(method: str) -> str:
    """A method's name as people read it."""
    return {"ppi": "PPI++", "gold": _("Gold alone"), "naive": _("Judge alone")}[method]


def condition_words(condition: str) -> str:
    """A condition's name, also where it has none."""
    return condition or _("no condition")


def plots_of(report: FindingsReport, at: int, what: str) -> list[Drawn]:
    """The plots of the measure at this place, `what` it is in words: the first measure's and those of means."""
    found = report.measures[at]
    if at and found.measure.statistic != "mean":
        return []
    drawn = list(_comparisons(report, found, at, what))
    if not drawn:
        drawn = [Drawn(f"rates-{at}", _rates(found, what))]
    return [*drawn, *(_by_rules(found, at, what) if at == 0 else ())]


def _axis(found: MeasureFindings, method: str) -> str:
    # xgettext:no-python-format
    share = _("share of responses, with its 95% interval, %(method)s")
    # xgettext:no-python-format
    mean = _("mean, with its 95% interval, %(method)s")
    words = share if found.measure.statistic == "share" else mean
    return words.replace("%(method)s", method_words(method))


def _rates(found: MeasureFindings, what: str) -> Plot:
    method, shares = method_of(found), found.measure.statistic == "share"
    rows = [(run_words(one.model, one.condition), estimate_by(method, one.figure)) for one in found.cells]
    defined = sorted((one.value, name) for name, one in rows if one.value is not None)
    title = _("“%(what)s” by model") % {"what": what}
    if len(defined) > 1 and defined[0][0] < defined[-1][0]:
        title = _("“%(what)s”: from %(low)s (%(least)s) to %(high)s (%(most)s)") % {
            "what": what,
            "low": _value(found, defined[0][0]),
            "least": defined[0][1],
            "high": _value(found, defined[-1][0]),
            "most": defined[-1][1],
        }
    return forest(rows, title=title, axis=_axis(found, method), as_percent=shares)


def _comparisons(report: FindingsReport, found: MeasureFindings, at: int, what: str) -> Iterator[Drawn]:
    method, shares = method_of(found), found.measure.statistic == "share"
    cells = {(one.model, one.condition): estimate_by(method, one.figure) for one in found.cells}
    numbers = found.measure.numbers
    for place, condition in enumerate(dict.fromkeys(one.condition for one in found.effects)):
        effects = [one for one in found.effects if one.condition == condition]
        rows = [
            (one.model, cells[one.model, report.baseline], cells[one.model, condition]) for one in effects
        ]
        plot = dumbbell(
            rows,
            first=condition_words(report.baseline),
            second=condition_words(condition),
            title=change_words(effects, what, shares=shares, method=method),
            axis=_axis(found, method),
            span=None if shares else (min(numbers), max(numbers)),
            as_percent=shares,
        )
        yield Drawn(f"effect-{at}-{place}", plot)


def change_words(effects: Sequence[Effect], what: str, *, shares: bool, method: str = "gold") -> str:
    """What one condition changes by this method: on how many models it is shown, and where it is most.

    Shown is what has an adjusted p of at most .05; by PPI++, which has no test, an interval that does not hold 0.
    """
    shown = [
        (abs(change.value), change.value, one.model)
        for one in effects
        if (change := _change_by(method, one)).value is not None and _is_shown(method, one)
    ]
    by = {"ppi": _("by PPI++"), "gold": _("by gold"), "naive": _("by the judge alone")}[method]
    values: dict[str, object] = {
        "condition": condition_words(effects[0].condition),
        "what": what,
        "by": by,
        "n": len(shown),
        "all": len(effects),
    }
    if not shown:
        return _("No change of “%(what)s” under “%(condition)s” is shown %(by)s") % values
    most = max(shown)
    values |= {"model": most[2], "change": _change(most[1], shares=shares)}
    return (
        _(
            "Under “%(condition)s”, “%(what)s” changes %(by)s on %(n)s of %(all)s models, most on %(model)s "
            "(%(change)s)"
        )
        % values
    )


def _change_by(method: str, effect: Effect) -> Estimate:
    if method == "ppi":
        return effect.ppi
    return (effect.gold if method == "gold" else effect.naive).effect.difference


def _is_shown(method: str, effect: Effect) -> bool:
    if method == "ppi":
        low, high = effect.ppi.low, effect.ppi.high
        return low is not None and high is not None and not low <= 0 <= high
    p = (effect.gold if method == "gold" else effect.naive).p_holm
    return p is not None and p <= SHOWN_AT


def _change(difference: float, *, shares: bool) -> str:
    sign = "+" if difference > 0 else ""
    if shares:
        return _("%(number)s pp") % {"number": sign + fixed(100 * difference, 1)}
    return sign + fixed(difference, 2)


def _by_rules(found: MeasureFindings, at: int, what: str) -> Iterator[Drawn]:
    """Models by rule group, a plot for each condition."""
    parts = [one for one in found.slices if one.kind == "rule group"]
    method = method_of_parts(found, "rule group")
    for place, condition in enumerate(dict.fromkeys(one.condition for one in found.cells)):
        chosen = {part.name: [cell for cell in part.cells if cell.condition == condition] for part in parts}
        known = {
            name: row
            for name, row in chosen.items()
            if any(estimate_by(method, cell.figure).value is not None for cell in row)
        }
        if not known:
            continue
        names, rows = list(known), list(known.values())
        plot = heat_map(
            names,
            [cell.model for cell in rows[0]],
            [[estimate_by(method, cell.figure).value for cell in row] for row in rows],
            title=_rule_title(names, rows, method, condition, what),
            row_title="",
            column_title=_column_title(method, without=len(parts) - len(known)),
            written=percent,
            absent="–",
        )
        yield Drawn(f"rules-{at}-{place}", plot)


def _column_title(method: str, *, without: int) -> str:
    if not without:
        return method_words(method)
    said = ngettext(
        "%(method)s; %(n)s rule group has no figure", "%(method)s; %(n)s rule groups have no figure", without
    )
    return said % {"method": method_words(method), "n": counted(without)}


def _rule_title(
    names: Sequence[str], rows: Sequence[Sequence[Cell]], method: str, condition: str, what: str
) -> str:
    defined = [
        (value, name, cell.model)
        for name, row in zip(names, rows, strict=True)
        for cell in row
        if (value := estimate_by(method, cell.figure).value) is not None
    ]
    words = {"what": what, "condition": condition_words(condition)}
    least = sorted(defined)[:2]
    if len(least) < 2 or least[0][0] == least[1][0]:
        return _("“%(what)s” by rule group and model, under “%(condition)s”") % words
    value, name, model = least[0]
    return _("Under “%(condition)s”, “%(what)s” is rarest for %(model)s on “%(group)s” (%(value)s)") % {
        **words,
        "model": model,
        "group": name,
        "value": percent(value),
    }


def _value(found: MeasureFindings, value: float) -> str:
    return percent(value) if found.measure.statistic == "share" else plain(value)
