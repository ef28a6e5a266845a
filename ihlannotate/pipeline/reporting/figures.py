"""How figures are written on pages: two decimals for coefficients, one for percentages, with interval and n.

The full value stands in the title; an undefined figure says why.
"""

import datetime
import math
from collections.abc import Callable

from django import template
from django.utils.dateformat import format as date_format
from django.utils.formats import get_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ihlannotate.pipeline.refusals import translated
from ihlannotate.stats.estimate import Estimate

register = template.Library()
register.filter("translated", translated)
MINUS = "\u2212"
SMALLEST_P = 0.001


def fixed(value: float, decimals: int) -> str:
    """A number with so many decimals, a true minus sign, no minus before zero, and the reader's decimal sign.

    >>> fixed(-0.001, 2), fixed(-0.126, 2), fixed(93.75, 1)
    ('0.00', '−0.13', '93.8')
    """
    text = f"{value:.{decimals}f}"
    digits = text.removeprefix("-").replace(".", get_format("DECIMAL_SEPARATOR"))
    return MINUS + digits if text.startswith("-") and float(text) else digits


def as_percentage(number: str) -> str:
    """A number that is already written, with its percent sign."""
    return _("%(number)s%%") % {"number": number}


def interval(low: str, high: str) -> str:
    """Two limits that are already written, in brackets."""
    return _("[%(low)s, %(high)s]") % {"low": low, "high": high}


def _bare(number: str) -> str:
    return number


def _in_points(number: str) -> str:
    return _("%(number)s pp") % {"number": number}


@register.filter
def coefficient(estimate: Estimate, n: int | None = None) -> SafeString:
    """`0.81 [0.76, 0.85] n=402`; `n` may be left out."""
    return _figure(estimate, n, scale=1, decimals=2, unit=_bare)


@register.filter
def share(estimate: Estimate, n: int | None = None) -> SafeString:
    """`93.8% [91.0, 95.9] n=402`; `n` may be left out."""
    return _figure(estimate, n, scale=100, decimals=1, unit=as_percentage)


@register.filter
def points(estimate: Estimate) -> SafeString:
    """A difference of two shares in percentage points, `−0.6 pp [−4.6, 4.5]`."""
    return _figure(estimate, None, scale=100, decimals=1, unit=_in_points)


def _figure(
    estimate: Estimate, n: int | None, *, scale: float, decimals: int, unit: Callable[[str], str]
) -> SafeString:
    count = format_html(' <span class="n">n={}</span>', counted(n)) if n is not None else ""
    if estimate.value is None:
        words = _("undefined: %(why)s") % {"why": translated(estimate.note)}
        return format_html('<span class="figure"><span class="undefined">{}</span>{}</span>', words, count)
    value = unit(fixed(estimate.value * scale, decimals))
    title = unit(_exact(estimate.value * scale))
    limits = ""
    if estimate.low is not None and estimate.high is not None:
        low, high = estimate.low * scale, estimate.high * scale
        written = interval(fixed(low, decimals), fixed(high, decimals))
        limits = format_html(' <span class="ci">{}</span>', written)
        title += f" {interval(_exact(low), _exact(high))}"
    if estimate.note:
        title += f" ({translated(estimate.note)})"
    return format_html(
        '<span class="figure" title="{}"><span class="value">{}</span>{}{}</span>',
        title,
        value,
        limits,
        count,
    )


def _exact(value: float) -> str:
    return repr(value).replace(".", get_format("DECIMAL_SEPARATOR"))


@register.filter
def percent(value: float | None) -> str:
    """A share between 0 and 1 as `93.8%`; a dash where there is none."""
    return "–" if value is None else as_percentage(fixed(value * 100, 1))


@register.filter
def in_points(value: float) -> str:
    """A difference of two shares in percentage points, `8.5 pp`."""
    return _in_points(fixed(value * 100, 1))


@register.filter
def one_decimal(value: float) -> str:
    """A number with one decimal."""
    return fixed(value, 1)


@register.filter
def plain(value: float | None) -> str:
    """A number with two decimals; a dash where there is none."""
    return "–" if value is None else fixed(value, 2)


@register.filter
def p_value(value: float) -> str:
    """A p value with three decimals; below .001 it says so.

    >>> p_value(0.01239), p_value(1e-9)
    ('p=0.012', 'p<0.001')
    """
    return "p<0.001" if value < SMALLEST_P else f"p={fixed(value, 3)}"


@register.filter
def counted(value: int | None) -> str:
    """A count with its thousands apart, `12,345`; a dash where there is none."""
    return "–" if value is None else number_format(value, force_grouping=True)


@register.filter
def minutes(seconds: float | None) -> str:
    """Seconds as minutes with one decimal; a dash where there are none."""
    return "–" if seconds is None else _("%(number)s min") % {"number": fixed(seconds / 60, 1)}


def round_numbers(first: float, last: float) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten between two scores; the one score where they are the same.

    >>> round_numbers(0.15, 0.99), round_numbers(3, 97), round_numbers(2, 2)
    ([0.2, 0.4, 0.6, 0.8], [20.0, 40.0, 60.0, 80.0], [2])
    """
    if last <= first:
        return [first]
    power = 10.0 ** math.floor(math.log10(last - first))
    step = next(power * one for one in (0.2, 0.5, 1, 2) if (last - first) / (power * one) < 6)
    return [round(step * at, 10) for at in range(math.ceil(first / step), math.floor(last / step) + 1)]


@register.filter(expects_localtime=True)
def day(when: datetime.datetime) -> str:
    """A day as the reader writes it, `24 Nov 2026`."""
    return date_format(when, _("j M Y"))


@register.filter(expects_localtime=True)
def moment(when: datetime.datetime) -> str:
    """A day and the time of it, `24 Nov 2026, 14:05`."""
    return date_format(when, _("j M Y, H:i"))


@register.filter
def digest(sha256: str) -> SafeString:
    """The start of a SHA-256, enough to compare by eye, with the whole in the title."""
    return format_html('<code class="digest" title="{}">{}…</code>', sha256, sha256[:12])
