"""The plots of drift: how agreement and the use of levels change along the annotators' sequences."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from ihlannotate.pipeline.agreement import Detail
from ihlannotate.pipeline.reporting.figures import one_decimal, plain
from ihlannotate.pipeline.reporting.plots import Curve, Plot, drift
from ihlannotate.pipeline.reporting.words import alpha_axis, alpha_limits
from ihlannotate.stats.estimate import Estimate


def agreement_drift(detail: Detail) -> Plot | None:
    """Alpha of each third; None where it is undefined in all of them."""
    alphas = [one.krippendorff_alpha for one in detail.drift.thirds]
    if all(one.value is None for one in alphas):
        return None
    title = agreement_drift_title(alphas[0], alphas[-1])
    return drift([Curve("", alphas)], title=title, axis=alpha_axis(), marks=alpha_limits())


def agreement_drift_title(first: Estimate, last: Estimate) -> str:
    """How alpha of the first third compares with that of the last: a change where their intervals do not meet."""
    if first.value is None or last.value is None:
        return _("Agreement in each third of the annotators’ work")
    figures = {"first": plain(first.value), "last": plain(last.value)}
    words = _(
        "No clear change of agreement: α %(first)s in the first third of the work, %(last)s in the last"
    )
    if _apart(first, last) or _apart(last, first):
        words = _("Agreement goes from α %(first)s in the first third of the work to %(last)s in the last")
    return words % figures


def _apart(lower: Estimate, higher: Estimate) -> bool:
    return lower.high is not None and higher.low is not None and lower.high < higher.low


def level_drift(detail: Detail, labels: Sequence[str]) -> Plot | None:
    """The share of each level in each third; None where no annotation has a place in a sequence."""
    if not any(one.annotations for one in detail.drift.thirds):
        return None
    curves = [
        Curve(
            label,
            [one.shares[k] for one in detail.drift.thirds],
            [[one.shares[k].value for one in thirds] for _alias, thirds in detail.own_thirds],
        )
        for k, label in enumerate(labels)
    ]
    # xgettext:no-python-format
    axis = _("share of annotations with its 95% interval; thin: each annotator")
    title = drift_title(list(zip(labels, detail.drift.slopes, strict=True)))
    return drift(curves, title=title, axis=axis, as_percent=True)


def drift_title(slopes: Sequence[tuple[str, Estimate]]) -> str:
    """Which level's share changes most, among the slopes whose interval does not hold 0."""
    clear = [
        (abs(one.value), one.value, label)
        for label, one in slopes
        if one.value is not None and one.low is not None and one.high is not None and one.low * one.high > 0
    ]
    if not clear:
        return _("No level is chosen clearly more or less often as annotators go on")
    change, signed, label = max(clear)
    words = (
        _("“%(level)s” is chosen more often as annotators go on: by %(change)s per 100 items")
        if signed > 0
        else _("“%(level)s” is chosen less often as annotators go on: by %(change)s per 100 items")
    )
    return words % {"level": label, "change": _("%(number)s pp") % {"number": one_decimal(100 * change)}}
