"""The release itself: labels, fits and datasheet as they come of the data now, frozen under the next number."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
import scipy
from django.db import transaction
from django.utils.translation import gettext as _

import ihlannotate
from ihlannotate.models.event import GENESIS, Event, record
from ihlannotate.models.gold import GoldLabel, GoldRelease
from ihlannotate.models.item import Response
from ihlannotate.models.study import Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.agreement import data_version, levelled_criteria, ratings_of
from ihlannotate.pipeline.importing import Progress, silent
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.releasing.confidence import Confidence, confidence_question, level_weights
from ihlannotate.pipeline.releasing.datasheet import Gold, datasheet
from ihlannotate.pipeline.releasing.fitting import SMOOTHING, STARTS, Fit, fit_of, fitted
from ihlannotate.pipeline.releasing.settling import (
    FloatArray,
    IntArray,
    Label,
    Settled,
    adjudications_of,
    criterion_ids,
    settle_votes,
    standing,
    where_they_apply,
)
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.stats.reliability import rating_counts

METHOD = "majority"
ATTEMPTS = 3  # at a study in which somebody adjudicates meanwhile
BATCH = 1000


@dataclass(frozen=True)
class AuditHead:
    """Where a study's log stood: the number and the digest of its newest event (0 where there is none)."""

    number: int
    digest: str

    def as_dict(self) -> dict[str, Any]:
        return {"number": self.number, "digest": self.digest}


@dataclass(frozen=True)
class Released:
    """What a release came to. `fits`: criterion -> its model, where anybody rated."""

    study: str
    number: int
    method: str
    sha256: str
    counts: Mapping[str, Mapping[str, int]]  # criterion -> tier -> how many
    seed: int
    audit: AuditHead
    fits: Mapping[str, Fit]

    def as_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {
            "study": self.study,
            "release": self.number,
            "method": self.method,
            "sha256": self.sha256,
            "counts": self.counts,
            "seed": self.seed,
            "audit": self.audit.as_dict(),
            "fits": {key: fit.as_dict() for key, fit in self.fits.items()},
        }


@dataclass(frozen=True)
class _Aggregated:
    """One criterion as it will be released; `order` are its units by the responses' random codes."""

    settled: Settled
    order: IntArray
    posterior: FloatArray | None
    fit: Fit | None

    def labels(self) -> Iterator[Label]:
        return self.settled.labels(self.order, np.zeros((0, 0)) if self.posterior is None else self.posterior)


@dataclass(frozen=True)
class _Content:
    """All that a release holds, before it has a number. `sha256` covers the labels and the datasheet."""

    criteria: tuple[_Aggregated, ...]
    parameters: Mapping[str, Any]
    datasheet: str
    sha256: str

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        return {one.settled.criterion: one.settled.by_tier() for one in self.criteria}

    @property
    def fits(self) -> dict[str, Fit]:
        return {one.settled.criterion: one.fit for one in self.criteria if one.fit}


def release_gold(
    study: Study, *, actor: User | None, seed: int | None = None, progress: Progress = silent
) -> Released:
    """Release the gold labels of a closed study as its next numbered snapshot.

    The same annotations, adjudications, people and seed give the same labels, datasheet and SHA-256. Nothing is
    locked while the models are fitted. Raises Refused: study not closed, nothing annotated, changed all the while.
    """
    study = Study.objects.select_related("rubric").get(pk=study.pk)
    check_releasable(study)
    seed = study.seed if seed is None else seed
    for _attempt in range(ATTEMPTS):
        version = data_version(study)
        content = _content(study, seed, progress)
        progress(_("Saving the labels"), 0, 0)
        released = _save_unless_changed(study, content, seed=seed, version=version, actor=actor)
        if released:
            return released
    raise Refused(_("The study changed while its labels were made. Nothing was released; try again."))


def check_releasable(study: Study) -> None:
    """Raise Refused where a study's gold can't be released: it is not closed, or nothing was annotated."""
    if not study.closed_at:
        raise Refused(
            _("Study “%(slug)s” is %(state)s. Close it first; then release its gold labels.")
            % {"slug": study.slug, "state": study.state.label}
        )
    if not standing(study):
        raise Refused(
            _("Study “%(slug)s” has no annotations, so there is nothing to release.") % {"slug": study.slug}
        )


def _content(study: Study, seed: int, progress: Progress) -> _Content:
    codes = dict(Response.objects.filter(study=study).values_list("pk", "code"))
    found: list[_Aggregated] = []
    ids, specs = criterion_ids(study), levelled_criteria(study)
    question = confidence_question(study) if study.weigh_by_confidence else None
    confidence = Confidence(study, question, ids[question.key]) if question else None
    for done, spec in enumerate(specs):
        progress(_("Fitting the model of each question"), done, len(specs))
        one = _aggregated(study, spec, ids[spec.key], confidence, codes, seed)
        if len(one.order):
            found.append(one)
    applying = where_they_apply(specs, [one.settled for one in found])
    found = [replace(one, settled=settled) for one, settled in zip(found, applying, strict=True)]
    progress(_("Writing the datasheet"), len(specs), len(specs))
    weights = dict(zip(question.values, level_weights(question), strict=True)) if question else None
    parameters = {
        "posterior": "dawid-skene",
        "smoothing": SMOOTHING,
        "starts": STARTS,
        "weights": weights,
        "numpy": np.__version__,
        "scipy": scipy.__version__,
    }
    gold = Gold(
        method=METHOD,
        seed=seed,
        weights=weights,
        settled=tuple(one.settled for one in found),
        fits={one.settled.criterion: one.fit for one in found if one.fit},
    )
    text = datasheet(study, gold)
    return _Content(tuple(found), parameters, text, _digest(found, codes, text))


def _aggregated(
    study: Study,
    spec: CriterionSpec,
    criterion_id: int,
    confidence: Confidence | None,
    codes: Mapping[int, str],
    seed: int,
) -> _Aggregated:
    ratings = ratings_of(study, spec, criterion_id)
    counts = rating_counts(ratings.codes, len(spec.options))
    settled = settle_votes(spec, counts, ratings.responses, adjudications_of(study, criterion_id))
    by_code = sorted(range(len(settled.responses)), key=lambda unit: codes[int(settled.responses[unit])])
    weights = confidence.of(ratings) if confidence else None
    model = fitted(spec, ratings, weights=weights, seed=seed)
    return _Aggregated(
        settled,
        np.array(by_code, dtype=np.int64),
        model.posterior if model else None,
        fit_of(ratings, model, settled, seed=seed) if model else None,
    )


def _digest(criteria: list[_Aggregated], codes: Mapping[int, str], datasheet: str) -> str:
    """SHA-256 over a line of canonical JSON for each label, responses by their codes, and the datasheet."""
    digest = hashlib.sha256()
    for one in criteria:
        for label in one.labels():
            line = [
                codes[label.response_id],
                label.criterion,
                label.value,
                label.tier,
                label.n,
                label.counts,
                label.posterior,
            ]
            digest.update(json.dumps(line, sort_keys=True, separators=(",", ":")).encode() + b"\n")
    digest.update(datasheet.encode())
    return digest.hexdigest()


@transaction.atomic
def _save_unless_changed(
    study: Study, content: _Content, *, seed: int, version: str, actor: User | None
) -> Released | None:
    """The release, saved; None where the study is no longer the one that the content was made of."""
    Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    if data_version(study) != version:
        return None
    audit = audit_head(study)
    release = GoldRelease.objects.create(
        study=study,
        number=study.gold_releases.count() + 1,
        method=METHOD,
        parameters={**content.parameters, "audit": audit.as_dict()},
        seed=seed,
        rubric_sha256=study.rubric.sha256,
        code_version=ihlannotate.__version__,
        counts=content.counts,
        sha256=content.sha256,
        fits={key: fit.as_dict() for key, fit in content.fits.items()},
        datasheet=content.datasheet,
        released_by=actor,
    )
    ids = criterion_ids(study)
    for one in content.criteria:
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
            for label in one.labels()
        )
        while batch := list(islice(rows, BATCH)):
            GoldLabel.objects.bulk_create(batch)
    data = {"release": release.number, "sha256": release.sha256}
    record(study, "gold.released", actor=actor, data=data)
    return Released(
        study.slug, release.number, METHOD, release.sha256, content.counts, seed, audit, content.fits
    )


def audit_head(study: Study) -> AuditHead:
    """The newest event of a study's log that is not an export; all before it follows from its digest.

    An export that named an earlier export could not be made twice with the same bytes.
    """
    acts = Event.objects.filter(study=study).exclude(verb="study.exported")
    newest = acts.order_by("-number").values_list("number", "digest").first()
    return AuditHead(*newest) if newest else AuditHead(0, GENESIS)


def latest_release(study: Study) -> GoldRelease | None:
    """The study's newest release of gold labels."""
    return study.gold_releases.order_by("-number").first()
