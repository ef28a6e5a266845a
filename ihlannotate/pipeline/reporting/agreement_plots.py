"""The plots of agreement, each with a title that states what it shows. One that has nothing to show is None."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ihlannotate.pipeline.agreement import CriterionAgreement, Detail, Pair, SetAgreement
from ihlannotate.pipeline.reporting.drift_plots import agreement_drift, level_drift
from ihlannotate.pipeline.reporting.figures import counted, percent, plain
from ihlannotate.pipeline.reporting.plots import Plot, forest, heat_map, level_use
from ihlannotate.pipeline.reporting.words import Reading, alpha_axis, alpha_limits, slice_label
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.reliability import Reliability

FEW_PROMPTS = 5  # parts with fewer are shown, and not compared: an interval of two prompts says little
MOST_LABELS = 20  # of a set, in a plot; the table has all
Labelled = list[tuple[str, Estimate]]


def _alphas(rows: Labelled, title: str) -> Plot:
    return forest(rows, title=title, axis=alpha_axis(), marks=alpha_limits())


def overview_plot(questions: Sequence[tuple[str, Estimate, Reading]]) -> Plot:
    """Alpha of each question (title, alpha, its reading)."""
    tones = Counter(reading.tone for _title, _alpha, reading in questions)
    title = ngettext(
        "Of %(all)s question, agreement is at least moderate on %(good)s, uncertain on %(uncertain)s, low on %(low)s",
        "Of %(all)s questions, agreement is at least moderate on %(good)s, uncertain on %(uncertain)s, low on %(low)s",
        len(questions),
    ) % {
        "all": len(questions),
        "good": tones["strong"] + tones["moderate"],
        "uncertain": tones["uncertain"],
        "low": tones["low"],
    }
    return _alphas([(title, alpha) for title, alpha, _reading in questions], title)


@dataclass(frozen=True)
class Shown:
    """One criterion with its detail, and the labels of its levels as people read them."""

    found: CriterionAgreement
    detail: Detail
    labels: tuple[str, ...]


def plots_of(shown: Shown) -> Mapping[str, Plot | None]:
    """Every plot of a criterion by its name; the names are part of their addresses."""
    return {name: draw(shown) for name, draw in PLOTS.items()}


def plot_named(shown: Shown, name: str) -> Plot | None:
    """The one plot of this name; None where there is no such plot, or nothing to draw."""
    return PLOTS[name](shown) if name in PLOTS else None


def _levels(shown: Shown) -> Plot | None:
    each = [(shown.labels[k], alpha) for k, alpha in shown.found.reliability.per_category]
    return _alphas(
        [(_("All levels"), shown.found.reliability.krippendorff_alpha), *each],
        _extremes(each, _("Agreement on each level against the rest")),
    )


def _extremes(rows: Labelled, otherwise: str) -> str:
    """On what annotators agree most and least; only the least where several share the first place."""
    defined = sorted((one.value, label) for label, one in rows if one.value is not None)
    if len({value for value, _label in defined}) < 2:
        return otherwise
    words = _("Annotators agree most on “%(most)s” and least on “%(least)s”")
    if defined[-1][0] == defined[-2][0]:
        words = _("Annotators agree least on “%(least)s”")
    return words % {"most": defined[-1][1], "least": defined[0][1]}


def _with_n(label: str, n: int) -> str:
    return _("%(label)s, n=%(n)s") % {"label": label, "n": counted(n)}


def _use(shown: Shown) -> Plot | None:
    uses = [one for one in shown.detail.uses if sum(one.counts)]
    if not uses:
        return None
    counts = [one.counts for one in uses]
    aliases = [one.alias for one in uses]
    return level_use(aliases, shown.labels, counts, title=_most_unlike(aliases, shown.labels, counts))


def _most_unlike(aliases: Sequence[str], labels: Sequence[str], counts: Sequence[Sequence[int]]) -> str:
    if len(aliases) < 2:
        return _("How %(alias)s used the levels") % {"alias": aliases[0]}
    sums = [sum(column) for column in zip(*counts, strict=True)]
    n = sum(sums)
    gaps = []
    for alias, row in zip(aliases, counts, strict=True):
        for level, count in enumerate(row):
            own, others = count / sum(row), (sums[level] - count) / (n - sum(row))
            gaps.append((abs(own - others), alias, labels[level], own, others))
    gap, alias, label, own, others = max(gaps)
    if gap == 0:
        return _("All annotators used the levels alike")
    words = _("Furthest apart: %(alias)s chose “%(level)s” in %(own)s, the others in %(others)s")
    return words % {"alias": alias, "level": label, "own": percent(own), "others": percent(others)}


def kappa_of(pair: Pair, level: str) -> Estimate:
    """The kappa that suits the level of measurement: weighted where levels have an order."""
    return pair.cohen_kappa if level == "nominal" else pair.weighted_kappa


def _pairs(shown: Shown) -> Plot | None:
    if not shown.detail.pairs:
        return None
    level = shown.found.level
    values = {(one.a, one.b): kappa_of(one, level).value for one in shown.detail.pairs}
    aliases = list(dict.fromkeys(alias for pair in values for alias in pair))
    name = _("Cohen’s κ") if level == "nominal" else _("Weighted κ (quadratic)")
    return heat_map(
        aliases[1:],
        aliases[:-1],
        [[values.get((a, b)) for a in aliases[:-1]] for b in aliases[1:]],
        title=_pairs_title(shown.detail.pairs, level),
        row_title="",
        column_title=name,
    )


def _pairs_title(pairs: Sequence[Pair], level: str) -> str:
    known = [(value, one) for one in pairs if (value := kappa_of(one, level).value) is not None]
    if len(known) < 2:
        return _("How well each two annotators agree")
    least, most = (pick(known, key=lambda one: one[0]) for pick in (min, max))
    words = _("%(a)s and %(b)s agree least (κ %(low)s), %(c)s and %(d)s most (κ %(high)s)")
    return words % {
        "a": least[1].a,
        "b": least[1].b,
        "low": plain(least[0]),
        "c": most[1].a,
        "d": most[1].b,
        "high": plain(most[0]),
    }


def _without(shown: Shown) -> Plot | None:
    return without_plot(shown.found, shown.detail.without)


def without_plot(
    found: CriterionAgreement | SetAgreement, without: Sequence[tuple[str, Estimate]]
) -> Plot | None:
    """Alpha of all annotators, and without each of them."""
    if not without:
        return None
    whole = found.reliability.krippendorff_alpha
    title = _("Agreement without each annotator")
    defined = [(alias, one.value) for alias, one in without if one.value is not None]
    if whole.value is not None and defined:
        all_of_them = whole.value
        alias, value = max(defined, key=lambda one: abs(one[1] - all_of_them))
        words = _("Leaving out %(alias)s changes agreement most: α %(without)s instead of %(all)s")
        title = words % {"alias": alias, "without": plain(value), "all": plain(all_of_them)}
    rows = [(_("All annotators"), whole)]
    rows += [(_("without %(alias)s") % {"alias": alias}, one) for alias, one in without]
    return _alphas(rows, title)


def _repeats(shown: Shown) -> Plot | None:
    intra = shown.detail.intra
    if not intra.pooled.n:
        return None
    each = [(_("All annotators"), intra.pooled), *intra.per_annotator]
    rows = [(_with_n(alias, one.n), one.percent_agreement) for alias, one in each]
    title = _("Asked again without knowing it, annotators repeat their own answer in %(share)s") % {
        "share": percent(intra.pooled.percent_agreement.value)
    }
    # xgettext:no-python-format
    axis = _("share of repeated items with the same answer, with its 95% interval")
    return forest(rows, title=title, axis=axis, as_percent=True)


def _slices(kind: str) -> Callable[[Shown], Plot | None]:
    def draw(shown: Shown) -> Plot | None:
        of_kind = [one for one in shown.detail.slices if one.kind == kind]
        if not of_kind:
            return None
        named = [(slice_label(kind, one.name), one.reliability) for one in of_kind]
        rows = [(_("All items"), shown.found.reliability), *named]
        return _alphas(
            [(_with_n(name, one.pairable_units), one.krippendorff_alpha) for name, one in rows],
            slices_title(named),
        )

    return draw


def slices_title(parts: Sequence[tuple[str, Reliability]]) -> str:
    """Which part stands out among those with enough prompts, where the intervals of the extremes do not meet."""
    known = [
        (one.krippendorff_alpha.value, one.krippendorff_alpha, label)
        for label, one in parts
        if one.krippendorff_alpha.value is not None and one.clusters >= FEW_PROMPTS
    ]
    if len(known) < 2:
        return _("Agreement on each part of the study: too few prompts to compare them")
    least, most = (pick(known, key=lambda one: one[0]) for pick in (min, max))
    if least[1].high is None or most[1].low is None or least[1].high >= most[1].low:
        return _("No part with at least %(n)s prompts stands out: intervals overlap") % {"n": FEW_PROMPTS}
    words = _("Agreement is higher on “%(most)s” than on “%(least)s”")
    return words % {"most": most[2], "least": least[2]}


PLOTS: Mapping[str, Callable[[Shown], Plot | None]] = {
    "levels": _levels,
    "use": _use,
    "pairs": _pairs,
    "without": _without,
    "repeats": _repeats,
    "drift_agreement": lambda shown: agreement_drift(shown.detail),
    "drift_levels": lambda shown: level_drift(shown.detail, shown.labels),
    "category": _slices("category"),
    "language": _slices("language"),
    "rule_group": _slices("rule group"),
    "complexity": _slices("complexity"),
}


def labels_plot(found: SetAgreement, labels: Sequence[str]) -> Plot | None:
    """Alpha of the most common labels of sets, each as chosen or not."""
    common = sorted(found.reliability.prevalence, key=lambda one: -(one[1].value or 0))[:MOST_LABELS]
    alphas = dict(found.reliability.per_label)
    each = [(labels[k], alphas[k]) for k, _share in common]
    if not each:
        return None
    title = _extremes(each, _("Agreement on each label"))
    return _alphas([(_("Whole sets (MASI)"), found.reliability.krippendorff_alpha), *each], title)
