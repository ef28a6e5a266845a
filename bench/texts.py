"""Synthetic texts of a realistic length, and files of them. They ask for and say nothing in particular."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

MODELS = 8  # that answer each prompt
_FILLER = (
    "The record of the meeting was kept in the usual form and sent to everyone who had taken part. ",
    "A second reading changed two words and moved the list of names to the last page. ",
    "Nobody could say afterwards which of the three drafts had been the first. ",
    "The letter was answered within a week, politely and without a decision. ",
)
COLUMNS = ("id", "model", "condition", "prompt", "response", "category", "language")


def prompt_text(number: int) -> str:
    """About 200 characters, another text for each number."""
    return f"Request number {number} of the benchmark. " + _FILLER[number % 4] * 2


def response_text(number: int) -> str:
    """About 800 characters, another text for each number."""
    return f"Response number {number} of the benchmark. " + "".join(
        _FILLER[(number + turn) % 4] for turn in range(10)
    )


def run_rows(count: int) -> Iterator[tuple[str, ...]]:
    """The rows of a run file under COLUMNS: each prompt answered by MODELS models."""
    for number in range(count):
        yield (
            f"r{number}",
            f"Model-{number % MODELS}",
            "none",
            prompt_text(number // MODELS),
            response_text(number),
            "benchmark",
            "en",
        )


def write_run(path: Path, count: int) -> None:
    """Write a run file of `count` responses, as .jsonl or .csv."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        if path.suffix == ".jsonl":
            stream.writelines(
                json.dumps(dict(zip(COLUMNS, row, strict=True))) + "\n" for row in run_rows(count)
            )
        else:
            writer = csv.writer(stream)
            writer.writerow(COLUMNS)
            writer.writerows(run_rows(count))
