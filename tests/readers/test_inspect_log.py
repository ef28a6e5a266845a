"""Logs of Inspect are read sample by sample, and what is wrong with one is said."""

import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from ihlannotate.readers import ReadError, open_table
from ihlannotate.readers.inspect_log import entries
from tests.inspect_logs import make_log, make_sample, write_log


def rows_of(path: Path) -> list[dict[str, str]]:
    with open_table(path) as table:
        assert table.format == "inspect"
        return [dict(row.cells) for row in table.rows]


def one(tmp_path: Path, **more: Any) -> dict[str, str]:
    return rows_of(write_log(tmp_path / "log.json", make_log([make_sample(0, **more)])))[0]


def test_a_sample_is_a_row_with_its_texts_model_metadata_and_scores(tmp_path: Path) -> None:
    path = write_log(tmp_path / "log.json", make_log([make_sample(0), make_sample(1)]))
    assert rows_of(path)[1] == {
        "id": "s1",
        "prompt": "Request number 1, which the law forbids.",
        "response": "I won't do that, number 1.",
        "model": "aster/one",
        "system_prompt": "Keep to the law.",
        "condition": "",
        "language": "en",
        "category": "siege",
        "complexity": "",
        "rules": "",
        "error": "",
        "judge": "refused",
        "judge answer": "I won't do that, number 1.",
        "judge explanation": "Says no, 1.",
    }


def test_parts_of_a_message_that_are_no_text_are_left_out(tmp_path: Path) -> None:
    parts = [
        {"type": "reasoning", "reasoning": "secret"},
        {"type": "text", "text": "No."},
        {"type": "text", "text": "Never."},
    ]
    output = {"choices": [{"message": {"role": "assistant", "content": parts}}]}
    assert one(tmp_path, output=output)["response"] == "No.\nNever."


def test_attachments_are_put_back_in_place(tmp_path: Path) -> None:
    row = one(tmp_path, input="attachment://abc", attachments={"abc": "A long request."})
    assert row["prompt"] == "A long request."


def test_a_conversation_says_who_said_what(tmp_path: Path) -> None:
    turns = [
        {"role": "system", "content": "Keep to the law."},
        {"role": "user", "content": "First."},
        {"role": "assistant", "content": "Yes?"},
        {"role": "user", "content": "Second."},
    ]
    row = one(tmp_path, input=turns)
    assert row["prompt"] == "user: First.\n\nassistant: Yes?\n\nuser: Second."
    assert one(tmp_path, input=turns[:2])["prompt"] == "First."
    assert row["system_prompt"] == "Keep to the law."


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"error": {"message": "TimeoutError()"}}, "TimeoutError()"),
        ({"output": {"choices": [], "error": "refused by the provider"}}, "refused by the provider"),
        ({"output": {"choices": []}}, "there is no output"),
        ({"output": None}, "there is no output"),
    ],
)
def test_a_sample_that_failed_says_why(tmp_path: Path, more: dict[str, Any], error: str) -> None:
    assert one(tmp_path, **more)["error"] == error


def test_an_empty_response_is_a_response(tmp_path: Path) -> None:
    row = one(tmp_path, output={"choices": [{"message": {"role": "assistant", "content": ""}}]})
    assert (row["response"], row["error"]) == ("", "")


def test_each_epoch_has_an_id_of_its_own(tmp_path: Path) -> None:
    log = make_log([make_sample(0, id=7), make_sample(0, id=7, epoch=2)])
    assert [row["id"] for row in rows_of(write_log(tmp_path / "log.json", log))] == ["7", "7 epoch 2"]


def test_scorers_of_any_sample_are_columns(tmp_path: Path) -> None:
    other = {"two": {"value": {"a": 1, "b": 0.5}}}
    rows = rows_of(write_log(tmp_path / "log.json", make_log([make_sample(0), make_sample(1, scores=other)])))
    assert (rows[0]["two"], rows[1]["two"], rows[1]["judge"]) == ("", '{"a":1,"b":0.5}', "")


@pytest.mark.parametrize("chunk", [1, 7, 100])
def test_where_pieces_of_the_file_end_makes_no_difference(chunk: int) -> None:
    log = make_log([make_sample(0), make_sample(1)], version=12345, extra=[1.5e-7, True, '\\"'])

    class Slow(io.StringIO):
        def read(self, size: int | None = -1) -> str:
            return super().read(chunk)

    found = list(entries(Slow(json.dumps(log)), file="log.json"))
    assert [one.value for one in found if one.sample] == log.pop("samples")
    assert {one.key: one.value for one in found if not one.sample} == log


@pytest.mark.parametrize("cut", [30, 200, -40, -2])
def test_a_log_that_breaks_off_is_refused(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "log.json"
    text = json.dumps(make_log([make_sample(0)]))
    path.write_text(text[:cut], "utf-8")
    with (
        pytest.raises(ReadError, match="not valid JSON, or breaks off"),
        open_table(path, format="inspect") as table,
    ):
        list(table.rows)


@pytest.mark.parametrize("samples", [None, []])
def test_a_log_without_samples_is_refused(tmp_path: Path, samples: Any) -> None:
    path = write_log(tmp_path / "log.json", make_log([]) | {"samples": samples})
    with pytest.raises(ReadError, match="no rows"), open_table(path) as table:
        list(table.rows)


def test_the_binary_form_is_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "log.eval").write_bytes(b"PK\x03\x04")
    with pytest.raises(ReadError, match="inspect log convert --to json"), open_table(tmp_path / "log.eval"):
        pass


def test_other_json_is_not_taken_for_a_log(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"version": 2, "status": "success", "prompt": "p"}\n', "utf-8")
    with open_table(tmp_path / "run.json") as table:
        assert table.format == "jsonl"
        list(table.rows)


def test_memory_does_not_grow_with_the_samples(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        path = write_log(
            tmp_path / "log.json", make_log([make_sample(n, store="x" * 2000) for n in range(count)])
        )
        tracemalloc.start()
        try:
            with open_table(path) as table:
                for _row in table.rows:
                    pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(800) - peak(200) < 600 * 2000 / 10
