"""Reads a rubric from YAML, and checks that it makes sense."""

import math
import re
from collections.abc import Mapping, Sequence

from ihlannotate.phrases import Phrase
from ihlannotate.readers.rubric_spec import (
    KINDS,
    LEVELS,
    CriterionSpec,
    OptionSpec,
    RubricSpec,
    canonical,
    content_sha256,
    from_canonical,
)
from ihlannotate.readers.taxonomy import read_taxonomy
from ihlannotate.readers.yaml_text import Fields, check_distinct, load_yaml, scalar_text

__all__ = [
    "CriterionSpec",
    "OptionSpec",
    "RubricSpec",
    "canonical",
    "content_sha256",
    "from_canonical",
    "read_rubric",
    "read_taxonomy",
]

KEY_PATTERN = r"[a-z][a-z0-9_]{0,59}"
MAX_VALUE = 60
MAX_EXAMPLE = 1_000
YES_NO = (OptionSpec("yes", "Yes"), OptionSpec("no", "No"))
RUBRIC_FIELDS = ("name", "version", "description", "criteria")
CRITERION_FIELDS = (
    "key",
    "title",
    "help",
    "kind",
    "level",
    "required",
    "show_if",
    "options",
    "options_from",
    "maximum",
    "self_report",
)
OPTION_FIELDS = ("value", "label", "help", "examples")


def read_rubric(text: str, *, taxonomies: Mapping[str, Sequence[OptionSpec]] | None = None) -> RubricSpec:
    """Return the rubric that a YAML text describes.

    `taxonomies` are the lists that `options_from` may name. Raises ReadError at the first thing that is
    wrong, naming the criterion and saying what to do.
    """
    fields = Fields(load_yaml(text), place=Phrase("the rubric"), known=RUBRIC_FIELDS)
    if not isinstance(fields.raw("version"), str):
        raise fields.fail(
            Phrase("the version is missing or not in quotation marks"),
            do=Phrase('Write it as “version: "1.0"”'),
        )
    items = fields.items("criteria")
    if not items:
        raise fields.fail(Phrase("there are no criteria"), do=Phrase("Add at least one under “criteria:”"))
    criteria: list[CriterionSpec] = []
    for position, item in enumerate(items, start=1):
        criteria.append(_read_criterion(item, position, earlier=criteria, taxonomies=taxonomies or {}))
    return RubricSpec(
        name=fields.text("name", maximum=100),
        version=fields.text("version", maximum=20),
        description=fields.text("description", required=False),
        criteria=tuple(criteria),
    )


def _read_criterion(
    item: object,
    position: int,
    *,
    earlier: Sequence[CriterionSpec],
    taxonomies: Mapping[str, Sequence[OptionSpec]],
) -> CriterionSpec:
    name = item.get("key") if isinstance(item, dict) else None
    place = (
        Phrase("criterion “%(name)s”", name=name)
        if isinstance(name, str)
        else Phrase("criterion %(position)s", position=position)
    )
    fields = Fields(item, place=place, known=CRITERION_FIELDS)
    key = fields.text("key")
    if not re.fullmatch(KEY_PATTERN, key):
        raise fields.fail(
            Phrase("the key is not a short name in small letters"),
            do=Phrase("Start with a letter, then use at most 59 of a-z, 0-9 and _"),
        )
    check_distinct(
        [criterion.key for criterion in earlier] + [key], place=Phrase("the rubric"), what=Phrase("the key")
    )
    kind = fields.one_of("kind", KINDS)
    options, taxonomy = _read_options(fields, kind, taxonomies)
    return CriterionSpec(
        key=key,
        title=fields.text("title"),
        help=fields.text("help", required=False),
        kind=kind,
        level=_read_level(fields, kind, options),
        required=fields.flag("required"),
        show_if=_read_show_if(fields, earlier),
        options=options,
        taxonomy=taxonomy,
        maximum=_read_maximum(fields, kind, options),
        self_report=fields.flag("self_report"),
    )


def _read_options(
    fields: Fields, kind: str, taxonomies: Mapping[str, Sequence[OptionSpec]]
) -> tuple[tuple[OptionSpec, ...], str | None]:
    """Return the options of a criterion, and the name of the taxonomy that they come from."""
    items = fields.items("options")
    if fields.has("options_from"):
        return _taxonomy_options(fields, kind, taxonomies)
    options = tuple(_read_option(item, fields.place) for item in items)
    check_distinct([option.value for option in options], place=fields.place, what=Phrase("the value"))
    if kind == "flag":
        if options and {option.value for option in options} != {"yes", "no"}:
            raise fields.fail(
                Phrase("a flag is answered yes or no"),
                do=Phrase('Leave out the options, or give "yes" and "no"'),
            )
        return options or YES_NO, None
    if kind == "text" and options:
        raise fields.fail(Phrase("a text has no options"), do=Phrase("Leave them out, or use kind: choice"))
    if kind != "text" and len(options) < 2:
        raise fields.fail(
            Phrase("a %(kind)s needs at least two options", kind=kind), do=Phrase("Add them under “options:”")
        )
    return options, None


def _taxonomy_options(
    fields: Fields, kind: str, taxonomies: Mapping[str, Sequence[OptionSpec]]
) -> tuple[tuple[OptionSpec, ...], str]:
    name = fields.text("options_from")
    if kind != "many" or fields.has("options"):
        raise fields.fail(
            Phrase("options_from goes with kind: many, and without options"), do=Phrase("Remove one of them")
        )
    if name not in taxonomies:
        raise fields.fail(
            Phrase("there is no taxonomy “%(name)s”", name=name),
            do=Phrase("Use one of: %(taxonomies)s", taxonomies=", ".join(taxonomies) or "none is given"),
        )
    return tuple(taxonomies[name]), name


def _read_option(item: object, place: str) -> OptionSpec:
    fields = Fields(item, place=Phrase("%(place)s, an option", place=place), known=OPTION_FIELDS)
    value = fields.text("value", maximum=MAX_VALUE)
    return OptionSpec(
        value=value,
        label=fields.text("label", required=False) or value,
        help=fields.text("help", required=False),
        number=_number(value),
        examples=_read_examples(fields),
    )


def _read_examples(fields: Fields) -> tuple[str, ...]:
    place = Phrase("%(place)s: examples", place=fields.place)
    examples = tuple(scalar_text(item, place=place) for item in fields.items("examples"))
    if not all(examples):
        raise fields.fail(Phrase("an example is empty"), do=Phrase("Write it out, or remove it"))
    if any(len(example) > MAX_EXAMPLE for example in examples):
        raise fields.fail(
            Phrase("an example is longer than %(max_example)s characters", max_example=MAX_EXAMPLE),
            do=Phrase("Shorten it"),
        )
    return examples


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _read_level(fields: Fields, kind: str, options: Sequence[OptionSpec]) -> str | None:
    if kind == "text":
        if fields.has("level"):
            raise fields.fail(Phrase("a text has no level"), do=Phrase("Leave the level out"))
        return None
    if kind in ("flag", "many") and not fields.has("level"):
        return "nominal"
    level = fields.one_of("level", LEVELS)
    if kind in ("flag", "many") and level != "nominal":
        raise fields.fail(
            Phrase("a %(kind)s is nominal", kind=kind), do=Phrase("Write “level: nominal”, or leave it out")
        )
    if kind == "scale" and level == "nominal":
        raise fields.fail(
            Phrase("a scale has an order"), do=Phrase("Write “level: ordinal”, or use kind: choice")
        )
    if level == "interval":
        numbers = [option.number for option in options]
        if None in numbers or len(set(numbers)) < len(numbers):
            raise fields.fail(
                Phrase("at an interval level, the values are different numbers"),
                do=Phrase("Use numbers as values, or write “level: ordinal”"),
            )
    return level


def _read_show_if(fields: Fields, earlier: Sequence[CriterionSpec]) -> dict[str, tuple[str, ...]]:
    place = Phrase("%(place)s: show_if", place=fields.place)
    conditions = {}
    for name in fields.mapping("show_if"):
        key = scalar_text(name, place=place)
        parent = next((criterion for criterion in earlier if criterion.key == key), None)
        if parent is None or not parent.options:
            possible = ", ".join(criterion.key for criterion in earlier if criterion.options) or "none"
            raise fields.fail(
                Phrase("show_if names “%(key)s”, which is no earlier criterion with options", key=key),
                do=Phrase("Use one of those above it: %(possible)s", possible=possible),
            )
        conditions[key] = _allowed_values(fields, name, parent)
    return conditions


def _allowed_values(fields: Fields, name: object, parent: CriterionSpec) -> tuple[str, ...]:
    listed = fields.mapping("show_if")[name]
    if not isinstance(listed, list) or not listed:
        raise fields.fail(
            Phrase("show_if gives no list of values for “%(key)s”", key=parent.key),
            do=Phrase("Write “%(key)s: [value, value]”", key=parent.key),
        )
    values = tuple(
        scalar_text(value, place=Phrase("%(place)s: show_if %(key)s", place=fields.place, key=parent.key))
        for value in listed
    )
    for value in values:
        if value not in parent.values:
            raise fields.fail(
                Phrase(
                    "show_if expects “%(value)s” of “%(key)s”, which has no such value",
                    value=value,
                    key=parent.key,
                ),
                do=Phrase("Use one of its values: %(values)s", values=", ".join(parent.values)),
            )
    check_distinct(
        list(values), place=Phrase("%(place)s: show_if", place=fields.place), what=Phrase("the value")
    )
    return values


def _read_maximum(fields: Fields, kind: str, options: Sequence[OptionSpec]) -> int | None:
    maximum = fields.whole("maximum")
    if maximum is None:
        return None
    if kind != "many":
        raise fields.fail(Phrase("a maximum goes with kind: many"), do=Phrase("Leave it out"))
    if not 1 <= maximum <= len(options):
        raise fields.fail(
            Phrase("the maximum %(maximum)s does not fit %(n)s options", maximum=maximum, n=len(options)),
            do=Phrase("Use a number from 1 to %(n)s", n=len(options)),
        )
    return maximum
