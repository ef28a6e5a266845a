"""From the external ids of a file to the responses that bear them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from ihlannotate.models.item import Response
from ihlannotate.models.provenance import Origin
from ihlannotate.models.study import Study


@dataclass(frozen=True)
class Matched:
    response_id: int
    prompt_id: int


def match_responses(
    study: Study, external_ids: Sequence[str], *, model: str = ""
) -> dict[str, list[Matched]]:
    """The responses that bear these external ids, in the runs of one model or, without it, of all.

    More than one response behind an id means that the caller must ask which run is meant.
    """
    found: dict[str, list[Matched]] = {}
    origins = Origin.objects.filter(
        Q(run__model=model) if model else Q(), run__study=study, external_id__in=list(external_ids)
    )
    for external_id, response_id, prompt_id in origins.values_list(
        "external_id", "response_id", "response__prompt_id"
    ):
        found.setdefault(external_id, []).append(Matched(response_id, prompt_id))
    return found


def code_of(response_id: int) -> str:
    """The opaque code of a response."""
    return Response.objects.values_list("code", flat=True).get(pk=response_id)
