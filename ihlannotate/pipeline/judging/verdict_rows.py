"""Rows of verdicts, and what can be wrong with one of them: its score, its text, another verdict already there."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from ihlannotate.models.item import Response
from ihlannotate.models.judge import Verdict
from ihlannotate.pipeline.importing import Matched
from ihlannotate.pipeline.refusals import Problem


@dataclass(frozen=True)
class Said:
    """What a judge said of the response with this external id, as its owner gives it."""

    row: int
    external_id: str
    verdict: str
    score: str = ""
    rationale: str = ""
    text_sha256: str = ""  # of the response as the judge read it, in hex; empty is not checked


@dataclass(frozen=True)
class Columns:
    """Where problems are said to be, and whether the score must be a probability."""

    verdict: str = "verdict"
    score: str = "score"
    text_sha256: str = "text_sha256"
    is_probability: bool = False


def hashes_of(batch: Sequence[Said], found: Mapping[str, Sequence[Matched]]) -> dict[int, str]:
    """Response -> SHA-256 of its text, of the responses whose verdict states one."""
    stated = [
        match.response_id for one in batch if one.text_sha256 for match in found.get(one.external_id, ())
    ]
    return dict(Response.objects.filter(pk__in=stated).values_list("pk", "text_sha256")) if stated else {}


def other_text(one: Said, column: str) -> Problem:
    """The judge read another text than the response has."""
    return Problem(
        _("the response with the id “%(external_id)s” has another text than the one that was judged")
        % {"external_id": one.external_id},
        one.row,
        column,
    )


def score_of(one: Said, columns: Columns) -> float | Problem | None:
    """The score as a number, None where there is none; a Problem where it is no number or no probability."""
    column = columns.score
    if not one.score:
        return None
    try:
        score = float(one.score)
    except ValueError:
        return Problem(_("the score “%(score)s” is no number") % {"score": one.score[:40]}, one.row, column)
    if not math.isfinite(score):
        return Problem(_("the score is not finite"), one.row, column)
    if columns.is_probability and not 0 <= score <= 1:
        return Problem(
            _("%(score)s is no probability: it lies outside 0 to 1") % {"score": one.score[:40]},
            one.row,
            column,
        )
    return score


def differs(a: Verdict, b: Verdict) -> bool:
    """Whether one verdict contradicts the other."""
    return (a.value, a.raw, a.score) != (b.value, b.raw, b.score)


def conflicting(one: Said, column: str, there: Verdict) -> Problem:
    """Another verdict of this judge is there already, or the same one with another score."""
    if one.verdict == there.raw:
        return Problem(
            _(
                "id “%(external_id)s” already has this verdict with the score %(there)s, not %(score)s; give a new "
                "version of the judge a new name"
            )
            % {
                "external_id": one.external_id,
                "there": "–" if there.score is None else there.score,
                "score": one.score[:40] or "–",
            },
            one.row,
            column,
            conflict=True,
        )
    return Problem(
        _(
            "id “%(external_id)s” already has the verdict “%(raw)s”, not “%(verdict)s”; give a "
            "new version of the judge a new name"
        )
        % {"external_id": one.external_id, "raw": there.raw[:60], "verdict": one.verdict[:60]},
        one.row,
        column,
        conflict=True,
    )
