"""What may be drawn more often than the rest: responses by what a judge said of them, or by how sure it was."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from django.db.models import Max, Min, QuerySet
from django.utils.translation import gettext as _

from ihlannotate.models.judge import Verdict
from ihlannotate.models.study import Study
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.stats.sampling import least_sure

MOST_TIMES = 100.0


@dataclass(frozen=True)
class Oversampled:
    """Responses to which `judge` gave `level` of `criterion` are `factor` times as likely to be drawn as others.

    An empty level stands for the verdicts of which the judge was least sure, by its own probabilities.
    """

    judge: str
    criterion: str
    level: str
    factor: float

    @property
    def by_doubt(self) -> bool:
        return not self.level


def classes_of(study: Study) -> Iterator[tuple[str, str, str]]:
    """What the study's verdicts let one draw more often: judge, criterion and level (empty: least sure) of each."""
    rows = (
        Verdict.objects.filter(judge__study=study)
        .order_by("judge__name", "criterion__position", "value")
        .values_list("judge__name", "criterion__key", "value")
    )
    yield from rows.exclude(value="").distinct()
    scored = (
        rows.filter(score__isnull=False)
        .order_by("judge__name", "criterion__position")
        .values("judge__name", "criterion__key")
        .annotate(low=Min("score"), high=Max("score"))
    )
    for one in scored:
        if 0 <= one["low"] < one["high"] <= 1:
            yield one["judge__name"], one["criterion__key"], ""


def members(study: Study, one: Oversampled) -> set[int]:
    """Ids of the responses that belong to a class. Raises Refused: nothing does, or the class is not known."""
    levels = {spec.key: spec.values for spec in spec_of(study.rubric).criteria if spec.options}
    if one.criterion not in levels:
        raise Refused(_("“%(key)s” is no question with levels in this study.") % {"key": one.criterion[:80]})
    if one.level and one.level not in levels[one.criterion]:
        raise Refused(
            _("“%(key)s” has no level “%(level)s”.") % {"key": one.criterion[:80], "level": one.level[:80]}
        )
    if not 1 / MOST_TIMES <= one.factor <= MOST_TIMES:
        raise Refused(_("A factor lies between 1/100 and 100, not at %(factor)s.") % {"factor": one.factor})
    verdicts = Verdict.objects.filter(judge__study=study, judge__name=one.judge, criterion__key=one.criterion)
    if one.by_doubt:
        return _in_doubt(verdicts, one)
    found = set(verdicts.filter(value=one.level).values_list("response_id", flat=True))
    if not found:
        raise Refused(
            _("Judge “%(judge)s” gave “%(level)s” to no response: there is nothing to draw more often.")
            % {"judge": one.judge[:80], "level": one.level}
        )
    return found


def _in_doubt(verdicts: QuerySet[Verdict], one: Oversampled) -> set[int]:
    scored = list(verdicts.filter(score__isnull=False).values_list("response_id", "score"))
    named = {"judge": one.judge[:80], "key": one.criterion[:80]}
    if not scored:
        raise Refused(
            _("Judge “%(judge)s” gave no scores on “%(key)s”, so it is not known how sure it was.") % named
        )
    scores = np.array([score for _response, score in scored], dtype=np.float64)
    if scores.min() < 0 or scores.max() > 1:
        raise Refused(
            _(
                "Scores of “%(judge)s” on “%(key)s” lie outside 0 to 1. They are no probabilities, so it is not "
                "known how sure it was."
            )
            % named
        )
    within = least_sure(scores)
    if within.all():
        raise Refused(
            _("Judge “%(judge)s” was equally sure of all its verdicts: there is nothing to draw more often.")
            % named
        )
    return {response for (response, _score), chosen in zip(scored, within.tolist(), strict=True) if chosen}
