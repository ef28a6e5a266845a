"""Loads small YAML files safely, and reads their fields with messages that say what to correct."""

from collections.abc import Collection, Sequence

import yaml

from ihlannotate.phrases import Phrase
from ihlannotate.readers.base import ReadError

MAX_YAML_CHARACTERS = 1_000_000
MAX_YAML_DEPTH = 20
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's, ten times as fast, where it was built in


def load_yaml(text: str) -> object:
    """Return what a YAML text holds.

    Raises ReadError, naming the line, for broken YAML, a key that occurs twice in one mapping, and for what
    no file of ours needs: aliases (a short text can stand for a huge one), deep nesting, a megabyte of text.
    """
    if len(text) > MAX_YAML_CHARACTERS:
        raise ReadError(Phrase("the file is longer than a million characters"), do=Phrase("Shorten it"))
    try:
        _check_structure(text)
        return _content(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        row = None if mark is None else mark.line + 1
        what = Phrase("this is not valid YAML (%(error)s)", error=error.problem or "")
        raise ReadError(what, do=Phrase("Check indentation, colons and quotation marks"), row=row) from error
    except (yaml.YAMLError, ValueError) as error:
        raise ReadError(
            Phrase("this is not valid YAML (%(error)s)", error=str(error)),
            do=Phrase("Check dates, numbers and special characters"),
        ) from error


def _check_structure(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        mark = event.start_mark
        row = None if mark is None else mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise ReadError(
                Phrase("aliases (*name) are not supported"), do=Phrase("Write the content out"), row=row
            )
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_YAML_DEPTH:
            raise ReadError(
                Phrase("the content is nested too deeply"), do=Phrase("Check the brackets"), row=row
            )


def _content(text: str) -> object:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        _check_keys(node)
        return None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()


def _check_keys(node: yaml.Node | None) -> None:
    """Raise ReadError for a key that stands twice in a mapping: YAML would silently keep the last one."""
    if isinstance(node, yaml.MappingNode):
        seen: set[object] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                row = key.start_mark.line + 1
                raise ReadError(
                    Phrase("“%(value)s” is given twice", value=key.value),
                    do=Phrase("Keep one of them"),
                    row=row,
                )
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else None)
            _check_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _check_keys(item)


class Fields:
    """A mapping read field by field; `place` names it in messages (“criterion “refusal””)."""

    def __init__(self, value: object, *, place: str, known: Collection[str]) -> None:
        if not isinstance(value, dict):
            raise ReadError(
                Phrase("%(place)s is not a mapping", place=place),
                do=Phrase("Write it as “field: value”, with %(known)s", known=_list(known)),
            )
        for key in value:
            if key not in known:
                raise ReadError(
                    Phrase("%(place)s: there is no field “%(key)s”", place=place, key=key),
                    do=Phrase("Use one of %(known)s", known=_list(known)),
                )
        self._values = value
        self.place = place

    def has(self, key: str) -> bool:
        """Whether the field is given and not null."""
        return self._values.get(key) is not None

    def raw(self, key: str) -> object:
        """Return what YAML made of the field; None if it is not given."""
        return self._values.get(key)

    def fail(self, what: str, *, do: str) -> ReadError:
        """Return the error that something is wrong here."""
        return ReadError(Phrase("%(place)s: %(what)s", place=self.place, what=what), do=do)

    def text(self, key: str, *, required: bool = True, maximum: int = 10_000) -> str:
        """Return a text or number as text, without the white space around it; "" if not given."""
        value = self._values.get(key)
        text = (
            ""
            if value is None
            else scalar_text(value, place=Phrase("%(place)s: %(key)s", place=self.place, key=key))
        )
        if required and not text:
            raise self.fail(
                Phrase("the field “%(key)s” is missing", key=key), do=Phrase("Add “%(key)s: …”", key=key)
            )
        if len(text) > maximum:
            raise self.fail(
                Phrase("the field “%(key)s” is longer than %(maximum)s characters", key=key, maximum=maximum),
                do=Phrase("Shorten it"),
            )
        return text

    def one_of(self, key: str, allowed: Collection[str]) -> str:
        """Return a text that is one of those allowed."""
        text = self.text(key)
        if text not in allowed:
            raise self.fail(
                Phrase("%(key)s “%(text)s” is not known", key=key, text=text),
                do=Phrase("Use one of %(allowed)s", allowed=_list(allowed)),
            )
        return text

    def flag(self, key: str) -> bool:
        """Return true or false; false if not given."""
        value = self._values.get(key, False)
        if not isinstance(value, bool):
            raise self.fail(
                Phrase("%(key)s is neither true nor false", key=key),
                do=Phrase("Write “%(key)s: true” or “%(key)s: false”", key=key),
            )
        return value

    def whole(self, key: str) -> int | None:
        """Return a whole number; None if not given."""
        value = self._values.get(key)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise self.fail(
                Phrase("%(key)s is not a whole number", key=key),
                do=Phrase("Write “%(key)s: 5”, for example", key=key),
            )
        return value

    def items(self, key: str) -> list[object]:
        """Return a list; the empty list if not given."""
        value = self._values.get(key)
        if value is not None and not isinstance(value, list):
            raise self.fail(
                Phrase("%(key)s is not a list", key=key),
                do=Phrase("Write it as “[a, b]” or with one “- ” line for each"),
            )
        return value or []

    def mapping(self, key: str) -> dict[object, object]:
        """Return a mapping; the empty one if not given."""
        value = self._values.get(key)
        if value is not None and not isinstance(value, dict):
            raise self.fail(
                Phrase("%(key)s is not a mapping", key=key),
                do=Phrase("Write it as “{criterion: [value, value]}”"),
            )
        return value or {}


def check_distinct(names: Sequence[str], *, place: str, what: str) -> None:
    """Raise ReadError where a name is there twice; `place` and `what` say of what."""
    twice = next((name for position, name in enumerate(names) if name in names[:position]), None)
    if twice is not None:
        raise ReadError(
            Phrase("%(place)s: %(what)s “%(twice)s” is given twice", place=place, what=what, twice=twice),
            do=Phrase("Rename or remove one of them"),
        )


def scalar_text(value: object, *, place: str) -> str:
    """Return a YAML text or number as text; raises ReadError for what YAML turned into something else."""
    if isinstance(value, bool):
        raise ReadError(
            Phrase(
                "%(place)s: YAML reads a bare yes, no, on, off, true or false as a truth value", place=place
            ),
            do=Phrase("Put it in quotation marks"),
        )
    if not isinstance(value, str | int | float):
        raise ReadError(
            Phrase("%(place)s: this is not a text", place=place), do=Phrase("Put it in quotation marks")
        )
    return str(value).strip()


def _list(names: Collection[str]) -> str:
    return ", ".join(names)
