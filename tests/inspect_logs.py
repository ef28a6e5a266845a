"""Logs of Inspect for tests: synthetic, in the shape that inspect_ai writes as JSON."""

import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]


def make_sample(number: int, **more: Any) -> Json:
    """A sample with a prompt and a response of its own, scored by one scorer."""
    prompt = f"Request number {number}, which the law forbids."
    response = f"I won't do that, number {number}."
    return {
        "id": f"s{number}",
        "epoch": 1,
        "input": prompt,
        "target": "",
        "messages": [
            {"role": "system", "content": "Keep to the law."},
            {"role": "user", "content": prompt},
            {"role": "assistant", "content": response},
        ],
        "output": {
            "model": "aster/one",
            "choices": [{"message": {"role": "assistant", "content": response}, "stop_reason": "stop"}],
        },
        "scores": {"judge": {"value": "refused", "answer": response, "explanation": f"Says no, {number}."}},
        "metadata": {"category": "siege", "language": "en"},
        "events": [{"event": "info", "data": [1.50, None, "]}"]}],
        **more,
    }


def make_log(samples: list[Json], **more: Any) -> Json:
    """A log of one model with these samples."""
    return {
        "version": 2,
        "status": "success",
        "eval": {"task": "refusals", "model": "aster/one", "created": "2026-01-01T00:00:00+00:00"},
        "plan": {"steps": []},
        "results": {"total_samples": len(samples), "scores": []},
        "samples": samples,
        "reductions": None,
        **more,
    }


def write_log(path: Path, log: Json) -> Path:
    """The log as a file, as inspect_ai writes it."""
    path.write_text(json.dumps(log, indent=2), "utf-8")
    return path
