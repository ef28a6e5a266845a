"""A judge on parts of the study: by tier of gold, prompt and length of response, and once unblinded by system."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models.functions import Length
from numpy.typing import NDArray

from ihlannotate.models.gold import GoldLabel
from ihlannotate.models.item import Response
from ihlannotate.models.provenance import Origin
from ihlannotate.models.study import Study
from ihlannotate.phrases import Phrase
from ihlannotate.pipeline.agreement.slices import MOST, slicings_of
from ihlannotate.pipeline.judging.beside_gold import Judged, codes
from ihlannotate.stats.judging_by_slice import JudgedSlice, judge_by_slice
from ihlannotate.stats.reliability import slices_of

LENGTH = "length of response"
SEALED = ("model", "condition")  # kinds that exist only once the study is unblinded


@dataclass(frozen=True)
class JudgeSlice:
    """The judge on one part: `kind` is what the study is cut by, `name` the part (a phrase where it is in words)."""

    kind: str
    name: str
    found: JudgedSlice

    def as_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {
            "kind": self.kind,
            "name": str(self.name),
            "n": self.found.n,
            "unparsed": self.found.unparsed,
            "prompts": self.found.clusters,
            "accuracy": self.found.accuracy.as_dict(),
            "cohen_kappa": self.found.cohen_kappa.as_dict(),
        }


@dataclass(frozen=True)
class _Cut:
    """The parts of one kind: their names and which responses belong (S × n)."""

    kind: str
    names: Sequence[str]
    members: NDArray[np.bool_]


def judge_slices(
    study: Study, held: Judged, *, level_count: int, replicates: int, seed: int
) -> tuple[JudgeSlice, ...]:
    """The judge on each part that holds a response: tier, category, language, rule group, complexity, length.

    By model and condition only once the study is unblinded: before, nothing here reads who wrote a response. Of a
    kind with many parts, the largest are there.
    """
    cuts = [one for one in _cuts(study, held) if len(one.names)]
    members = np.concatenate([np.zeros((0, len(held.gold)), np.bool_), *(one.members for one in cuts)])
    named = [(one.kind, name) for one in cuts for name in one.names]
    found = judge_by_slice(
        held.gold,
        held.said,
        members,
        label_count=level_count,
        clusters=held.prompts,
        replicates=replicates,
        seed=seed,
    )
    return tuple(JudgeSlice(kind, name, one) for (kind, name), one in zip(named, found, strict=True) if one.n)


def _cuts(study: Study, held: Judged) -> Iterator[_Cut]:
    yield _by_value("tier", held.tiers, GoldLabel.Tier.values)
    slicings = slicings_of(study)
    for slicing in slicings.slicings:
        yield _Cut(slicing.kind, slicing.names, slicings.of_units(slicing, held.prompts))
    yield _by_length(study, held)
    if study.is_unblinded:
        yield from _by_system(study, held)


def _by_value(kind: str, values: Sequence[str], first: Sequence[str] = ()) -> _Cut:
    """A part for each distinct value that is not empty, those in `first` leading in this order, the rest by name."""
    counted = dict.fromkeys(first, 0)
    for value in values:
        counted[value] = counted.get(value, 0) + 1
    kept = sorted((value for value in counted if value and counted[value]), key=lambda one: -counted[one])
    place = {value: at for at, value in enumerate(first)}
    names = sorted(kept[:MOST], key=lambda one: (place.get(one, len(place)), one))
    index = {name: k for k, name in enumerate(names)}
    return _Cut(kind, names, slices_of(codes([index.get(value, -1) for value in values]), len(names)))


def _by_length(study: Study, held: Judged) -> _Cut:
    """Thirds by the number of characters; responses of one length stay together, so thirds may be unequal."""
    rows = Response.objects.filter(study=study).annotate(characters=Length("text"))
    length_of = dict(rows.values_list("pk", "characters"))
    lengths = codes([length_of[pk] for pk in held.responses.tolist()])
    if not len(lengths):
        return _Cut(LENGTH, (), np.zeros((0, 0), np.bool_))
    short, middle = (int(one) for one in np.quantile(lengths, (1 / 3, 2 / 3), method="inverted_cdf"))
    names = (
        Phrase("shortest third, up to %(n)s characters", n=short),
        Phrase("middle third, up to %(n)s characters", n=middle),
        Phrase("longest third, over %(n)s characters", n=middle),
    )
    third = np.where(lengths <= short, 0, np.where(lengths <= middle, 1, 2))
    return _Cut(LENGTH, names, slices_of(third, 3))


def _by_system(study: Study, held: Judged) -> Iterator[_Cut]:
    rows = Origin.objects.filter(run__study=study).values_list("response_id", "run__model", "run__condition")
    systems = {response: system for response, *system in rows}
    for at, kind in enumerate(SEALED):
        yield _by_value(kind, [systems[response][at] for response in held.responses.tolist()])
