"""Loads small YAML files safely, and reads their fields with messages that say what to correct."""

from collections.abc import Collection

import yaml

from ihlannotate.readers.base import ReadError

MAX_YAML_CHARACTERS = 1_000_000
MAX_YAML_DEPTH = 20


def load_yaml(text: str) -> object:
    """Return what a YAML text holds.

    Raises ReadError, naming the line, for broken YAML, a key that occurs twice in one mapping, and for what
    no file of ours needs: aliases (a short text can stand for a huge one), deep nesting, a megabyte of text.
    """
    if len(text) > MAX_YAML_CHARACTERS:
        raise ReadError("the file is longer than a million characters", do="Shorten it")
    try:
        _check_structure(text)
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        row = None if mark is None else mark.line + 1
        what = f"this is not valid YAML ({error.problem})"
        raise ReadError(what, do="Check indentation, colons and quotation marks", row=row) from error
    except (yaml.YAMLError, ValueError) as error:
        raise ReadError(
            f"this is not valid YAML ({error})", do="Check dates, numbers and special characters"
        ) from error


def _check_structure(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        mark = event.start_mark
        row = None if mark is None else mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise ReadError("aliases (*name) are not supported", do="Write the content out", row=row)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_YAML_DEPTH:
            raise ReadError("the content is nested too deeply", do="Check the brackets", row=row)
    _check_keys(yaml.compose(text, Loader=yaml.SafeLoader))


def _check_keys(node: yaml.Node | None) -> None:
    """Raise ReadError for a key that stands twice in a mapping: YAML would silently keep the last one."""
    if isinstance(node, yaml.MappingNode):
        seen: set[object] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                row = key.start_mark.line + 1
                raise ReadError(f"“{key.value}” is given twice", do="Keep one of them", row=row)
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
                f"{place} is not a mapping", do=f"Write it as “field: value”, with {_list(known)}"
            )
        for key in value:
            if key not in known:
                raise ReadError(f"{place}: there is no field “{key}”", do=f"Use one of {_list(known)}")
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
        return ReadError(f"{self.place}: {what}", do=do)

    def text(self, key: str, *, required: bool = True, maximum: int = 10_000) -> str:
        """Return a text or number as text, without the white space around it; "" if not given."""
        value = self._values.get(key)
        text = "" if value is None else scalar_text(value, place=f"{self.place}: {key}")
        if required and not text:
            raise self.fail(f"the field “{key}” is missing", do=f"Add “{key}: …”")
        if len(text) > maximum:
            raise self.fail(f"the field “{key}” is longer than {maximum:,} characters", do="Shorten it")
        return text

    def one_of(self, key: str, allowed: Collection[str]) -> str:
        """Return a text that is one of those allowed."""
        text = self.text(key)
        if text not in allowed:
            raise self.fail(f"{key} “{text}” is not known", do=f"Use one of {_list(allowed)}")
        return text

    def flag(self, key: str) -> bool:
        """Return true or false; false if not given."""
        value = self._values.get(key, False)
        if not isinstance(value, bool):
            raise self.fail(f"{key} is neither true nor false", do=f"Write “{key}: true” or “{key}: false”")
        return value

    def whole(self, key: str) -> int | None:
        """Return a whole number; None if not given."""
        value = self._values.get(key)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise self.fail(f"{key} is not a whole number", do=f"Write “{key}: 5”, for example")
        return value

    def items(self, key: str) -> list[object]:
        """Return a list; the empty list if not given."""
        value = self._values.get(key)
        if value is not None and not isinstance(value, list):
            raise self.fail(f"{key} is not a list", do="Write it as “[a, b]” or with one “- ” line for each")
        return value or []

    def mapping(self, key: str) -> dict[object, object]:
        """Return a mapping; the empty one if not given."""
        value = self._values.get(key)
        if value is not None and not isinstance(value, dict):
            raise self.fail(f"{key} is not a mapping", do="Write it as “{criterion: [value, value]}”")
        return value or {}


def scalar_text(value: object, *, place: str) -> str:
    """Return a YAML text or number as text; raises ReadError for what YAML turned into something else."""
    if isinstance(value, bool):
        raise ReadError(
            f"{place}: YAML reads a bare yes, no, on, off, true or false as a truth value",
            do="Put it in quotation marks",
        )
    if not isinstance(value, str | int | float):
        raise ReadError(f"{place}: this is not a text", do="Put it in quotation marks")
    return str(value).strip()


def _list(names: Collection[str]) -> str:
    return ", ".join(names)
