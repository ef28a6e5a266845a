"""The plots of a judge's validation: how common each level is three ways, and the judge on parts of the study."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext as _

from ihlannotate.pipeline.judging import LENGTH, CriterionValidation
from ihlannotate.pipeline.reporting.agreement_plots import FEW_PROMPTS
from ihlannotate.pipeline.reporting.figures import counted, percent
from ihlannotate.pipeline.reporting.plots import Plot, forest
from ihlannotate.pipeline.reporting.words import part_label
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.judging_by_slice import JudgedSlice
from ihlannotate.stats.prevalence import Prevalence

FOLDED_FROM = 12  # parts of one kind that a plot shows at once


@dataclass(frozen=True)
class Rate:
    """How common a level is, by the judge alone and corrected in two ways; `disagree` warns the reader."""

    label: str
    found: Prevalence
    disagree: bool


def rates_of(found: CriterionValidation, labels: Sequence[str]) -> tuple[Rate, ...]:
    """How common each level is, under the rubric's `labels`."""
    return tuple(
        Rate(label, one, one.corrections_disagree)
        for label, (_value, one) in zip(labels, found.prevalence, strict=True)
    )


def rates_plot(rates: Sequence[Rate]) -> Plot:
    """How common each level is by the judge alone, corrected, by PPI++, and by gold alone."""
    rows: list[tuple[str, Estimate]] = []
    for rate in rates:
        rows += [
            (_("%(level)s: judge alone") % {"level": rate.label}, rate.found.naive),
            (_("%(level)s: corrected") % {"level": rate.label}, rate.found.corrected),
            (_("%(level)s: PPI++") % {"level": rate.label}, rate.found.ppi),
            (_("%(level)s: gold alone") % {"level": rate.label}, rate.found.gold),
        ]
    # xgettext:no-python-format
    axis = _("share of responses, with its 95% interval")
    return forest(rows, title=_rates_finding(rates), axis=axis, as_percent=True)


def _rates_finding(rates: Sequence[Rate]) -> str:
    """What the plot shows: where the two corrections disagree, else where the judge is furthest from PPI++."""
    if any(rate.disagree for rate in rates):
        return _("The two corrections disagree: trust neither before you know why")
    apart = [
        (abs(rate.found.naive.value - rate.found.ppi.value), rate)
        for rate in rates
        if rate.found.naive.value is not None and rate.found.ppi.value is not None
    ]
    if not apart:
        return _("How common each level is can’t be said yet")
    furthest = max(apart, key=lambda pair: pair[0])[1]
    return _("The judge alone says “%(level)s” in %(naive)s; corrected by gold (PPI++) it is %(ppi)s") % {
        "level": furthest.label,
        "naive": percent(furthest.found.naive.value),
        "ppi": percent(furthest.found.ppi.value),
    }


@dataclass(frozen=True)
class Part:
    """The parts of one kind: the plot of the first of them, that of the `rest` where they are many, and all rows (name,
    figures).
    """

    title: str
    plot: Plot
    rest: Plot | None
    rows: tuple[tuple[str, JudgedSlice], ...]


def parts_of(found: CriterionValidation, *, at_once: int = FOLDED_FROM) -> tuple[Part, ...]:
    """The slices of a validation, kind by kind, each beneath the whole; a kind of one part says nothing new.

    A plot shows `at_once` parts, a second one the rest.
    """
    whole = found.report.accuracy
    parts = []
    for kind, slices in groupby(found.slices, key=lambda one: one.kind):
        rows = tuple((part_label(one), one.found) for one in slices)
        if len(rows) > 1:
            first, others = rows[:at_once], rows[at_once:]
            n, title = found.report.n, _finding(rows)
            rest = _plot(others, whole, n, title=_finding(others)) if others else None
            parts.append(Part(_title(kind), _plot(first, whole, n, title=title), rest, rows))
    return tuple(parts)


def _title(kind: str) -> str:
    titles = {
        "tier": _("By tier of the gold label"),
        "category": _("By category"),
        "language": _("By language of the prompt"),
        "rule group": _("By group of IHL rules"),
        "complexity": _("By complexity of the prompt"),
        LENGTH: _("By length of the response"),
        "model": _("By model"),
        "condition": _("By condition"),
    }
    return titles[kind]


def _plot(rows: Sequence[tuple[str, JudgedSlice]], whole: Estimate, n: int, *, title: str) -> Plot:
    drawn = [
        (_with_n(_("All items"), n), whole),
        *((_with_n(name, one.n), one.accuracy) for name, one in rows),
    ]
    # xgettext:no-python-format
    axis = _("accuracy with its 95% interval")
    return forest(drawn, title=title, axis=axis, as_percent=True)


def _with_n(label: str, n: int) -> str:
    return _("%(label)s, n=%(n)s") % {"label": label, "n": counted(n)}


def _finding(rows: Sequence[tuple[str, JudgedSlice]]) -> str:
    """Which part stands out among those with enough prompts, where the intervals of the extremes do not meet."""
    known = [
        (one.accuracy.value, one.accuracy, name)
        for name, one in rows
        if one.accuracy.value is not None and one.clusters >= FEW_PROMPTS
    ]
    if len(known) < 2:
        return _("The judge on each part: too few prompts to compare them")
    least, most = min(known, key=lambda one: one[0]), max(known, key=lambda one: one[0])
    if least[1].high is None or most[1].low is None or least[1].high >= most[1].low:
        return _("No part with at least %(n)s prompts stands out: intervals overlap") % {"n": FEW_PROMPTS}
    return _("The judge is more accurate on “%(most)s” than on “%(least)s”") % {
        "most": most[2],
        "least": least[2],
    }
