"""Aggregation -> GoldRelease: a numbered snapshot of gold labels that nothing changes afterwards."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

import ihlannotate
from ihlannotate.models.event import record
from ihlannotate.models.gold import Adjudication, GoldLabel, GoldRelease
from ihlannotate.models.item import Response
from ihlannotate.models.rubric import Criterion
from ihlannotate.models.study import Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.agreement import levelled_criteria, ratings_of
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.stats.aggregation import dawid_skene, tiers

METHOD = "majority"
STARTS = 20
SMOOTHING = 0.01
Tier = GoldLabel.Tier


@dataclass(frozen=True)
class Label:
    """The gold value of one response for one criterion, before it is saved.

    `value` is empty where the annotators found no majority and nobody settled it, or where the adjudicator
    recorded that reasonable lawyers differ. `counts` and `posterior` are by level value.
    """

    response_id: int
    criterion: str
    value: str
    tier: str
    n: int
    counts: dict[str, int]
    posterior: dict[str, float]


@dataclass(frozen=True)
class Released:
    study: str
    number: int
    method: str
    sha256: str
    counts: dict[str, dict[str, int]]  # criterion -> tier -> how many

    def as_dict(self) -> dict[str, Any]:
        return {
            "study": self.study,
            "release": self.number,
            "method": self.method,
            "sha256": self.sha256,
            "counts": self.counts,
        }


def gold_labels(study: Study, *, seed: int, posteriors: bool = True) -> Iterator[Label]:
    """The gold labels of a study as its annotations and adjudications stand now, by criterion and response.

    The value is the adjudicated one where there is one, else the level of more than half of the annotators. The
    posterior is that of Dawid and Skene's model, drawn from `seed`; an adjudicated value is certain. A preview
    does without `posteriors` (they are then empty), because fitting the model takes seconds.
    """
    ids = dict(Criterion.objects.filter(rubric=study.rubric_id).values_list("key", "pk"))
    for spec in levelled_criteria(study):
        yield from _labels_of(study, spec, ids[spec.key], seed, posteriors)


def _labels_of(
    study: Study, spec: CriterionSpec, criterion_id: int, seed: int, posteriors: bool
) -> Iterator[Label]:
    levels = [option.value for option in spec.options]
    ratings = ratings_of(study, spec, criterion_id)
    settled = dict(
        Adjudication.objects.filter(study=study, criterion=criterion_id)
        .order_by("number")
        .values_list("response_id", "value")
    )
    counts = np.stack([(ratings.codes == k).sum(axis=0) for k in range(len(levels))], axis=1)
    model = dawid_skene(
        ratings.codes, level_count=len(levels), smoothing=SMOOTHING, starts=STARTS, seed=seed
    ) if posteriors and ratings.codes.size else None  # fmt: skip
    vote = tiers(counts)
    for unit, (response, tier) in enumerate(zip(ratings.responses.tolist(), vote.names(), strict=True)):
        winner = int(vote.winner[unit])
        probabilities = zip(levels, model.posterior[unit].tolist(), strict=True) if model else ()
        label = Label(
            response_id=response,
            criterion=spec.key,
            value=levels[winner] if winner >= 0 else "",
            tier=tier,
            n=int(vote.n[unit]),
            counts={level: int(n) for level, n in zip(levels, counts[unit], strict=True) if n},
            posterior={level: round(p, 12) for level, p in probabilities},
        )
        yield _decided(label, settled.pop(response)) if response in settled else label
    for response, value in sorted(settled.items()):
        yield _decided(Label(response, spec.key, value, Tier.ADJUDICATED, 0, {}, {}), value)


def _decided(label: Label, value: str) -> Label:
    """An adjudication decides, also against a unanimous vote; “reasonable lawyers differ” leaves no value."""
    posterior = label.posterior
    if value:
        posterior = dict.fromkeys(posterior, 0.0) | {value: 1.0}
    return Label(
        label.response_id, label.criterion, value, Tier.ADJUDICATED, label.n, label.counts, posterior
    )


@transaction.atomic
def release_gold(study: Study, *, actor: User | None, seed: int | None = None) -> Released:
    """Release the gold labels of a closed study as its next numbered snapshot.

    The same annotations, adjudications and seed give the same SHA-256. Raises Refused: study not closed, nothing
    annotated.
    """
    study = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    if not study.closed_at:
        raise Refused(
            _("Study “%(slug)s” is %(state)s. Close it first; then release its gold labels.")
            % {"slug": study.slug, "state": study.state.label}
        )
    seed = study.seed if seed is None else seed
    labels = list(gold_labels(study, seed=seed))
    if not labels:
        raise Refused(
            _("Study “%(slug)s” has no annotations, so there is nothing to release.") % {"slug": study.slug}
        )
    counts: dict[str, Counter[str]] = {}
    for label in labels:
        counts.setdefault(label.criterion, Counter())[str(label.tier)] += 1
    plain = {key: dict(sorted(tally.items())) for key, tally in counts.items()}
    digest = _digest(study, labels)
    release = GoldRelease.objects.create(
        study=study,
        number=study.gold_releases.count() + 1,
        method=METHOD,
        parameters={"posterior": "dawid-skene", "smoothing": SMOOTHING, "starts": STARTS},
        seed=seed,
        rubric_sha256=study.rubric.sha256,
        code_version=ihlannotate.__version__,
        counts=plain,
        sha256=digest,
        released_by=actor,
    )
    _save(release, study, labels)
    record(study, "gold.released", actor=actor, data={"release": release.number, "sha256": digest})
    return Released(study.slug, release.number, METHOD, digest, plain)


def _digest(study: Study, labels: list[Label]) -> str:
    """SHA-256 over a line of canonical JSON for each label, responses by their codes."""
    codes = dict(Response.objects.filter(study=study).values_list("pk", "code"))
    digest = hashlib.sha256()
    for label in labels:
        line = [
            codes[label.response_id],
            label.criterion,
            label.value,
            str(label.tier),
            label.n,
            label.counts,
            label.posterior,
        ]
        digest.update(json.dumps(line, sort_keys=True, separators=(",", ":")).encode() + b"\n")
    return digest.hexdigest()


def _save(release: GoldRelease, study: Study, labels: list[Label]) -> None:
    ids = dict(Criterion.objects.filter(rubric=study.rubric_id).values_list("key", "pk"))
    rows = (
        GoldLabel(
            release=release,
            response_id=label.response_id,
            criterion_id=ids[label.criterion],
            value=label.value,
            tier=label.tier,
            n=label.n,
            counts=label.counts,
            posterior=label.posterior,
        )
        for label in labels
    )
    while batch := list(islice(rows, 1000)):
        GoldLabel.objects.bulk_create(batch)


def latest_release(study: Study) -> GoldRelease | None:
    """The study's newest release of gold labels."""
    return study.gold_releases.order_by("-number").first()
