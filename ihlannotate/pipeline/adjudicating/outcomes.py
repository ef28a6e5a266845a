"""What coordinators read of adjudication: how often adjudicators changed their mind after seeing the annotators."""

from dataclasses import dataclass

import numpy as np

from ihlannotate.models.gold import Adjudication, Opinion
from ihlannotate.models.study import Study
from ihlannotate.phrases import Phrase
from ihlannotate.pipeline.agreement import levelled_criteria
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.proportions import clustered_proportion


@dataclass(frozen=True)
class ChangesOfMind:
    """Of `n` questions that an adjudicator answered first and then settled, those `changed` meanwhile.

    `share` has Wilson's 95% interval at the size that is left when questions to one prompt count as one cluster.
    `key` and `title` are empty for all questions together.
    """

    key: str
    title: str
    n: int
    changed: int
    share: Estimate


def changes_of_mind(study: Study) -> tuple[ChangesOfMind, ...]:
    """Changes of mind for all questions together, then by question, where there is something to count.

    An opinion is held against the first outcome that the same adjudicator recorded: a question is not
    asked once it is settled. Imported values and those settled without an opinion are left out.
    """
    first: dict[tuple[int | None, int, int], str] = {}
    rows = Adjudication.objects.filter(study=study, adjudicator__isnull=False).order_by("number")
    for who, response, criterion, value in rows.values_list(
        "adjudicator_id", "response_id", "criterion_id", "value"
    ):
        first.setdefault((who, response, criterion), value)
    opinions = Opinion.objects.filter(study=study).select_related("criterion", "response")
    pairs = [
        (one.criterion.key, one.response.prompt_id, first[place] != one.value)
        for one in opinions.order_by("pk")
        if (place := (one.adjudicator_id, one.response_id, one.criterion_id)) in first
    ]
    titles = {"": "", **{one.key: one.title for one in levelled_criteria(study)}}
    found = (
        _changes(key, title, [one for one in pairs if key in ("", one[0])]) for key, title in titles.items()
    )
    return tuple(one for one in found if one.n or not one.key)


def _changes(key: str, title: str, pairs: list[tuple[str, int, bool]]) -> ChangesOfMind:
    changed = np.array([one[2] for one in pairs], dtype=np.bool_)
    prompts = np.array([one[1] for one in pairs], dtype=np.int64)
    nothing = Phrase("no question was answered first and then settled by the same adjudicator")
    share = clustered_proportion(changed, prompts, empty=nothing)
    return ChangesOfMind(key, title, len(pairs), int(changed.sum()), share)
