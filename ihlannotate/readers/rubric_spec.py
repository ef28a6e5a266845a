"""What a rubric is: criteria and options as frozen values, and the canonical text that is hashed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

KINDS = ("choice", "scale", "flag", "many", "text")
LEVELS = ("nominal", "ordinal", "interval")


@dataclass(frozen=True)
class OptionSpec:
    """One answer to choose: `value` is stored, `label` shown, `help` is its anchor.

    `number` is the value as a number, or None where it is none. `group` is the heading it stands under.
    `examples` are short texts that would earn this answer.
    """

    value: str
    label: str
    help: str = ""
    number: float | None = None
    group: str = ""
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class CriterionSpec:
    """One question. `level` is None for texts; `taxonomy` names the list that the options come from, if any.

    `show_if` maps the keys of earlier criteria to the values they may have: all must hold for the question to
    show. `required` counts only where it shows. `maximum` limits the number of answers of kind `many`. A
    `self_report` is about the annotator and not the response: it has no gold value, and no agreement.
    """

    key: str
    title: str
    help: str
    kind: str
    level: str | None
    required: bool
    show_if: Mapping[str, tuple[str, ...]]
    options: tuple[OptionSpec, ...]
    taxonomy: str | None
    maximum: int | None
    self_report: bool = False

    @property
    def values(self) -> tuple[str, ...]:
        """The values of the options, in order."""
        return tuple(option.value for option in self.options)


@dataclass(frozen=True)
class RubricSpec:
    """A rubric: its criteria in the order in which they are asked."""

    name: str
    version: str
    description: str
    criteria: tuple[CriterionSpec, ...]

    def criterion(self, key: str) -> CriterionSpec:
        """Return the criterion with this key; raises KeyError where there is none."""
        for criterion in self.criteria:
            if criterion.key == key:
                return criterion
        raise KeyError(key)


def canonical(spec: RubricSpec) -> str:
    """Return the rubric as JSON that is the same for the same rubric: sorted keys, no white space.

    An option without examples does not mention them, so that rubrics from before there were any keep their hash.
    """
    content = asdict(spec)
    for criterion in content["criteria"]:
        for option in criterion["options"]:
            if not option["examples"]:
                del option["examples"]
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def from_canonical(text: str) -> RubricSpec:
    """Return the rubric whose canonical text this is."""
    content: dict[str, Any] = json.loads(text)
    criteria = tuple(_criterion(item) for item in content.pop("criteria"))
    return RubricSpec(criteria=criteria, **content)


def content_sha256(spec: RubricSpec) -> str:
    """Return the SHA-256 of the canonical text, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(spec).encode()).hexdigest()


def _criterion(item: dict[str, Any]) -> CriterionSpec:
    show_if = {key: tuple(values) for key, values in item.pop("show_if").items()}
    options = tuple(_option(option) for option in item.pop("options"))
    return CriterionSpec(show_if=show_if, options=options, **item)


def _option(item: dict[str, Any]) -> OptionSpec:
    return OptionSpec(examples=tuple(item.pop("examples", ())), **item)
