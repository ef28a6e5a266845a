"""Decides which column of a file holds which field: a guess from its names, overridden by a mapping."""

from collections.abc import Iterable, Mapping, Sequence

from ihlannotate.phrases import Phrase
from ihlannotate.readers.base import ReadError

# Names are compared without case, spaces and punctuation. Where a file has several, the earlier one wins.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "external_id": ("externalid", "id", "itemid", "sampleid", "responseid", "uid", "uuid", "idx", "index"),
    "prompt": ("prompt", "question", "userprompt", "instruction", "input", "query", "request", "prompttext"),
    "response": (
        "response",
        "completion",
        "output",
        "answer",
        "modeloutput",
        "modelresponse",
        "modelanswer",
        "responsetext",
        "generation",
    ),
    "model": ("model", "modelname", "modelid", "llm"),
    "condition": ("condition", "system", "setting", "variant"),
    "system_prompt": ("systemprompt", "systemmessage"),
    "category": ("category", "type", "topic", "prompttype"),
    "complexity": ("complexity", "difficulty"),
    "language": ("language", "lang"),
    "rules": ("rules", "rule", "ruleid", "ruleids", "rulenumber", "ihlrule", "ihlrules"),
    "prompt_id": ("promptid", "questionid", "promptuid"),
    "error": ("error", "apierror", "errormessage"),
}
FIELDS = tuple(SYNONYMS)


def guess_columns(columns: Sequence[str]) -> dict[str, str]:
    """Return {field: column} for the fields that the columns' names tell; no column serves two fields."""
    by_name: dict[str, str] = {}
    for column in columns:
        by_name.setdefault(_plain(column), column)
    guess: dict[str, str] = {}
    for field, names in SYNONYMS.items():
        present = [by_name[name] for name in names if name in by_name]
        if present:
            guess[field] = present[0]
    return guess


def parse_mapping(pairs: Iterable[str]) -> dict[str, str]:
    """Return {field: column} from texts such as "prompt=Question"; an empty column means that there is none.

    Raises ReadError for a text without "=", an unknown field, or a field that is given twice.
    """
    mapping: dict[str, str] = {}
    for pair in pairs:
        field, equals, column = (part.strip() for part in pair.partition("="))
        if not equals:
            raise ReadError(
                Phrase("“%(pair)s” does not say which column a field is in", pair=pair),
                do=Phrase("Write it as field=column"),
            )
        _check_field(field)
        if field in mapping:
            raise ReadError(
                Phrase("the field %(field)s is given twice", field=field),
                do=Phrase("Keep one of its columns"),
            )
        mapping[field] = column
    return mapping


def apply_mapping(
    columns: Sequence[str], mapping: Mapping[str, str], *, file: str | None = None
) -> dict[str, str]:
    """Return {field: column}: the guess, overridden by `mapping`, whose columns are not guessed again.

    Raises ReadError for an unknown field, and for a column that the file does not have.
    """
    for field in mapping:
        _check_field(field)
    chosen = {field: find_column(column, columns, file=file) for field, column in mapping.items() if column}
    taken = set(chosen.values())
    guess = {
        field: column
        for field, column in guess_columns([name for name in columns if name not in taken]).items()
        if field not in mapping
    }
    return {field: (guess | chosen)[field] for field in FIELDS if field in guess | chosen}


def _plain(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def _check_field(field: str) -> None:
    if field not in FIELDS:
        raise ReadError(
            Phrase("there is no field “%(field)s”", field=field),
            do=Phrase("Use one of these fields: %(fields)s", fields=", ".join(FIELDS)),
        )


def find_column(column: str, columns: Sequence[str], *, file: str | None) -> str:
    """Return the column of this name, or else the only one that is spelled alike.

    Raises ReadError, listing the columns that exist, where there is none.
    """
    if column in columns:
        return column
    alike = [name for name in columns if _plain(name) == _plain(column)]
    if len(alike) == 1:
        return alike[0]
    raise ReadError(
        Phrase("the file has no such column"),
        do=Phrase("Use one of its columns: %(columns)s", columns=", ".join(columns)),
        file=file,
        column=column,
    )
