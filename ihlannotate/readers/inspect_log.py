"""Reads evaluation logs of Inspect (the UK AISI's inspect_ai) in their JSON form: a row for each sample.

A log is one big object; it is read piece by piece, so that only one sample is in memory at a time.
"""

import io
import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, BinaryIO

from ihlannotate.phrases import Phrase
from ihlannotate.readers.base import ReadError, Row, check_columns, make_row
from ihlannotate.readers.jsonlines import cell_text

HEAD = re.compile(r'\s*\{\s*"version"\s*:\s*\d+\s*,\s*"status"\s*:\s*"[a-z]+"\s*,\s*"eval"\s*:\s*\{')
CHUNK = 1 << 16
MAX_CHARACTERS = 50_000_000  # of one sample with its transcript
ATTACHED = "attachment://"
KNOWN = ("condition", "language", "category", "complexity", "rules")  # of a sample's metadata
COLUMNS = ("id", "prompt", "response", "model", "system_prompt", *KNOWN, "error")
AS_JSON = Phrase("Write the log again with: inspect log convert --to json")


@dataclass(frozen=True)
class Entry:
    """A member of a log: `raw` is its JSON as it stands in the file. Samples come one by one, in `key` “samples”.

    `sample` counts them from 1; it is 0 for every other member.
    """

    key: str
    value: Any
    raw: str
    sample: int = 0


@dataclass(frozen=True)
class Sample:
    """What a sample of a log says. `error` is empty where there is a response."""

    external_id: str
    prompt: str
    response: str
    system_prompt: str
    error: str


def is_inspect_log(head: str) -> bool:
    """Whether a text begins as a log of Inspect does."""
    return HEAD.match(head) is not None


def entries(text: io.TextIOBase, *, file: str) -> Iterator[Entry]:
    """Yield the members of a log in their order. Raises ReadError for what is no JSON object."""
    scanner = _Scanner(text, file)
    scanner.take("{")
    while scanner.peek() != "}":
        key, _raw = scanner.value()
        scanner.take(":")
        if key == "samples" and scanner.peek() == "[":
            yield from _samples(scanner)
        else:
            value, raw = scanner.value()
            yield Entry(str(key), value, raw)
        if scanner.peek() != "}":
            scanner.take(",")


def _samples(scanner: "_Scanner") -> Iterator[Entry]:
    number = 0
    scanner.take("[")
    while scanner.peek() != "]":
        number += 1
        value, raw = scanner.value()
        if not isinstance(value, dict):
            raise scanner.wrong(Phrase("sample %(number)s is not an object", number=number))
        yield Entry("samples", value, raw, number)
        if scanner.peek() != "]":
            scanner.take(",")
    scanner.take("]")


class _Scanner:
    """JSON values of a text, one after another."""

    def __init__(self, text: io.TextIOBase, file: str) -> None:
        self._text, self._file = text, file
        self._held, self._at, self._ended = "", 0, False
        self._decoder = json.JSONDecoder()

    def wrong(self, what: str) -> ReadError:
        return ReadError(what, do=AS_JSON, file=self._file)

    def _more(self) -> None:
        """Read on, twice as far each time a value is still incomplete."""
        self._held = self._held[self._at :]
        self._at = 0
        if len(self._held) > MAX_CHARACTERS:
            raise self.wrong(Phrase("one sample is too big to be read"))
        try:
            more = self._text.read(max(CHUNK, len(self._held)))
        except UnicodeDecodeError as error:
            raise self.wrong(Phrase("the log is not UTF-8 text")) from error
        self._ended = not more
        self._held += more

    def peek(self) -> str:
        """The next character that is no white space; empty at the end."""
        while True:
            while self._at < len(self._held) and self._held[self._at] in " \t\r\n":
                self._at += 1
            if self._at < len(self._held) or self._ended:
                return self._held[self._at : self._at + 1]
            self._more()

    def take(self, expected: str) -> None:
        if self.peek() != expected:
            raise self.wrong(Phrase("the log is not valid JSON, or breaks off"))
        self._at += 1

    def value(self) -> tuple[Any, str]:
        """The next value, and how it is written."""
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._held, self._at)
            except (ValueError, RecursionError) as error:
                if self._ended:
                    raise self.wrong(Phrase("the log is not valid JSON, or breaks off")) from error
            else:
                # A number that ends where the text does may go on in the next piece.
                if end < len(self._held) or self._ended:
                    raw = self._held[self._at : end]
                    self._at = end
                    return value, raw
            self._more()


def read_inspect(binary: BinaryIO, *, file: str, stack: ExitStack) -> tuple[tuple[str, ...], Iterator[Row]]:
    """Return the columns, and an iterator of rows numbered by sample. The file is read twice: first for its scorers.

    Columns are COLUMNS and, for each scorer, `NAME` (its value), `NAME answer` and `NAME explanation`. A sample that
    failed has its error in `error`. `stack` must be open while rows are read.
    """
    text = io.TextIOWrapper(binary, encoding="utf-8-sig", newline="")
    stack.callback(text.detach)
    model, scorers = "", dict[str, None]()
    for entry in entries(text, file=file):
        if entry.key == "eval" and isinstance(entry.value, dict):
            model = str(entry.value.get("model") or "")
        if entry.sample:
            scorers.update(dict.fromkeys(scores_of(entry.value)))
    named = [column for name in scorers for column in (name, f"{name} answer", f"{name} explanation")]
    columns = check_columns([*COLUMNS, *named], file=file, row=None)

    def rows() -> Iterator[Row]:
        text.seek(0)
        for entry in entries(text, file=file):
            if entry.sample:
                cells = _cells(entry.value, model, scorers)
                yield make_row(entry.sample, columns, cells, file=file)

    return columns, rows()


def _cells(value: dict[str, Any], model: str, scorers: dict[str, None]) -> list[str]:
    one = sample_of(value)
    metadata = _mapping(value.get("metadata"))
    cells = [one.external_id, one.prompt, one.response, model, one.system_prompt]
    cells += [cell_text(metadata.get(name)) for name in KNOWN]
    cells.append(one.error)
    scores = scores_of(value)
    for name in scorers:
        score = scores.get(name, {})
        cells += [cell_text(score.get(part)) for part in ("value", "answer", "explanation")]
    return cells


def scores_of(sample: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Scorer -> its score of a sample."""
    found = _mapping(sample.get("scores"))
    return {name: score for name, score in found.items() if isinstance(score, dict)}


def sample_of(sample: dict[str, Any]) -> Sample:
    """What a sample says: its last output, and what was asked for it. Repeats (epochs) have ids of their own."""
    attachments = _mapping(sample.get("attachments"))
    epoch = sample.get("epoch")
    name = cell_text(sample.get("id"))
    asked = sample.get("input")
    turns = asked if isinstance(asked, list) else [{"role": "user", "content": asked}]
    messages = sample.get("messages")
    output = _mapping(sample.get("output"))
    choices = output.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    said = _mapping(_mapping(first).get("message")).get("content")
    failed = _mapping(sample.get("error")).get("message") or output.get("error")
    return Sample(
        external_id=name if epoch in (None, 1) else f"{name} epoch {epoch}",
        prompt=_conversation(turns, attachments),
        response=_content(said, attachments),
        system_prompt=_said_by(
            "system", [*turns, *(messages if isinstance(messages, list) else ())], attachments
        ),
        error=str(failed) if failed else "" if first else "there is no output",
    )


def _conversation(turns: list[Any], attachments: dict[str, Any]) -> str:
    """The text of the one message to the model; of several, each under who said it."""
    said = [
        (str(_mapping(turn).get("role") or "user"), _content(_mapping(turn).get("content"), attachments))
        for turn in turns
    ]
    asked = [(role, text) for role, text in said if role != "system"]
    if len(asked) == 1:
        return asked[0][1]
    return "\n\n".join(f"{role}: {text}" for role, text in asked)


def _said_by(role: str, messages: list[Any], attachments: dict[str, Any]) -> str:
    """The texts of a role, each once."""
    texts = [
        _content(_mapping(one).get("content"), attachments)
        for one in messages
        if _mapping(one).get("role") == role
    ]
    return "\n\n".join(dict.fromkeys(texts))


def _content(content: object, attachments: dict[str, Any]) -> str:
    """The text of a message: reasoning, pictures and the like are left out."""
    parts = content if isinstance(content, list) else [{"type": "text", "text": content}]
    texts = [one.get("text") for one in parts if isinstance(one, dict) and one.get("type") == "text"]
    return "\n".join(_attached(one, attachments) for one in texts if isinstance(one, str))


def _attached(text: str, attachments: dict[str, Any]) -> str:
    """Long texts stand once in a sample's attachments, and are referred to."""
    return str(attachments.get(text.removeprefix(ATTACHED), text)) if text.startswith(ATTACHED) else text


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
