"""What a validation amounts to, in one sentence by a stated rule; docs/methods.md states the same rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ihlannotate.phrases import Phrase
from ihlannotate.stats.alternative import AltTest
from ihlannotate.stats.estimate import Estimate

FEW = 30  # fewer items than this support no sentence about a judge


@dataclass(frozen=True)
class Conclusion:
    """Whether the judge may replace one annotator on a criterion (None: not shown either way), and why.

    `outcome` is one of: too_few, by_chance, test_passed, test_failed, no_comparison, less_accurate, more_accurate,
    no_difference.
    """

    outcome: str
    may_replace: bool | None
    sentence: str

    def as_dict(self) -> dict[str, Any]:
        """The stable JSON form: `{"outcome", "may_replace", "sentence"}`."""
        return {"outcome": self.outcome, "may_replace": self.may_replace, "sentence": str(self.sentence)}


def conclusion(title: str, *, n: int, kappa: Estimate, test: AltTest, difference: Estimate) -> Conclusion:
    """The sentence about a judge on the criterion with this title, held against gold on `n` items.

    The first rule that applies decides: fewer than 30 items; the lower end of `kappa` not above 0; the alternative
    annotator `test`, where it could be computed; the interval of the `difference` in accuracy between judge and
    annotators.
    """
    if n < FEW:
        few = Phrase(
            "Too few items to judge the judge on “%(what)s”: %(n)s have both gold and a verdict.",
            what=title,
            n=n,
        )
        return Conclusion("too_few", None, few)
    if kappa.value is None or kappa.low is None or kappa.low <= 0:
        by_chance = Phrase(
            "On “%(what)s” it can’t be ruled out that the judge agrees with gold only by chance.", what=title
        )
        return Conclusion("by_chance", False, by_chance)
    if test.passed is not None:
        if test.passed:
            passed = Phrase("The judge may stand in for an annotator on “%(what)s”.", what=title)
            return Conclusion("test_passed", True, passed)
        failed = Phrase("The judge can’t stand in for an annotator on “%(what)s”.", what=title)
        return Conclusion("test_failed", False, failed)
    return _by_ceiling(title, difference)


def _by_ceiling(title: str, difference: Estimate) -> Conclusion:
    if difference.value is None or difference.low is None or difference.high is None:
        nobody = Phrase("There is nobody to compare the judge with on “%(what)s”.", what=title)
        return Conclusion("no_comparison", None, nobody)
    if difference.high < 0:
        less = Phrase("The judge is less accurate than the annotators on “%(what)s”.", what=title)
        return Conclusion("less_accurate", False, less)
    if difference.low > 0:
        more = Phrase("The judge is more accurate than the annotators on “%(what)s”.", what=title)
        return Conclusion("more_accurate", None, more)
    none_shown = Phrase("No difference between judge and annotators is shown on “%(what)s”.", what=title)
    return Conclusion("no_difference", None, none_shown)


def summary(concluded: Sequence[tuple[str, Conclusion]]) -> str:
    """One sentence about a judge on all its criteria (title, conclusion); empty where there are none."""
    yes, no, open_ = (
        _listed([title for title, one in concluded if one.may_replace is wanted])
        for wanted in (True, False, None)
    )
    wordings = {
        (True, True, True): Phrase(
            "The judge may replace one annotator for %(yes)s; not for %(no)s; for %(open)s it is not shown.",
            yes=yes, no=no, open=open_,
        ),
        (True, True, False): Phrase(
            "The judge may replace one annotator for %(yes)s; not for %(no)s.", yes=yes, no=no
        ),
        (True, False, True): Phrase(
            "The judge may replace one annotator for %(yes)s; for %(open)s it is not shown.", yes=yes, open=open_
        ),
        (True, False, False): Phrase("The judge may replace one annotator for %(yes)s.", yes=yes),
        (False, True, True): Phrase(
            "The judge may not replace an annotator for %(no)s; for %(open)s it is not shown.", no=no, open=open_
        ),
        (False, True, False): Phrase("The judge may not replace an annotator for %(no)s.", no=no),
        (False, False, True): Phrase(
            "It is not shown that the judge may replace an annotator for %(open)s.", open=open_
        ),
    }  # fmt: skip
    return wordings.get((bool(yes), bool(no), bool(open_)), "")


def _listed(titles: Sequence[str]) -> str:
    if not titles:
        return ""
    whole: str = Phrase("“%(title)s”", title=titles[0])
    for title in titles[1:]:
        whole = Phrase("%(first)s, “%(title)s”", first=whole, title=title)
    return whole
