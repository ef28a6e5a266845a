"""A study's sample as it stands: its strata, what experts see, and how much each response weighs."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from ihlannotate.models.item import Response
from ihlannotate.models.sample import Inclusion, Sample
from ihlannotate.models.study import Study
from ihlannotate.phrases import Phrase
from ihlannotate.pipeline.sampling.classes import Oversampled
from ihlannotate.stats.sampling import weighed_size

SEEN = Q(inclusion__isnull=True) | Q(inclusion__chosen=True)  # responses that experts see
UNEVEN = 0.9
NOT_DRAWN = Phrase("this response is not in the study’s sample, so experts do not rate it")


@dataclass(frozen=True)
class Stratum:
    """`of` are its values of what the strata are made of, `classes` which oversampled classes it belongs to."""

    of: tuple[str, ...]
    classes: tuple[bool, ...]
    responses: int
    drawn: int

    @property
    def probability(self) -> float:
        return self.drawn / self.responses

    def as_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        counts = {"responses": self.responses, "drawn": self.drawn, "probability": self.probability}
        return {"of": list(self.of), "classes": list(self.classes), **counts}


@dataclass(frozen=True)
class SampleReport:
    """A study's sample. `responses` is what it was drawn from, `unknown` how many were imported since; `lowest` and
    `highest` are the least and the greatest probability of a response. `effective` is how many responses drawn alike
    would tell as much of a share as these do by their weights.

    While the study is blind, strata that a judge's verdicts made are told by class alone: by model they would tell how
    often each model refused.
    """

    size: int
    responses: int
    by: tuple[str, ...]
    oversampled: tuple[Oversampled, ...]
    strata: tuple[Stratum, ...]
    lowest: float
    highest: float
    effective: float
    seed: int
    drawn_by: str
    drawn_at: datetime
    unknown: int

    @property
    def uneven(self) -> bool:
        """Whether the weights differ by so much that the sample counts as a tenth smaller, or less."""
        return self.effective <= UNEVEN * self.size

    def as_dict(self) -> dict[str, Any]:
        """The stable JSON form: `{"size", "responses", "by", "oversampled", "effective", "seed", "strata": [...],
        "unknown"}`.
        """
        return {
            "size": self.size,
            "responses": self.responses,
            "by": list(self.by),
            "oversampled": [asdict(one) for one in self.oversampled],
            "effective": self.effective,
            "seed": self.seed,
            "strata": [one.as_dict() for one in self.strata],
            "unknown": self.unknown,
        }


def sample_of(study: Study) -> SampleReport | None:
    """The study's sample; None where experts see every response. For coordinators: strata name models, no answers."""
    sample = Sample.objects.select_related("drawn_by").filter(study=study).first()
    if sample is None:
        return None
    strata = [Stratum(tuple(of), tuple(classes), n, drawn) for of, classes, n, drawn in sample.strata]
    responses = sum(one.responses for one in strata)
    chances = [one.probability for one in strata]
    effective = weighed_size([one.drawn for one in strata], chances)
    if sample.oversampled and not study.is_unblinded:
        strata = _by_class(strata)
    return SampleReport(
        size=sample.size,
        responses=responses,
        by=tuple(sample.by),
        oversampled=tuple(Oversampled(*one) for one in sample.oversampled),
        strata=tuple(strata),
        lowest=min(chances),
        highest=max(chances),
        effective=effective,
        seed=sample.seed,
        drawn_by=sample.drawn_by.name if sample.drawn_by else _("command line"),
        drawn_at=sample.drawn_at,
        unknown=unknown_to_sample(study),
    )


def _by_class(strata: Sequence[Stratum]) -> list[Stratum]:
    found = []
    for classes in sorted({one.classes for one in strata}):
        own = [one for one in strata if one.classes == classes]
        found.append(Stratum((), classes, sum(one.responses for one in own), sum(one.drawn for one in own)))
    return found


def has_sample(study: Study) -> bool:
    """Whether experts see a sample of the study's responses, and not all of them."""
    return Sample.objects.filter(study=study).exists()


def unknown_to_sample(study: Study) -> int:
    """How many responses came after the sample was drawn; 0 without a sample."""
    if not has_sample(study):
        return 0
    return Response.objects.filter(study=study, inclusion__isnull=True).count()


def to_rate(study: Study) -> QuerySet[Response]:
    """The responses that experts see: those drawn, or all where there is no sample."""
    return Response.objects.filter(SEEN, study=study)


def not_drawn(responses: Collection[int]) -> set[int]:
    """Of these responses, by id: those that a sample left out."""
    left_out = Inclusion.objects.filter(response__in=responses, chosen=False)
    return set(left_out.values_list("response_id", flat=True))


def weights_of(study: Study, responses: Sequence[int]) -> NDArray[np.float64] | None:
    """1/π of each of these responses (n); None where there is no sample, and all count alike."""
    known = dict(
        Inclusion.objects.filter(sample__study=study).values_list("response_id", "probability").iterator()
    )
    if not known:
        return None
    return np.array([1 / known[one] if one in known else 1.0 for one in responses], dtype=np.float64)
