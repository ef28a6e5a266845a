"""A study's known items: imported from a file, listed for the coordinator, retired and brought back."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ihlannotate.models.event import record
from ihlannotate.models.known import KnownItem
from ihlannotate.models.study import Study
from ihlannotate.models.user import User
from ihlannotate.phrases import Phrase
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.refusals import Problem, Refused
from ihlannotate.readers.base import ReadError
from ihlannotate.readers.known_items import KnownFile, KnownSpec, read_known_items

Purpose = KnownItem.Purpose


@dataclass(frozen=True)
class ImportedKnown:
    """What an import of known items did."""

    training_new: int
    attention_new: int
    unchanged: int

    def as_dict(self) -> dict[str, Any]:
        """The stable JSON form: `{"training_new", "attention_new", "unchanged"}`."""
        return {
            "training_new": self.training_new,
            "attention_new": self.attention_new,
            "unchanged": self.unchanged,
        }


@dataclass(frozen=True)
class KnownLine:
    """One known item in the coordinator's list. `attempts` counts submissions that stand."""

    name: str
    purpose: str
    prompt: str
    key: tuple[tuple[str, str], ...]  # title of the criterion, labels of the accepted answers
    attempts: int
    retired_at: datetime | None


def import_known(study: Study, text: str, *, name: str, actor: User | None) -> ImportedKnown:
    """Add the known items of a YAML text, called `name` in messages. All of them or none.

    An item that is already there, unchanged, stays as it is. Raises Refused, with every problem: entries that can't
    be read or do not fit the rubric, a name that is taken by an item with other content, a closed study.
    """
    file = _read(study, text, name)
    with transaction.atomic():
        Study.hold(study.pk)
        # One import at a time: two would give items the same place.
        study = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
        if study.closed_at:
            raise Refused(_("This study is closed: nobody trains or rates in it any more."))
        there = {item.name: item for item in KnownItem.objects.filter(study=study)}
        new = [item for item in file.items if item.name not in there]
        _check_same(there, file.items, name)
        place = KnownItem.objects.filter(study=study).aggregate(last=Max("position"))["last"] or 0
        KnownItem.objects.bulk_create(
            _made(study, item, position) for position, item in enumerate(new, start=place + 1)
        )
        report = ImportedKnown(
            training_new=sum(item.use == Purpose.TRAINING for item in new),
            attention_new=sum(item.use == Purpose.ATTENTION for item in new),
            unchanged=len(file.items) - len(new),
        )
        if new:
            data = {"sha256": hashlib.sha256(text.encode()).hexdigest(), **report.as_dict()}
            record(study, "known_items.imported", actor=actor, data=data)
    return report


def _read(study: Study, text: str, name: str) -> KnownFile:
    try:
        file = read_known_items(text, spec_of(study.rubric))
    except ReadError as error:
        raise Refused(Phrase("%(place)s: %(what)s", place=name, what=str(error))) from error
    if file.problems:
        raise Refused(
            _("%(name)s: nothing was imported. Mend these and import the file again:") % {"name": name},
            problems=tuple(Problem(str(problem)) for problem in file.problems),
        )
    return file


def _check_same(there: Mapping[str, KnownItem], items: tuple[KnownSpec, ...], name: str) -> None:
    changed = [item for item in items if item.name in there and not _same(there[item.name], item)]
    if changed:
        words = _(
            "there is already an item “%(name)s” with other content. Items never change: give this one a new name, "
            "and retire the old one"
        )
        raise Refused(
            _("%(name)s: nothing was imported. Mend these and import the file again:") % {"name": name},
            problems=tuple(Problem(words % {"name": item.name}, conflict=True) for item in changed),
        )


def _same(there: KnownItem, item: KnownSpec) -> bool:
    old = (there.purpose, there.prompt, there.response, there.language, there.key, there.explanation)
    return old == (item.use, item.prompt, item.response, item.language, _key(item), item.explanation)


def _key(item: KnownSpec) -> dict[str, list[str]]:
    return {name: list(values) for name, values in item.key.items()}


def _made(study: Study, item: KnownSpec, position: int) -> KnownItem:
    return KnownItem(
        study=study,
        name=item.name,
        purpose=item.use,
        position=position,
        prompt=item.prompt,
        response=item.response,
        language=item.language,
        key=_key(item),
        explanation=item.explanation,
    )


def known_items(study: Study) -> list[KnownLine]:
    """The study's known items, training first, in the order in which they were imported."""
    spec = spec_of(study.rubric)
    standing = Count("sheets__attempts", filter=Q(sheets__attempts__withdrawn=False))
    items = KnownItem.objects.filter(study=study).annotate(attempts=standing).order_by("-purpose", "position")
    lines = []
    for item in items:
        key = tuple(
            (
                spec.criterion(name).title,
                ", ".join(one.label for one in spec.criterion(name).options if one.value in values),
            )
            for name, values in item.key.items()
        )
        lines.append(KnownLine(item.name, item.purpose, item.prompt, key, item.attempts, item.retired_at))
    return lines


@transaction.atomic
def retire(item: KnownItem, *, actor: User | None) -> None:
    """Hand the item out to nobody from now on; attempts on it are kept. Once retired, it stays so."""
    if KnownItem.objects.filter(pk=item.pk, retired_at=None).update(retired_at=timezone.now()):
        record(item.study, "known_item.retired", actor=actor, data={"item": item.name})


@transaction.atomic
def bring_back(item: KnownItem, *, actor: User | None) -> None:
    """Hand a retired item out again."""
    if KnownItem.objects.filter(pk=item.pk, retired_at__isnull=False).update(retired_at=None):
        record(item.study, "known_item.brought_back", actor=actor, data={"item": item.name})


def said_of(report: ImportedKnown) -> str:
    """What an import did, in a sentence or two."""
    if not report.training_new and not report.attention_new:
        return _("Nothing changed: all of these items were already there.")
    training = ngettext("%(n)s training item", "%(n)s training items", report.training_new)
    attention = ngettext("%(n)s attention item", "%(n)s attention items", report.attention_new)
    return _("Imported: %(training)s and %(attention)s. Already there: %(unchanged)s.") % {
        "training": training % {"n": report.training_new},
        "attention": attention % {"n": report.attention_new},
        "unchanged": report.unchanged,
    }
