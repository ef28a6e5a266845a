"""Drawing a study's sample: at random within strata, in an order that every database gives."""

from collections.abc import Sequence
from dataclasses import astuple

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from ihlannotate.models.assignment import Assignment
from ihlannotate.models.event import record
from ihlannotate.models.provenance import Origin
from ihlannotate.models.sample import Inclusion, Sample
from ihlannotate.models.study import Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.sampling.classes import Oversampled, members
from ihlannotate.pipeline.sampling.standing import SampleReport, sample_of
from ihlannotate.stats.sampling import draw

FIELDS = {
    "model": "run__model",
    "condition": "run__condition",
    "category": "response__prompt__category",
    "language": "response__prompt__language",
    "complexity": "response__prompt__complexity",
}
USUAL = ("model", "condition", "category")
BATCH = 2000


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
    _check(by)
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


def _check(by: Sequence[str]) -> None:
    for name in by:
        if name not in FIELDS:
            raise Refused(
                _("Strata can’t be made of “%(name)s”. They can be made of: %(names)s.")
                % {"name": name[:80], "names": ", ".join(FIELDS)}
            )


def _units(
    study: Study, by: Sequence[str], oversample: Sequence[Oversampled]
) -> tuple[list[int], list[tuple[tuple[str, ...], tuple[bool, ...]]]]:
    """Ids and strata of all responses, in an order that every database gives: of the file, not of the ids."""
    classes = [members(study, one) for one in oversample]
    origins = Origin.objects.filter(run__study=study)
    rows = origins.values_list(
        "run__model", "run__condition", "external_id", "response_id", *(FIELDS[name] for name in by)
    )
    units = sorted(rows, key=lambda row: row[:3])
    return [row[3] for row in units], [
        (tuple(row[4:]), tuple(row[3] in within for within in classes)) for row in units
    ]
