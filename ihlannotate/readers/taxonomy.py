"""Reads a taxonomy, the list that a rubric's options may come from, from YAML."""

from ihlannotate.phrases import Phrase
from ihlannotate.readers.base import ReadError
from ihlannotate.readers.rubric_spec import OptionSpec
from ihlannotate.readers.yaml_text import Fields, check_distinct, load_yaml

RULE_FIELDS = ("number", "title", "part", "group")


def read_taxonomy(text: str) -> tuple[OptionSpec, ...]:
    """Return the options of a YAML list of {number, title, part, group}.

    The value is the number; the label its title; the group its part; the help its topic (`group`).
    """
    items = load_yaml(text)
    if not isinstance(items, list) or not items:
        raise ReadError(
            Phrase("the taxonomy is not a list"),
            do=Phrase("Write one “- {number: …, title: …, part: …}” for each"),
        )
    options = tuple(_read_rule(item, position) for position, item in enumerate(items, start=1))
    check_distinct(
        [option.value for option in options], place=Phrase("the taxonomy"), what=Phrase("the number")
    )
    return options


def _read_rule(item: object, position: int) -> OptionSpec:
    fields = Fields(
        item, place=Phrase("entry %(position)s of the taxonomy", position=position), known=RULE_FIELDS
    )
    number = fields.whole("number")
    if number is None:
        raise fields.fail(Phrase("the field “number” is missing"), do=Phrase("Add “number: 1”, for example"))
    return OptionSpec(
        value=str(number),
        label=fields.text("title"),
        help=fields.text("group", required=False),
        number=float(number),
        group=fields.text("part", required=False),
    )
