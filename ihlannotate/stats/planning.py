"""How precise a study of a given size will be, and whether it is precise enough: stopping is by precision."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from ihlannotate.phrases import Phrase
from ihlannotate.stats.bootstrap import FloatArray, IntArray
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.proportions import normal_quantile, wilson
from ihlannotate.stats.reliability.coefficients import alpha
from ihlannotate.stats.reliability.tally import read_tally, tally_rows

MOSTLY_UNDEFINED = Phrase("alpha is undefined in most studies of this size: no variation")
BALANCED = (0.5, 0.5)
RARE = (0.9, 0.1)


@dataclass(frozen=True)
class Expected:
    """Half the width that the 95% interval of alpha will have with `n` items and `raters` annotators; None with the
    reason in `note` where most such studies could not compute alpha."""

    n: int
    raters: int
    half_width: float | None
    note: str = ""


def alpha_half_width(
    n: int,
    raters: int,
    *,
    expected: float,
    prevalence: Sequence[float] = BALANCED,
    per_prompt: int = 1,
    shared: float = 0.0,
    studies: int = 1000,
    seed: int = 0,
) -> Expected:
    """The expected half-width of alpha's 95% interval for `n` items and `raters` annotators, by simulation.

    Each item has a true level, drawn from `prevalence`; an annotator reports it with probability √`expected` and
    otherwise answers by `prevalence`, so that nominal alpha is `expected`. `per_prompt` items answer one prompt, and
    each takes the prompt's own level with probability √`shared` (so `shared` is the correlation within prompts). The
    half-width is 1.96 standard deviations of alpha over `studies` simulated studies. Raises ValueError on numbers out
    of their range. Source: METHODS of this project, whose table for alpha near .55 it is tested against.
    """
    shares = np.asarray(prevalence, dtype=np.float64)
    if n < 2 or raters < 2 or per_prompt < 1 or studies < 2:
        raise ValueError("needs at least two items, annotators and studies, and one item a prompt")
    if not (0 <= expected <= 1 and 0 <= shared <= 1):
        raise ValueError("alpha and the correlation within prompts lie between 0 and 1")
    if len(shares) < 2 or (shares < 0).any() or not np.isclose(shares.sum(), 1):
        raise ValueError("prevalence gives each of at least two levels its share, 1 in all")
    rng = np.random.default_rng(seed)
    sums = [
        tally_rows(
            _counts(rng, (n, raters, per_prompt), expected, shared, shares / shares.sum()),
            np.eye(len(shares)),
        ).sum(axis=0)
        for _study in range(studies)
    ]
    found = alpha(read_tally(np.array(sums), len(shares)).coincidences, "nominal")
    defined = found[~np.isnan(found)]
    if 2 * len(defined) < studies:
        return Expected(n, raters, None, MOSTLY_UNDEFINED)
    return Expected(n, raters, normal_quantile(0.95) * float(defined.std(ddof=1)))


def _counts(
    rng: np.random.Generator,
    shape: tuple[int, int, int],
    expected: float,
    shared: float,
    shares: FloatArray,
) -> IntArray:
    """Annotations by level (n × V) of one simulated study."""
    n, raters, per_prompt = shape
    ends = np.cumsum(shares)[:-1]

    def levels(*size: int) -> IntArray:
        return np.searchsorted(ends, rng.random(size), side="right").astype(np.int64)

    of_prompt = np.repeat(levels(-(-n // per_prompt)), per_prompt)[:n]
    truth = np.where(rng.random(n) < np.sqrt(shared), of_prompt, levels(n))
    told = np.where(rng.random((n, raters)) < np.sqrt(expected), truth[:, None], levels(n, raters))
    flat = np.arange(n)[:, None] * len(shares) + told
    return np.bincount(flat.ravel(), minlength=n * len(shares)).reshape(n, len(shares)).astype(np.int64)


def share_half_width(share: float, n: float, *, design_effect: float = 1.0) -> float:
    """The expected half-width of the 95% interval of a `share` of `n` gold labels (Wilson's, at n/design_effect).

    Raises ValueError where n is not positive, the share outside 0..1 or the design effect below 1. Source: Wilson
    1927; Kish 1965, Survey Sampling, chapter 8.

    >>> round(share_half_width(0.5, 100), 3), round(share_half_width(0.9, 400), 4)
    (0.096, 0.0295)
    """
    if n <= 0 or design_effect < 1:
        raise ValueError("needs labels, and a design effect of at least 1")
    size = n / design_effect
    found = wilson(share * size, size)
    assert found.low is not None
    assert found.high is not None
    return (found.high - found.low) / 2


def ppi_half_width(
    share: float, n: int, *, others: int, correlation: float, design_effect: float = 1.0
) -> float:
    """The same of a share by PPI++, with `others` responses that only the judge scored.

    `correlation` is that of the judge's label with gold. The variance is p(1-p)/n · (1 - ρ²/(1 + n/N)) at the best λ.
    Raises ValueError on numbers out of their range. Source: Angelopoulos, Duchi and Zrnic, arXiv 2311.01453.

    >>> round(ppi_half_width(0.5, 100, others=0, correlation=0.9), 3)
    0.098
    >>> round(ppi_half_width(0.5, 100, others=10_000, correlation=0.9), 3)
    0.044
    """
    if not (0 <= share <= 1 and -1 <= correlation <= 1 and others >= 0 and n > 0 and design_effect >= 1):
        raise ValueError("a share, a correlation, responses and a design effect of at least 1 are needed")
    saved = correlation**2 * others / (n + others)
    return normal_quantile(0.95) * float(np.sqrt(share * (1 - share) / n * design_effect * (1 - saved)))


@dataclass(frozen=True)
class Precision:
    """Half the width of an interval beside the `target`; `reached` is None, with the reason, where there is no
    interval."""

    half_width: float | None
    target: float
    reached: bool | None
    note: str = ""


def precision(estimate: Estimate, *, target: float) -> Precision:
    """Whether an estimate's interval is as narrow as planned: at most `target` to each side, on average.

    The value plays no part: who stops as soon as alpha is high enough stops on luck. Raises ValueError on a target
    that is not positive.
    """
    if target <= 0:
        raise ValueError("the target is a half-width above 0")
    if estimate.low is None or estimate.high is None:
        return Precision(None, target, None, estimate.note or Phrase("no interval"))
    half = (estimate.high - estimate.low) / 2
    return Precision(half, target, half <= target)


@dataclass(frozen=True)
class Planned:
    """The half-widths to expect of `n` responses: of α with two even levels and with one of 10% (None: undefined in
    most such studies, or fewer than two annotators), and of a share of 90% by gold alone."""

    n: int
    alpha: float | None
    alpha_rare: float | None
    share: float

    def as_dict(self) -> dict[str, float | int | None]:
        """The JSON form."""
        return {"n": self.n, "alpha": self.alpha, "alpha_rare": self.alpha_rare, "share": self.share}


@cache
def plan(sizes: tuple[int, ...], *, raters: int) -> tuple[Planned, ...]:
    """What samples of these sizes (at least 2 each) would tell with so many annotators, α being near .55.

    By simulation with a fixed seed, as `alpha_half_width`; kept for as long as the program runs.
    """

    def half(n: int, prevalence: tuple[float, ...]) -> float | None:
        if raters < 2:
            return None
        return alpha_half_width(n, raters, expected=0.55, prevalence=prevalence, studies=400).half_width

    return tuple(Planned(n, half(n, BALANCED), half(n, RARE), share_half_width(0.9, n)) for n in sizes)
