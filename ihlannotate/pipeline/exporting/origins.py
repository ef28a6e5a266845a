"""Columns that several tables share; among them where a response came from, once that may be told."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ihlannotate.models.provenance import Origin
from ihlannotate.writers import Column

BATCH = 500
CODE = Column(
    "response", width=17, help="Opaque code of the response; the same in every table of this export."
)
PROMPT = Column("prompt", width=50, help="What the system was asked.")


@dataclass(frozen=True)
class Origins:
    """Which model and condition wrote a response, where that may be told; otherwise nothing at all."""

    unblinded: bool
    columns: tuple[Column, ...] = field(
        default=(
            Column("model", width=18, help="The model that wrote the response."),
            Column("condition", width=14, help="The condition under which it was asked."),
            Column("external_id", width=14, help="The id of the response in the imported file."),
        )
    )

    def shown(self) -> tuple[Column, ...]:
        return self.columns if self.unblinded else ()

    def of(self, responses: Sequence[int]) -> dict[int, tuple[str, ...]]:
        if not self.unblinded:
            return {}
        rows = Origin.objects.filter(response__in=responses).values_list(
            "response_id", "run__model", "run__condition", "external_id"
        )
        return {row[0]: row[1:] for row in rows}
