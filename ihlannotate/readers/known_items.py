"""Reads known items (training and attention) from YAML, and holds each key against the rubric that it is for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ihlannotate.phrases import Phrase
from ihlannotate.readers.base import ReadError
from ihlannotate.readers.rubric_spec import CriterionSpec, RubricSpec
from ihlannotate.readers.yaml_text import Fields, load_yaml, scalar_text

USES = ("training", "attention")
ITEM_FIELDS = ("name", "use", "prompt", "response", "language", "key", "explanation")
MAX_NAME = 80
MAX_PROMPT = 20_000
MAX_RESPONSE = 100_000
MAX_LANGUAGE = 20

Key = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class KnownSpec:
    """One item whose answers are known.

    `key` maps criteria to the answers that are accepted, any one of them; for kind many they are the one set that is.
    `explanation` is Markdown.
    """

    name: str
    use: str
    prompt: str
    response: str
    language: str
    key: Key
    explanation: str


@dataclass(frozen=True)
class KnownFile:
    """What a file of known items holds: the items that are in order, and one error for each that is not."""

    items: tuple[KnownSpec, ...]
    problems: tuple[ReadError, ...]


def read_known_items(text: str, spec: RubricSpec) -> KnownFile:
    """Return the known items that a YAML list describes, their keys checked against `spec`.

    Raises ReadError where the text is no list at all; what is wrong with single items is in `problems`.
    """
    entries = load_yaml(text)
    if not isinstance(entries, list) or not entries:
        raise ReadError(
            Phrase("there is no list of items"),
            do=Phrase("Write one “- {name: …, use: training, prompt: …, response: …, key: {…}}” for each"),
        )
    items: list[KnownSpec] = []
    problems: list[ReadError] = []
    for position, entry in enumerate(entries, start=1):
        try:
            item = _read_item(entry, position, spec)
            if any(item.name == earlier.name for earlier in items):
                raise ReadError(
                    Phrase("the name “%(name)s” is given twice", name=item.name),
                    do=Phrase("Rename or remove one of them"),
                )
        except ReadError as error:
            problems.append(error)
        else:
            items.append(item)
    return KnownFile(tuple(items), tuple(problems))


def _read_item(entry: object, position: int, spec: RubricSpec) -> KnownSpec:
    name = entry.get("name") if isinstance(entry, dict) else None
    place = (
        Phrase("item “%(name)s”", name=name[:MAX_NAME])
        if isinstance(name, str) and name
        else Phrase("item %(position)s", position=str(position))
    )
    fields = Fields(entry, place=place, known=ITEM_FIELDS)
    if not fields.has("response"):
        raise fields.fail(
            Phrase("the field “response” is missing"),
            do=Phrase("Add “response: …”, or “response: ''” for an empty one"),
        )
    item = KnownSpec(
        name=fields.text("name", maximum=MAX_NAME),
        use=fields.one_of("use", USES),
        prompt=fields.text("prompt", maximum=MAX_PROMPT),
        response=fields.text("response", required=False, maximum=MAX_RESPONSE),
        language=fields.text("language", required=False, maximum=MAX_LANGUAGE),
        key=_read_key(fields, spec),
        explanation=fields.text("explanation", required=False),
    )
    for text in (item.name, item.prompt, item.response, item.language, item.explanation):
        _check_storable(fields, text)
    return item


def _check_storable(fields: Fields, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise fields.fail(
            Phrase("a text contains half of a character (a lone surrogate)"), do=Phrase("Remove it")
        ) from error
    if "\0" in text:
        raise fields.fail(Phrase("a text contains a NUL character"), do=Phrase("Remove it"))


def _read_key(fields: Fields, spec: RubricSpec) -> Key:
    given = fields.mapping("key")
    if not given:
        raise fields.fail(
            Phrase("there is no key"), do=Phrase("Add “key: {criterion: value}” with the right answers")
        )
    criteria = {criterion.key: criterion for criterion in spec.criteria}
    key: dict[str, tuple[str, ...]] = {}
    for name, listed in given.items():
        if name not in criteria:
            raise fields.fail(
                Phrase("the rubric has no criterion “%(name)s”", name=str(name)),
                do=Phrase("Use one of %(known)s", known=", ".join(criteria)),
            )
        key[str(name)] = _read_values(fields, criteria[str(name)], listed)
    for criterion in spec.criteria:
        if criterion.key in key:
            _check_asked(fields, criterion, key, spec)
    if not any(criteria[name].required for name in key):
        raise fields.fail(
            Phrase("the key answers no question that must be answered"),
            do=Phrase("Add one of the required criteria to it"),
        )
    return {criterion.key: key[criterion.key] for criterion in spec.criteria if criterion.key in key}


def _read_values(fields: Fields, criterion: CriterionSpec, listed: object) -> tuple[str, ...]:
    if criterion.kind == "text" or criterion.self_report:
        raise fields.fail(
            Phrase("“%(name)s” has no right answer", name=criterion.key),
            do=Phrase("Leave texts and questions about the annotator out of the key"),
        )
    place = Phrase("%(place)s: key %(name)s", place=fields.place, name=criterion.key)
    found = listed if isinstance(listed, list) else [listed]
    values = tuple(scalar_text(value, place=place) for value in found)
    if not values:
        raise fields.fail(
            Phrase("the key gives no answer to “%(name)s”", name=criterion.key),
            do=Phrase("Give one, or a list of those that are accepted"),
        )
    for value in values:
        if value not in criterion.values:
            raise fields.fail(
                Phrase("“%(value)s” is not an answer to “%(name)s”", value=value, name=criterion.key),
                do=Phrase("Use one of %(known)s", known=_some(criterion.values)),
            )
    most = criterion.maximum or len(criterion.options)
    if len(set(values)) < len(values) or (criterion.kind == "many" and len(values) > most):
        raise fields.fail(
            Phrase("the key gives an answer to “%(name)s” twice, or too many", name=criterion.key),
            do=Phrase("Give at most %(most)s different ones", most=most),
        )
    return values


def _check_asked(fields: Fields, criterion: CriterionSpec, key: Key, spec: RubricSpec) -> None:
    """Whoever answers as the key does is asked this question, whichever of the accepted answers they choose."""
    for parent, allowed in criterion.show_if.items():
        accepted, allows = set(key.get(parent, ())), set(allowed)
        asked = accepted & allows if spec.criterion(parent).kind == "many" else accepted <= allows
        if not accepted or not asked:
            raise fields.fail(
                Phrase(
                    "“%(name)s” is in the key, but the key’s answer to “%(parent)s” does not ask it",
                    name=criterion.key,
                    parent=parent,
                ),
                do=Phrase(
                    "Give only %(allowed)s as “%(parent)s” in the key, or leave “%(name)s” out",
                    allowed=", ".join(allowed),
                    parent=parent,
                    name=criterion.key,
                ),
            )


def _some(values: Sequence[str], most: int = 20) -> str:
    return ", ".join(values[:most]) + (" …" if len(values) > most else "")
