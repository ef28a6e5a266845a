"""Runs a command as a person would, in this process: what it printed, or how it refused."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

Json = dict[str, Any]


def said(*words: object) -> str:
    """What the command prints on standard output."""
    out, err = io.StringIO(), io.StringIO()
    call_command(*map(str, words), stdout=out, stderr=err)
    assert err.getvalue() == ""
    return out.getvalue()


def answer(*words: object) -> Json:
    """The one JSON object that the command prints with --json, and nothing else."""
    text = said(*words, "--json")
    found = json.loads(text)
    assert isinstance(found, dict)
    assert text.count("\n") == 1
    return found


def refusal(*words: object) -> tuple[str, Json]:
    """How the command refuses: its message, and the JSON object that --json prints."""
    with pytest.raises(CommandError) as refused:
        said(*words)
    assert refused.value.returncode == 1
    out = io.StringIO()
    with pytest.raises(CommandError) as again:
        call_command(*map(str, words), "--json", stdout=out)
    assert str(again.value) == str(refused.value)
    found = json.loads(out.getvalue())
    assert str(refused.value).startswith(found["error"])
    return str(refused.value), found
