"""Where a release's own gold says that a question does not apply, be it that nobody answered it or that some did."""

from collections.abc import Sequence

import numpy as np

from ihlannotate.models.gold import GoldLabel, GoldRelease
from ihlannotate.pipeline.adjudicating import ruled_out
from ihlannotate.pipeline.releasing.settling import Tier
from ihlannotate.readers.rubric import CriterionSpec

CHUNK = 2000


def inapplicable_responses(release: GoldRelease, specs: Sequence[CriterionSpec], key: str) -> frozenset[int]:
    """The ids of the responses on which the question `key` does not apply by the release's gold.

    `specs` are the criteria with levels, in the rubric's order. It follows from the labels of the questions that this
    one hangs on, so that it holds for releases that were made before labels had the tier `inapplicable`, too.
    """
    chain = _chain(specs, key)
    if len(chain) == 1:
        return frozenset()
    place = {one.key: k for k, one in enumerate(chain)}
    index = [{value: at for at, value in enumerate(one.values)} | {"": -1} for one in chain]
    rows = GoldLabel.objects.filter(release=release, criterion__key__in=place)
    labels = list(
        rows.values_list("response_id", "criterion__key", "value", "tier").iterator(chunk_size=CHUNK)
    )
    responses = sorted({response for response, *_label in labels})
    at_row = {response: row for row, response in enumerate(responses)}
    levels = np.full((len(responses), len(chain)), -1, dtype=np.int64)
    decided = np.zeros(levels.shape, dtype=np.bool_)
    for response, name, value, tier in labels:
        row, k = at_row[response], place[name]
        levels[row, k], decided[row, k] = index[k][value], tier == Tier.ADJUDICATED
    out = ruled_out(chain, levels, decided)[:, place[key]]
    return frozenset(response for response, away in zip(responses, out.tolist(), strict=True) if away)


def _chain(specs: Sequence[CriterionSpec], key: str) -> list[CriterionSpec]:
    """The question and those that it hangs on, directly or through others, in the rubric's order."""
    known = {one.key: one for one in specs}
    found, waiting = {key}, [key]
    while waiting:
        parents = known[waiting.pop()].show_if.keys() & known.keys() - found
        found |= parents
        waiting.extend(parents)
    return [one for one in specs if one.key in found]
