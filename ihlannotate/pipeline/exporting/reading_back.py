"""A benchmark bundle -> a study in the state that was bundled: all of it or nothing, and only if it is what it says."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _

from ihlannotate.models.event import record
from ihlannotate.models.gold import GoldLabel, GoldRelease
from ihlannotate.models.item import Prompt, Response
from ihlannotate.models.rubric import Criterion
from ihlannotate.models.study import Study
from ihlannotate.models.user import User
from ihlannotate.phrases import Phrase
from ihlannotate.pipeline.exporting.bundle import FORMAT, VERSION
from ihlannotate.pipeline.exporting.bundle_rows import Rows, read_judges, read_origins, read_sample
from ihlannotate.pipeline.founding import found_study
from ihlannotate.pipeline.importing import file_sha256, sha256
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.releasing import document
from ihlannotate.readers.base import ReadError
from ihlannotate.readers.bundle import Bundle, open_bundle
from ihlannotate.readers.bundle_records import (
    LabelRecord,
    PromptRecord,
    ReleaseRecord,
    ResponseRecord,
    StudyRecord,
)
from ihlannotate.readers.rubric import RubricSpec, content_sha256, from_canonical


@dataclass(frozen=True)
class ReadBack:
    """What a bundle became."""

    study: str
    state: str
    blinded: bool
    prompts: int
    responses: int
    gold_release: int
    labels: int
    judges: int


def import_bundle(path: Path, *, slug: str, actor: User | None) -> ReadBack:
    """Found a study from a bundle: rubric, prompts, responses, gold release with datasheet, origins and judges.

    The labels must be those that the release's SHA-256 was made of. Annotations are not in a bundle, so the
    study can be exported and its judges looked at, but no new gold can be made of it. Raises Refused, saying which
    file is at fault, and saves nothing: a file that cannot be read or is not what the manifest says, a study of this
    name, or with these responses, that is already there.
    """
    try:
        with open_bundle(path, format=FORMAT, version=VERSION) as bundle, transaction.atomic():
            return _Reader(bundle, slug, actor).read(file_sha256(path))
    except ReadError as error:
        raise Refused(str(error)) from error
    except (IntegrityError, DataError, OverflowError) as error:
        raise Refused(
            _("%(name)s contradicts itself or does not fit: nothing was imported.") % {"name": path.name}
        ) from error


class _Reader:
    """One bundle on its way into the database; `prompts` and `responses` are ids by hash and by code."""

    def __init__(self, bundle: Bundle, slug: str, actor: User | None) -> None:
        self.rows, self.slug, self.actor = Rows(bundle), slug, actor
        self.prompts: dict[str, int] = {}
        self.responses: dict[str, int] = {}
        self.labels = self.judges = 0

    def read(self, digest: str) -> ReadBack:
        stated = self.rows.one("study.json", StudyRecord)
        study = self._found(stated)
        self.criteria = dict(Criterion.objects.filter(rubric=study.rubric_id).values_list("key", "pk"))
        self._items(study)
        release = self._release(study)
        if stated.unblinded_at:
            read_origins(self.rows, study, responses=self.responses)
            read_sample(self.rows, study, responses=self.responses)
            self.judges = read_judges(self.rows, study, responses=self.responses, criteria=self.criteria)
        data = {"sha256": digest, "release": release.number, "responses": len(self.responses)}
        record(study, "bundle.imported", actor=self.actor, data=data)
        return ReadBack(
            study=study.slug,
            state=str(study.state),
            blinded=not study.is_unblinded,
            prompts=len(self.prompts),
            responses=len(self.responses),
            gold_release=release.number,
            labels=self.labels,
            judges=self.judges,
        )

    def _found(self, stated: StudyRecord) -> Study:
        spec = self._rubric()
        self.levels = {one.key: one.values for one in spec.criteria}
        study = found_study(
            slug=self.slug,
            title=stated.title,
            spec=spec,
            actor=self.actor,
            overlap=stated.overlap,
            epsilon=stated.epsilon,
            description=stated.description,
            seed=stated.seed,
            guidelines=stated.guidelines,
            content_notice=stated.content_notice,
        )
        study.opened_at = self.rows.time(stated.opened_at, "study.json")
        study.closed_at = self.rows.time(stated.closed_at, "study.json")
        if stated.unblinded_at:
            study.unblinded_at = self.rows.time(stated.unblinded_at, "study.json")
        study.save(update_fields=["opened_at", "closed_at", "unblinded_at"])
        return study

    def _rubric(self) -> RubricSpec:
        text = self.rows.bundle.text("rubric.json")
        try:
            spec = from_canonical(text)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise self.rows.wrong("rubric.json", Phrase("this is not a rubric")) from error
        if content_sha256(spec) != sha256(text):
            raise self.rows.wrong("rubric.json", Phrase("this is not a rubric"))
        return spec

    def _items(self, study: Study) -> None:
        for prompts in self.rows.batches("prompts.jsonl", PromptRecord):
            for one in prompts:
                if sha256(one.text) != one.prompt:
                    raise self.rows.wrong("prompts.jsonl", Phrase("a prompt is not known by its SHA-256"))
            made = Prompt.objects.bulk_create(
                Prompt(
                    study=study,
                    text=one.text,
                    text_sha256=one.prompt,
                    language=one.language,
                    category=one.category,
                    complexity=one.complexity,
                    rules=one.rules,
                )
                for one in prompts
            )
            self.prompts |= {one.text_sha256: one.pk for one in made}
        for responses in self.rows.batches("responses.jsonl", ResponseRecord):
            self._refuse_present([one.response for one in responses])
            saved = Response.objects.bulk_create(
                Response(
                    study=study,
                    prompt_id=self.rows.known(self.prompts, one.prompt, "responses.jsonl"),
                    code=one.response,
                    text=one.text,
                    text_sha256=sha256(one.text),
                )
                for one in responses
            )
            self.responses |= {one.code: one.pk for one in saved}

    def _refuse_present(self, codes: list[str]) -> None:
        there = Response.objects.filter(code__in=codes).values_list("study__slug", flat=True).first()
        if there:
            raise Refused(
                _(
                    "%(name)s holds responses that are already in study “%(slug)s”: a response is in one study. "
                    "Import the bundle into another installation."
                )
                % {"name": self.rows.bundle.file, "slug": there}
            )

    def _release(self, study: Study) -> GoldRelease:
        name = "release.json"
        said = self.rows.one(name, ReleaseRecord)
        text = self.rows.bundle.text("datasheet.md")
        start = text.find("\n## ") + 1
        release = GoldRelease(
            study=study,
            number=said.number,
            method=said.method,
            parameters=said.parameters,
            seed=said.seed,
            rubric_sha256=said.rubric_sha256,
            code_version=said.code_version,
            counts=said.counts,
            fits=said.fits,
            sha256=said.sha256,
            datasheet=text[start:] if start else "",
            released_at=self.rows.time(said.released_at, name),
        )
        if said.rubric_sha256 != study.rubric.sha256 or not _same_but_for_the_title(release, text):
            raise self.rows.wrong(name, Phrase("it does not belong to this rubric and datasheet"))
        # Raw, as fixtures are loaded: the release keeps the time when it was made.
        release.save_base(raw=True, force_insert=True)
        digest = hashlib.sha256()
        for labels in self.rows.batches("gold.jsonl", LabelRecord):
            GoldLabel.objects.bulk_create(self._label(release, one) for one in labels)
            self.labels += len(labels)
            for one in labels:
                digest.update(_line(one))
        digest.update(release.datasheet.encode())
        if digest.hexdigest() != said.sha256:
            raise self.rows.wrong(
                "gold.jsonl", Phrase("these are not the labels and the datasheet that were released")
            )
        return release

    def _label(self, release: GoldRelease, one: LabelRecord) -> GoldLabel:
        criterion = self.rows.known(self.criteria, one.criterion, "gold.jsonl")
        levels = self.levels[one.criterion]
        if one.value and not (one.value in levels and _is_posterior(one.posterior, levels)):
            what = Phrase(
                "the label “%(value)s” of “%(key)s” is no level of it, or has no posterior over its levels",
                value=one.value[:100],
                key=one.criterion,
            )
            raise self.rows.wrong("gold.jsonl", what)
        return GoldLabel(
            release=release,
            response_id=self.rows.known(self.responses, one.response, "gold.jsonl"),
            criterion_id=criterion,
            value=one.value,
            tier=one.tier,
            n=one.n,
            counts=one.counts,
            posterior=one.posterior,
        )


def _same_but_for_the_title(release: GoldRelease, text: str) -> bool:
    """Whether a datasheet is the release's own, whatever study its first line names."""
    try:
        own = document(release)
    except (KeyError, TypeError):
        return False
    return own.partition("\n")[2] == text.partition("\n")[2]


def _is_posterior(posterior: Mapping[str, object], levels: Collection[str]) -> bool:
    """Whether these are probabilities of levels, as they are stored: with twelve decimals."""
    shares = [
        one
        for level, one in posterior.items()
        if level in levels and isinstance(one, int | float) and one >= 0
    ]
    return len(shares) == len(posterior) and abs(sum(shares) - 1) <= 1e-6


def _line(label: LabelRecord) -> bytes:
    """A label as a release's SHA-256 covers it."""
    line = [label.response, label.criterion, label.value, label.tier, label.n, label.counts, label.posterior]
    return json.dumps(line, sort_keys=True, separators=(",", ":")).encode() + b"\n"
