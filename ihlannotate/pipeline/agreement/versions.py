"""Which state of a study a figure was computed from, and figures that are kept as long as that state lasts."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import TypeVar

from django.core.cache import caches

import ihlannotate
from ihlannotate.models.event import GENESIS, Event
from ihlannotate.models.study import Study

T = TypeVar("T")
CACHE = "figures"  # in settings.CACHES
SECONDS = 24 * 60 * 60
INERT = (
    "study.exported",
    "disagreement.tagged",
    "opinion.given",
    "note.written",
)  # acts that no figure is made of


def data_version(study: Study) -> str:
    """A digest that changes with every act upon the study that a figure could follow, and with the code's version.

    It is taken from the newest event: an act that changes annotations, adjudications, members or settings records
    one in its own transaction.
    """
    acts = Event.objects.filter(study=study).exclude(verb__in=INERT)
    newest = acts.order_by("-number").values_list("digest", flat=True).first()
    said = f"{ihlannotate.__version__} {study.pk} {newest or GENESIS}"
    return hashlib.sha256(said.encode()).hexdigest()


def kept(
    study: Study,
    kind: str,
    parameters: Mapping[str, int | str],
    compute: Callable[[], T],
) -> T:
    """What `compute` makes of the study now: computed if its data version is not that of what was kept.

    `kind` and `parameters` tell results apart. The version is read before computing, so that what is committed
    meanwhile may be in the result but never goes unnoticed. One result is kept for each kind and parameters, not
    one for each version. It is pickled: a frozen dataclass without texts of the reader's language.
    """
    version = data_version(study)
    name = json.dumps([study.pk, kind, dict(parameters)], sort_keys=True)
    key = hashlib.sha256(name.encode()).hexdigest()
    found: tuple[str, T] | None = caches[CACHE].get(key)
    if found is not None and found[0] == version:
        return found[1]
    result = compute()
    caches[CACHE].set(key, (version, result), SECONDS)
    return result
