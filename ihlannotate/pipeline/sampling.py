"""Which responses experts will see, with known probabilities: drawn in a draft, kept for the study's estimates."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, astuple, dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from ihlannotate.models.assignment import Assignment
from ihlannotate.models.event import record
from ihlannotate.models.item import Response
from ihlannotate.models.judge import Verdict
from ihlannotate.models.provenance import Origin
from ihlannotate.models.sample import Inclusion, Sample
from ihlannotate.models.study import Study
from ihlannotate.models.user import User
from ihlannotate.phrases import Phrase
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.stats.sampling import draw

FIELDS = {
    "model": "run__model",
    "condition": "run__condition",
    "category": "response__prompt__category",
    "language": "response__prompt__language",
    "complexity": "response__prompt__complexity",
}
USUAL = ("model", "condition", "category")
MOST_TIMES = 100.0
BATCH = 2000
SEEN = Q(inclusion__isnull=True) | Q(inclusion__chosen=True)  # responses that experts see
NOT_DRAWN = Phrase("this response is not in the study’s sample, so experts do not rate it")


@dataclass(frozen=True)
class Oversampled:
    """Responses to which `judge` gave `level` of `criterion` are `factor` times as likely to be drawn as others."""

    judge: str
    criterion: str
    level: str
    factor: float


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
    `highest` are the least and the greatest probability of a response.

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
    seed: int
    drawn_by: str
    drawn_at: datetime
    unknown: int

    def as_dict(self) -> dict[str, Any]:
        """The stable JSON form: `{"size", "responses", "by", "oversampled", "seed", "strata": [...], "unknown"}`."""
        return {
            "size": self.size,
            "responses": self.responses,
            "by": list(self.by),
            "oversampled": [asdict(one) for one in self.oversampled],
            "seed": self.seed,
            "strata": [one.as_dict() for one in self.strata],
            "unknown": self.unknown,
        }


@transaction.atomic
def draw_sample(
    study: Study,
    *,
    size: int,
    by: Sequence[str] = USUAL,
    oversample: Sequence[Oversampled] = (),
    seed: int | None = None,
    actor: User | None,
) -> SampleReport:
    """Draw the responses that experts will see, at random within strata; a sample that was drawn before is replaced.

    Strata are made of `by` (names in FIELDS) and of the classes that are oversampled. Without a `seed` it is the
    study's. Raises Refused: the study was opened or has annotations, nothing to draw from, a size that leaves a stratum
    without a response or exceeds what there is, or a stratum or class that is not known.
    """
    Study.hold(study.pk, alone=True)
    study = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    if not may_draw(study):
        raise Refused(
            _("Study “%(slug)s” is no draft without annotations any more: its sample stands as it is.")
            % {"slug": study.slug}
        )
    _check(study, by, oversample)
    seed = study.seed if seed is None else seed
    responses, keys = _units(study, by, oversample)
    names = sorted(set(keys))
    if not len(names) <= size <= len(keys) or not keys:
        raise Refused(
            _(
                "There are %(n)s responses in %(strata)s strata: draw at least one from each, and no more than there "
                "are. Choose another size, or fewer things to make strata of."
            )
            % {"n": len(keys), "strata": len(names)}
        )
    place = {name: k for k, name in enumerate(names)}
    factors = [
        np.prod([one.factor if within else 1.0 for one, within in zip(oversample, classes, strict=True)])
        for _values, classes in names
    ]
    found = draw(
        np.array([place[key] for key in keys]), target=size, factors=np.array(factors, np.float64), seed=seed
    )
    counts = zip(found.sizes.tolist(), found.taken.tolist(), strict=True)
    Sample.objects.filter(study=study).delete()
    sample = Sample.objects.create(
        study=study,
        size=size,
        by=list(by),
        oversampled=[astuple(one) for one in oversample],
        strata=[[*name, *count] for name, count in zip(names, counts, strict=True)],
        seed=seed,
        drawn_by=actor,
    )
    rows = zip(responses, found.probabilities.tolist(), found.chosen.tolist(), strict=True)
    Inclusion.objects.bulk_create(
        (Inclusion(sample=sample, response_id=pk, probability=pi, chosen=chosen) for pk, pi, chosen in rows),
        batch_size=BATCH,
    )
    data = {"size": size, "responses": len(keys), "strata": len(names), "by": list(by), "seed": seed}
    record(study, "sample.drawn", actor=actor, data={**data, "oversampled": sample.oversampled})
    report = sample_of(study)
    assert report is not None
    return report


def may_draw(study: Study) -> bool:
    """Whether a sample can be drawn: the study is a draft, and nothing in it is rated."""
    return not study.opened_at and not Assignment.objects.filter(study=study).exists()


def _check(study: Study, by: Sequence[str], oversample: Sequence[Oversampled]) -> None:
    for name in by:
        if name not in FIELDS:
            raise Refused(
                _("Strata can’t be made of “%(name)s”. They can be made of: %(names)s.")
                % {"name": name[:80], "names": ", ".join(FIELDS)}
            )
    levels = {one.key: one.values for one in spec_of(study.rubric).criteria if one.options}
    for one in oversample:
        if one.level not in levels.get(one.criterion, ()):
            raise Refused(
                _("“%(key)s” has no level “%(level)s”.")
                % {"key": one.criterion[:80], "level": one.level[:80]}
            )
        if not 1 / MOST_TIMES <= one.factor <= MOST_TIMES:
            raise Refused(
                _("A factor lies between 1/100 and 100, not at %(factor)s.") % {"factor": one.factor}
            )
        if not Verdict.objects.filter(
            judge__study=study, judge__name=one.judge, criterion__key=one.criterion, value=one.level
        ).exists():
            raise Refused(
                _("Judge “%(judge)s” gave “%(level)s” to no response: there is nothing to draw more often.")
                % {"judge": one.judge[:80], "level": one.level}
            )


def _units(
    study: Study, by: Sequence[str], oversample: Sequence[Oversampled]
) -> tuple[list[int], list[tuple[tuple[str, ...], tuple[bool, ...]]]]:
    """Ids and strata of all responses, in an order that every database gives: of the file, not of the ids."""
    classes = [
        set(
            Verdict.objects.filter(
                judge__study=study, judge__name=one.judge, criterion__key=one.criterion, value=one.level
            ).values_list("response_id", flat=True)
        )
        for one in oversample
    ]
    origins = Origin.objects.filter(run__study=study)
    rows = origins.values_list(
        "run__model", "run__condition", "external_id", "response_id", *(FIELDS[name] for name in by)
    )
    units = sorted(rows, key=lambda row: row[:3])
    return [row[3] for row in units], [
        (tuple(row[4:]), tuple(row[3] in members for members in classes)) for row in units
    ]


def sample_of(study: Study) -> SampleReport | None:
    """The study's sample; None where experts see every response. For coordinators: strata name models, no answers."""
    sample = Sample.objects.select_related("drawn_by").filter(study=study).first()
    if sample is None:
        return None
    strata = [Stratum(tuple(of), tuple(classes), n, drawn) for of, classes, n, drawn in sample.strata]
    responses = sum(one.responses for one in strata)
    chances = [one.probability for one in strata]
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
