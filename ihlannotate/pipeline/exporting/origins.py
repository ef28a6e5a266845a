"""Columns that several tables share; among them where a response came from, once that may be told."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ihlannotate.models.provenance import Origin
from ihlannotate.models.study import Study
from ihlannotate.pipeline.sampling import has_sample
from ihlannotate.writers import Column
from ihlannotate.writers.base import Cell

BATCH = 500
CODE = Column(
    "response", width=17, help="Opaque code of the response; the same in every table of this export."
)
PROMPT = Column("prompt", width=50, help="What the system was asked.")
INCLUSION = Column(
    "inclusion_probability",
    "number",
    help="How likely the response was to be in the study's sample; weigh by its inverse.",
)


@dataclass(frozen=True)
class Origins:
    """Which model and condition wrote a response, where that may be told; otherwise nothing at all.

    In a study with a sample (`sampled`) how likely the response was to be drawn comes with it, and is as secret: it
    tells the stratum.
    """

    unblinded: bool
    sampled: bool = False
    columns: tuple[Column, ...] = field(
        default=(
            Column("model", width=18, help="The model that wrote the response."),
            Column("condition", width=14, help="The condition under which it was asked."),
            Column("external_id", width=14, help="The id of the response in the imported file."),
        )
    )

    def shown(self) -> tuple[Column, ...]:
        if not self.unblinded:
            return ()
        return (*self.columns, INCLUSION) if self.sampled else self.columns

    def of(self, responses: Sequence[int]) -> dict[int, tuple[Cell, ...]]:
        if not self.unblinded:
            return {}
        rows = Origin.objects.filter(response__in=responses).values_list(
            "response_id",
            "run__model",
            "run__condition",
            "external_id",
            *(["response__inclusion__probability"] if self.sampled else []),
        )
        return {row[0]: row[1:] for row in rows}


def origins_of(study: Study) -> Origins:
    """What may be told of where a study's responses came from."""
    return Origins(study.is_unblinded, has_sample(study))
