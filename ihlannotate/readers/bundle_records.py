"""What the files of a benchmark bundle hold, record by record: its writer and its reader share these classes."""

from dataclasses import dataclass, fields
from typing import Any, Self, get_type_hints

from ihlannotate.phrases import Phrase
from ihlannotate.readers.base import ReadError

AGAIN = Phrase("Make the bundle again with a version of this program that both sides have")
TYPES: dict[Any, tuple[type, ...]] = {
    str: (str,),
    int: (int,),
    float: (float, int),
    dict[str, Any]: (dict,),
    float | None: (float, int, type(None)),
    str | None: (str, type(None)),
}


@dataclass(frozen=True)
class Record:
    """A JSON object with these keys, no more and no fewer."""

    @classmethod
    def read(cls, item: object, *, file: str, row: int | None = None) -> Self:
        """The record that a JSON value is. Raises ReadError, naming the key, where it is none."""
        hints = get_type_hints(cls)
        names = [field.name for field in fields(cls)]
        if not isinstance(item, dict) or sorted(item) != sorted(names):
            raise ReadError(
                Phrase("this is not an object with the keys %(keys)s", keys=", ".join(names)),
                do=AGAIN,
                file=file,
                row=row,
            )
        for name in names:
            value = item[name]
            if not isinstance(value, TYPES[hints[name]]) or isinstance(value, bool):
                raise ReadError(
                    Phrase("“%(key)s” has a value of another kind", key=name), do=AGAIN, file=file, row=row
                )
        return cls(**item)


@dataclass(frozen=True)
class StudyRecord(Record):
    """The study, without its name: that is given anew. Times are ISO 8601."""

    title: str
    description: str
    guidelines: str
    content_notice: str
    overlap: int
    epsilon: float
    seed: int
    opened_at: str
    closed_at: str
    unblinded_at: str | None


@dataclass(frozen=True)
class PromptRecord(Record):
    """A prompt; it is known by the SHA-256 of its text."""

    prompt: str
    text: str
    language: str
    category: str
    complexity: str
    rules: str


@dataclass(frozen=True)
class ResponseRecord(Record):
    """A response under its opaque code, to a prompt."""

    response: str
    prompt: str
    text: str


@dataclass(frozen=True)
class ReleaseRecord(Record):
    """A gold release without its labels and its datasheet, which have files of their own."""

    number: int
    method: str
    parameters: dict[str, Any]
    seed: int
    rubric_sha256: str
    code_version: str
    counts: dict[str, Any]
    fits: dict[str, Any]
    sha256: str
    released_at: str


@dataclass(frozen=True)
class LabelRecord(Record):
    """A gold label; `counts` and `posterior` are by level."""

    response: str
    criterion: str
    value: str
    tier: str
    n: int
    counts: dict[str, Any]
    posterior: dict[str, Any]


@dataclass(frozen=True)
class RunRecord(Record):
    """A run under its opaque code."""

    run: str
    model: str
    condition: str
    system_prompt: str


@dataclass(frozen=True)
class OriginRecord(Record):
    """Which run a response belongs to, and its id there."""

    response: str
    run: str
    external_id: str


@dataclass(frozen=True)
class SampleRecord(Record):
    """How the responses to rate were drawn; `drawn` holds what strata are made of, and the strata."""

    size: int
    seed: int
    drawn: dict[str, Any]


@dataclass(frozen=True)
class InclusionRecord(Record):
    """How likely a response was to be drawn, and whether it was (1 or 0)."""

    response: str
    probability: float
    chosen: int


@dataclass(frozen=True)
class JudgeRecord(Record):
    """A judge and what its owner states of it; `card` is the file that holds it against gold, empty for none."""

    judge: str
    settings: dict[str, Any]
    card: str


@dataclass(frozen=True)
class VerdictRecord(Record):
    """What a judge said of a response; an empty value could not be parsed."""

    judge: str
    response: str
    criterion: str
    value: str
    raw: str
    score: float | None
    rationale: str
