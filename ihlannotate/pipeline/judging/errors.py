"""Where judge and gold differ, item by item: the judge's reasons beside what each expert answered, under aliases.

For coordinators. Nothing here names a person, a model or a condition; responses and what the judge wrote of them are
masked as for annotators, and items stand in the study's random order, so that nothing tells the runs apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from ihlannotate.models.gold import GoldLabel, GoldRelease
from ihlannotate.models.item import Response
from ihlannotate.models.judge import Judge, Verdict
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import Said, levelled_criteria, said_of
from ihlannotate.pipeline.judging.beside_gold import Judged, beside_gold, release_of
from ihlannotate.pipeline.masking import Masked, masked
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.readers.rubric import CriterionSpec, OptionSpec

A_PAGE = 10
UNPARSED = "unparsed"  # beside the levels, as a filter by verdict


@dataclass(frozen=True)
class JudgedItem:
    """One response: its gold label and tier, what the judge said (`verdict` is a label, empty if unparsed) and why."""

    code: str
    prompt: str
    language: str
    category: str
    response: Masked
    gold: str
    tier: str
    verdict: str
    raw: str
    score: float | None
    rationale: str
    said: tuple[Said, ...]


@dataclass(frozen=True)
class JudgedItems:
    """One page of items. `differing` counts all on which judge and gold differ, `found` those let through.

    `gold` and `verdict` are the filters, levels of the criterion, UNPARSED or empty; the same level in both asks for
    the items on which judge and gold agree on it.
    """

    key: str
    title: str
    release: int
    options: tuple[OptionSpec, ...]
    gold: str
    verdict: str
    differing: int
    found: int
    page: int
    pages: int
    items: tuple[JudgedItem, ...]


def judged_items(
    study: Study, judge: Judge, *, key: str, gold: str = "", verdict: str = "", page: int = 1
) -> JudgedItems:
    """A page of the items on which the judge and the latest gold release differ in `key`, in random order.

    A page beyond the ends is the nearest one. Raises Refused: no such criterion, no release, no such level.
    """
    spec = next((one for one in levelled_criteria(study) if one.key == key), None)
    if spec is None:
        raise Refused(_("“%(key)s” is no question with levels in this study.") % {"key": key[:80]})
    levels = [option.value for option in spec.options]
    for asked in (gold, verdict):
        if asked and asked not in levels and asked != UNPARSED:
            raise Refused(_("“%(key)s” has no level “%(level)s”.") % {"key": key, "level": asked[:80]})
    release = release_of(study)
    held = beside_gold(study, judge, release, spec)
    chosen = held.responses[_let_through(held, levels, gold, verdict)]
    pages = max(1, -(-len(chosen) // A_PAGE))
    page = min(max(page, 1), pages)
    shown = _in_random_order(study, chosen)[(page - 1) * A_PAGE : page * A_PAGE]
    return JudgedItems(
        key=key,
        title=spec.title,
        release=release.number,
        options=spec.options,
        gold=gold,
        verdict=verdict,
        differing=int((held.gold != held.said).sum()),
        found=len(chosen),
        page=page,
        pages=pages,
        items=_items(study, judge, release, spec, held.criterion, shown),
    )


def _let_through(held: Judged, levels: Sequence[str], gold: str, verdict: str) -> NDArray[np.bool_]:
    through = np.ones(len(held.gold), dtype=np.bool_) if gold and verdict else held.gold != held.said
    if gold:
        through &= held.gold == (levels.index(gold) if gold != UNPARSED else -1)
    if verdict:
        through &= held.said == (levels.index(verdict) if verdict != UNPARSED else -1)
    return through


def _in_random_order(study: Study, chosen: NDArray[np.int64]) -> list[int]:
    places = dict(Response.objects.filter(study=study).values_list("pk", "position"))
    return sorted(chosen.tolist(), key=lambda pk: places[pk] or 0)


def _items(
    study: Study,
    judge: Judge,
    release: GoldRelease,
    spec: CriterionSpec,
    criterion: int,
    shown: Sequence[int],
) -> tuple[JudgedItem, ...]:
    names = {option.value: option.label for option in spec.options}
    responses = Response.objects.select_related("prompt").in_bulk(list(shown))
    texts = {pk: masked(one.text, study.masked_words) for pk, one in responses.items()}
    verdicts: Mapping[int, Verdict] = {
        one.response_id: one
        for one in Verdict.objects.filter(judge=judge, criterion=criterion, response__in=list(shown))
    }
    labels: Mapping[int, GoldLabel] = {
        one.response_id: one
        for one in GoldLabel.objects.filter(release=release, criterion=criterion, response__in=list(shown))
    }
    said = said_of(study, spec, criterion, texts)
    return tuple(
        JudgedItem(
            code=responses[pk].code,
            prompt=responses[pk].prompt.text,
            language=responses[pk].prompt.language,
            category=responses[pk].prompt.category,
            response=texts[pk],
            gold=names[labels[pk].value],
            tier=labels[pk].tier,
            verdict=names.get(verdicts[pk].value, ""),
            raw=masked(verdicts[pk].raw, study.masked_words).text,
            score=verdicts[pk].score,
            rationale=masked(verdicts[pk].rationale, study.masked_words).text,
            said=tuple(said.get(pk, ())),
        )
        for pk in shown
    )
