"""Parts of a study that agreement is also measured on: by category, language, rule group and complexity of the prompt.

Never by model or condition: nothing here knows them.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby

import numpy as np
import yaml
from numpy.typing import NDArray

from ihlannotate.models.item import Prompt
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement.columns import CHUNK, IntArray
from ihlannotate.pipeline.founding import FIXTURES

MOST = 40  # slices of one kind; more would be read by nobody
KINDS = ("category", "language", "rule group", "complexity")


@dataclass(frozen=True)
class Slicing:
    """The slices of one `kind`: their `names` (S) and which prompts belong (`members`, S × P).

    A prompt may belong to several (it can concern several rules) or to none. `left_out` smaller ones are missing.
    """

    kind: str
    names: tuple[str, ...]
    members: NDArray[np.bool_]
    left_out: int


@dataclass(frozen=True)
class Slicings:
    """`prompts` (P, database ids, ascending) of a study, and its slicings in the order of KINDS."""

    prompts: IntArray
    slicings: tuple[Slicing, ...]

    def of_units(self, slicing: Slicing, prompts: IntArray) -> NDArray[np.bool_]:
        """Which of U units belong to each slice (S × U), by the units' `prompts` (U, database ids of the study)."""
        return slicing.members[:, np.searchsorted(self.prompts, prompts)]


@cache
def rule_groups() -> Mapping[str, str]:
    """The group of each rule of customary IHL, by its number, in the order of the taxonomy that ships."""
    rules = yaml.safe_load((FIXTURES / "ihl_rules.yaml").read_text(encoding="utf-8"))
    return {str(rule["number"]): rule["group"] for rule in rules}


def groups_of(rules: str) -> tuple[str, ...]:
    """The rule groups that a prompt's rule numbers, as “1;7”, belong to, each once. Unknown numbers have none.

    >>> groups_of("1;2;7;900")
    ('Civilians and combatants', 'Civilian objects and military objectives')
    """
    known = rule_groups()
    named = (known.get(number, "") for number in re.findall(r"\d+", rules))
    return tuple(dict.fromkeys(name for name in named if name))


def slicings_of(study: Study) -> Slicings:
    """How the study's prompts are sliced. Kinds for which no prompt has a value are left out."""
    columns: tuple[dict[str, int], ...] = ({}, {}, {}, {})
    rows = Prompt.objects.filter(study=study).order_by("pk")
    coded = [
        (pk, *(known.setdefault(value, len(known)) for known, value in zip(columns, values, strict=True)))
        for pk, *values in rows.values_list("pk", "category", "language", "rules", "complexity").iterator(
            CHUNK
        )
    ]
    table = np.array(coded, dtype=np.int64).reshape(-1, 5)
    groups, complexities = tuple(dict.fromkeys(rule_groups().values())), tuple(Prompt.Complexity.values)
    readings: tuple[tuple[Callable[[str], tuple[str, ...]], Sequence[str]], ...] = (
        (_itself, ()),
        (_itself, ()),
        (groups_of, groups),
        (_itself, complexities),
    )
    found = (
        _slicing(kind, known, table[:, column], names_of, first)
        for column, (kind, known, (names_of, first)) in enumerate(
            zip(KINDS, columns, readings, strict=True), start=1
        )
    )
    return Slicings(table[:, 0], tuple(one for one in found if one.names))


def _itself(value: str) -> tuple[str, ...]:
    return (value.strip(),) if value.strip() else ()


def _slicing(
    kind: str,
    known: Mapping[str, int],
    codes: IntArray,
    names_of: Callable[[str], tuple[str, ...]],
    first: Sequence[str],
) -> Slicing:
    """`known` maps each distinct value to its code, `codes` (P) are the prompts'; `first` names lead in this order."""
    belongs = sorted((name, code) for value, code in known.items() for name in names_of(value))
    held = {name: [code for _name, code in each] for name, each in groupby(belongs, key=lambda one: one[0])}
    sizes = np.bincount(codes, minlength=len(known))
    largest = sorted(held, key=lambda name: (-int(sizes[held[name]].sum()), name))[:MOST]
    place = {name: at for at, name in enumerate(first)}
    names = tuple(sorted(largest, key=lambda name: (place.get(name, len(place)), name)))
    of_value = np.zeros((len(names), len(known)), dtype=np.bool_)
    for row, name in enumerate(names):
        of_value[row, held[name]] = True
    return Slicing(kind, names, of_value[:, codes], len(held) - len(names))
