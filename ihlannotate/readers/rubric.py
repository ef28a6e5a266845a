"""Reads a rubric, or the taxonomy that its options come from, from YAML, and checks that it makes sense."""

import math
import re
from collections.abc import Mapping, Sequence

from ihlannotate.readers.base import ReadError
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
from ihlannotate.readers.yaml_text import Fields, load_yaml, scalar_text

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
OPTION_FIELDS = ("value", "label", "help")
RULE_FIELDS = ("number", "title", "part", "group")


def read_rubric(text: str, *, taxonomies: Mapping[str, Sequence[OptionSpec]] | None = None) -> RubricSpec:
    """Return the rubric that a YAML text describes.

    `taxonomies` are the lists that `options_from` may name. Raises ReadError at the first thing that is
    wrong, naming the criterion and saying what to do.
    """
    fields = Fields(load_yaml(text), place="the rubric", known=RUBRIC_FIELDS)
    if not isinstance(fields.raw("version"), str):
        raise fields.fail(
            "the version is missing or not in quotation marks", do='Write it as “version: "1.0"”'
        )
    items = fields.items("criteria")
    if not items:
        raise fields.fail("there are no criteria", do="Add at least one under “criteria:”")
    criteria: list[CriterionSpec] = []
    for position, item in enumerate(items, start=1):
        criteria.append(_read_criterion(item, position, earlier=criteria, taxonomies=taxonomies or {}))
    return RubricSpec(
        name=fields.text("name", maximum=100),
        version=fields.text("version", maximum=20),
        description=fields.text("description", required=False),
        criteria=tuple(criteria),
    )


def read_taxonomy(text: str) -> tuple[OptionSpec, ...]:
    """Return the options of a YAML list of {number, title, part, group}.

    The value is the number; the label its title; the group its part; the help its topic (`group`).
    """
    items = load_yaml(text)
    if not isinstance(items, list) or not items:
        raise ReadError(
            "the taxonomy is not a list", do="Write one “- {number: …, title: …, part: …}” for each"
        )
    options = tuple(_read_rule(item, position) for position, item in enumerate(items, start=1))
    _check_distinct([option.value for option in options], place="the taxonomy", what="the number")
    return options


def _read_rule(item: object, position: int) -> OptionSpec:
    fields = Fields(item, place=f"entry {position} of the taxonomy", known=RULE_FIELDS)
    number = fields.whole("number")
    if number is None:
        raise fields.fail("the field “number” is missing", do="Add “number: 1”, for example")
    return OptionSpec(
        value=str(number),
        label=fields.text("title"),
        help=fields.text("group", required=False),
        number=float(number),
        group=fields.text("part", required=False),
    )


def _read_criterion(
    item: object,
    position: int,
    *,
    earlier: Sequence[CriterionSpec],
    taxonomies: Mapping[str, Sequence[OptionSpec]],
) -> CriterionSpec:
    name = item.get("key") if isinstance(item, dict) else None
    place = f"criterion “{name}”" if isinstance(name, str) else f"criterion {position}"
    fields = Fields(item, place=place, known=CRITERION_FIELDS)
    key = fields.text("key")
    if not re.fullmatch(KEY_PATTERN, key):
        raise fields.fail(
            "the key is not a short name in small letters",
            do="Start with a letter, then use at most 59 of a-z, 0-9 and _",
        )
    _check_distinct([criterion.key for criterion in earlier] + [key], place="the rubric", what="the key")
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
    _check_distinct([option.value for option in options], place=fields.place, what="the value")
    if kind == "flag":
        if options and {option.value for option in options} != {"yes", "no"}:
            raise fields.fail(
                "a flag is answered yes or no", do='Leave out the options, or give "yes" and "no"'
            )
        return options or YES_NO, None
    if kind == "text" and options:
        raise fields.fail("a text has no options", do="Leave them out, or use kind: choice")
    if kind != "text" and len(options) < 2:
        raise fields.fail(f"a {kind} needs at least two options", do="Add them under “options:”")
    return options, None


def _taxonomy_options(
    fields: Fields, kind: str, taxonomies: Mapping[str, Sequence[OptionSpec]]
) -> tuple[tuple[OptionSpec, ...], str]:
    name = fields.text("options_from")
    if kind != "many" or fields.has("options"):
        raise fields.fail("options_from goes with kind: many, and without options", do="Remove one of them")
    if name not in taxonomies:
        raise fields.fail(
            f"there is no taxonomy “{name}”", do=f"Use one of: {', '.join(taxonomies) or 'none is given'}"
        )
    return tuple(taxonomies[name]), name


def _read_option(item: object, place: str) -> OptionSpec:
    fields = Fields(item, place=f"{place}, an option", known=OPTION_FIELDS)
    value = fields.text("value", maximum=MAX_VALUE)
    return OptionSpec(
        value=value,
        label=fields.text("label", required=False) or value,
        help=fields.text("help", required=False),
        number=_number(value),
    )


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _read_level(fields: Fields, kind: str, options: Sequence[OptionSpec]) -> str | None:
    if kind == "text":
        if fields.has("level"):
            raise fields.fail("a text has no level", do="Leave the level out")
        return None
    if kind in ("flag", "many") and not fields.has("level"):
        return "nominal"
    level = fields.one_of("level", LEVELS)
    if kind in ("flag", "many") and level != "nominal":
        raise fields.fail(f"a {kind} is nominal", do="Write “level: nominal”, or leave it out")
    if kind == "scale" and level == "nominal":
        raise fields.fail("a scale has an order", do="Write “level: ordinal”, or use kind: choice")
    if level == "interval":
        numbers = [option.number for option in options]
        if None in numbers or len(set(numbers)) < len(numbers):
            raise fields.fail(
                "at an interval level, the values are different numbers",
                do="Use numbers as values, or write “level: ordinal”",
            )
    return level


def _read_show_if(fields: Fields, earlier: Sequence[CriterionSpec]) -> dict[str, tuple[str, ...]]:
    place = f"{fields.place}: show_if"
    conditions = {}
    for name in fields.mapping("show_if"):
        key = scalar_text(name, place=place)
        parent = next((criterion for criterion in earlier if criterion.key == key), None)
        if parent is None or not parent.options:
            possible = ", ".join(criterion.key for criterion in earlier if criterion.options) or "none"
            raise fields.fail(
                f"show_if names “{key}”, which is no earlier criterion with options",
                do=f"Use one of those above it: {possible}",
            )
        conditions[key] = _allowed_values(fields, name, parent)
    return conditions


def _allowed_values(fields: Fields, name: object, parent: CriterionSpec) -> tuple[str, ...]:
    listed = fields.mapping("show_if")[name]
    if not isinstance(listed, list) or not listed:
        raise fields.fail(
            f"show_if gives no list of values for “{parent.key}”", do=f"Write “{parent.key}: [value, value]”"
        )
    values = tuple(scalar_text(value, place=f"{fields.place}: show_if {parent.key}") for value in listed)
    for value in values:
        if value not in parent.values:
            raise fields.fail(
                f"show_if expects “{value}” of “{parent.key}”, which has no such value",
                do=f"Use one of its values: {', '.join(parent.values)}",
            )
    _check_distinct(list(values), place=f"{fields.place}: show_if", what="the value")
    return values


def _read_maximum(fields: Fields, kind: str, options: Sequence[OptionSpec]) -> int | None:
    maximum = fields.whole("maximum")
    if maximum is None:
        return None
    if kind != "many":
        raise fields.fail("a maximum goes with kind: many", do="Leave it out")
    if not 1 <= maximum <= len(options):
        raise fields.fail(
            f"the maximum {maximum} does not fit {len(options)} options",
            do=f"Use a number from 1 to {len(options)}",
        )
    return maximum


def _check_distinct(names: Sequence[str], *, place: str, what: str) -> None:
    twice = next((name for position, name in enumerate(names) if name in names[:position]), None)
    if twice is not None:
        raise ReadError(f"{place}: {what} “{twice}” is given twice", do="Rename or remove one of them")
