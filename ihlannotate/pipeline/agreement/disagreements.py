"""Where disagreement lives: items ranked by entropy, with what each annotator said of them, under aliases.

For coordinators. Nothing here names a person, a model or a condition, and responses are masked as for annotators.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ihlannotate.models.annotation import Answer, Evidence
from ihlannotate.models.item import Response
from ihlannotate.models.rubric import Criterion
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement.columns import IntArray
from ihlannotate.pipeline.agreement.dividing import Divided, divided, question
from ihlannotate.pipeline.agreement.tags import Tag, latest_tags
from ihlannotate.pipeline.annotating.evidence import Mark, passages
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.masking import Masked, masked
from ihlannotate.readers.rubric import CriterionSpec, OptionSpec
from ihlannotate.stats.disagreement import disagreement_by_unit

A_PAGE = 20
UNTAGGED = "untagged"  # beside the causes of a tag, as a filter


@dataclass(frozen=True)
class Said:
    """What one annotator said of an item: the level, comments (question, text), and the passages marked for it."""

    alias: str
    value: str
    label: str
    comments: tuple[tuple[str, str], ...]
    quotes: tuple[str, ...]


@dataclass(frozen=True)
class DividedItem:
    """An item on which annotators differ. `rank` is from 1; `counts` are (label, annotators) of the levels chosen.

    `bits` is the entropy of the annotations, `normalised` the same over its maximum, `spread` the steps between the
    lowest and the highest level (None where levels have no order).
    """

    rank: int
    code: str
    prompt: str
    language: str
    category: str
    response: Masked
    bits: float
    normalised: float
    spread: int | None
    counts: tuple[tuple[str, int], ...]
    said: tuple[Said, ...]
    tag: Tag | None


@dataclass(frozen=True)
class Disagreements:
    """One page of the divided items of a criterion, whose wording is here too.

    `divided` counts all of them, `found` those that the filter lets through; `page` of `pages` is from 1.
    """

    key: str
    title: str
    help: str
    options: tuple[OptionSpec, ...]
    cause: str
    divided: int
    found: int
    page: int
    pages: int
    items: tuple[DividedItem, ...]


def disagreements(
    study: Study, *, key: str, cause: str = "", page: int = 1, a_page: int = A_PAGE
) -> Disagreements:
    """A page of the items on which annotators differ in `key`, the most divided first; ties by lot.

    `cause` lets through only items with that tag, or "untagged" ones. A page beyond the ends is the nearest one.
    Raises Refused: no such criterion with levels, no such cause.
    """
    spec, criterion = question(study, key)
    ranked = divided(study, key=key)
    tags = latest_tags(study, criterion_id=criterion)
    chosen = np.flatnonzero(_let_through(ranked.responses, tags, cause))
    pages = max(1, -(-len(chosen) // a_page))
    page = min(max(page, 1), pages)
    shown = chosen[(page - 1) * a_page : page * a_page]
    return Disagreements(
        key=key,
        title=spec.title,
        help=spec.help,
        options=spec.options,
        cause=cause,
        divided=len(ranked.responses),
        found=len(chosen),
        page=page,
        pages=pages,
        items=_items(study, spec, criterion, ranked, shown, tags),
    )


def _let_through(responses: IntArray, tags: Mapping[int, Tag], cause: str) -> NDArray[np.bool_]:
    if not cause:
        return np.ones(len(responses), dtype=np.bool_)
    if cause == UNTAGGED:
        return ~np.isin(responses, np.array(list(tags), dtype=np.int64))
    with_cause = [response for response, tag in tags.items() if tag.cause == cause]
    return np.isin(responses, np.array(with_cause, dtype=np.int64))


def _items(
    study: Study,
    spec: CriterionSpec,
    criterion: int,
    ranked: Divided,
    shown: NDArray[np.intp],
    tags: Mapping[int, Tag],
) -> tuple[DividedItem, ...]:
    ids, measured = ranked.responses[shown].tolist(), disagreement_by_unit(ranked.counts[shown])
    responses = Response.objects.select_related("prompt").in_bulk(ids)
    texts = {pk: masked(one.text, study.masked_words) for pk, one in responses.items()}
    said = said_of(study, spec, criterion, texts)
    labels = [option.label for option in spec.options]
    return tuple(
        DividedItem(
            rank=int(at) + 1,
            code=responses[pk].code,
            prompt=responses[pk].prompt.text,
            language=responses[pk].prompt.language,
            category=responses[pk].prompt.category,
            response=texts[pk],
            bits=float(measured.bits[row]),
            normalised=float(measured.normalised[row]),
            spread=None if spec.level == "nominal" else int(measured.spread[row]),
            counts=tuple(
                (label, n) for label, n in zip(labels, ranked.counts[at].tolist(), strict=True) if n
            ),
            said=tuple(said[pk]),
            tag=tags.get(pk),
        )
        for row, (at, pk) in enumerate(zip(shown, ids, strict=True))
    )


def said_of(
    study: Study, spec: CriterionSpec, criterion: int, texts: Mapping[int, Masked]
) -> Mapping[int, Sequence[Said]]:
    """Response -> what each annotator said of it, in the order of their aliases; `texts` are the masked responses."""
    titles = {
        one.key: one.title
        for one in spec_of(study.rubric).criteria
        if one.kind == "text" and not one.self_report
    }
    asked = Criterion.objects.filter(rubric=study.rubric_id, key__in=[spec.key, *titles])
    keys = dict(asked.values_list("pk", "key"))
    # By their ids, not by a join, so that the index leads to the few answers
    answers = Answer.objects.filter(
        study=study, criterion__in=list(keys), occasion=1, live=True, response__in=list(texts)
    )
    levels: dict[tuple[int, int], tuple[str, int]] = {}
    comments: dict[tuple[int, int], list[tuple[str, str]]] = defaultdict(list)
    rows = answers.order_by("criterion__position")
    for response, who, asked_id, value, text, revision in rows.values_list(
        "response_id", "annotator_id", "criterion_id", "value", "text", "revision_id"
    ):
        if asked_id == criterion:
            levels[response, who] = (value, revision)
        else:
            comments[response, who].append((titles[keys[asked_id]], text))
    marks = _marks(spec.key, criterion, [revision for _value, revision in levels.values()])
    labels = {option.value: option.label for option in spec.options}
    aliases = dict(study.memberships.values_list("pk", "alias"))
    found: dict[int, list[Said]] = defaultdict(list)
    for (response, who), (value, revision) in sorted(levels.items(), key=lambda one: aliases[one[0][1]]):
        quotes = tuple(passage.quote for passage in passages(texts[response], marks[revision]))
        found[response].append(
            Said(aliases[who], value, labels[value], tuple(comments[response, who]), quotes)
        )
    return found


def _marks(key: str, criterion: int, revisions: Iterable[int]) -> Mapping[int, Sequence[Mark]]:
    found: dict[int, list[Mark]] = defaultdict(list)
    rows = Evidence.objects.filter(revision__in=list(revisions), criterion=criterion)
    for revision, start, end in rows.values_list("revision_id", "start", "end"):
        found[revision].append(Mark(key, start, end))
    return found
