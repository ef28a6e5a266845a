"""The schema is whole, and docs/api.md and the schema say the same: its examples are carried out."""

import re
import shlex
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import resolve

from ihlannotate.api.describing import WORDS
from ihlannotate.models.study import Study
from tests.api.conftest import ROOT, Answer, Caller, Schema
from tests.api.steps import unblinded, upload

GUIDE = (settings.BASE_DIR / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = [
    shlex.split(call)
    for block in re.findall(r"^```\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)
    for call in re.findall(r"^curl .*?(?=^curl |\Z)", block, re.DOTALL | re.MULTILINE)
]
RUN = "id,Question,Answer\nc1,Request 1 in a file,No.\nc2,Request 2 in a file,I will not.\n"


def test_the_schema_is_valid_and_nothing_in_it_is_guessed(tmp_path: Path) -> None:
    options = {"validate": True, "fail_on_warn": True}
    call_command("spectacular", file=str(tmp_path / "schema.yaml"), **options)
    assert (tmp_path / "schema.yaml").read_text().startswith("openapi: 3.1.0")


def test_the_schema_is_served_to_whoever_has_a_token(api: Callable[..., Caller]) -> None:
    client = api("Eve").client
    answer = client.get(f"{ROOT}/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    assert answer.status_code == 200
    assert f"{ROOT}/studies/" in answer.json()["paths"]
    assert api().client.get(f"{ROOT}/schema/").status_code == 401


def test_every_method_documents_its_answers_and_says_who_may_call_it(schema: Schema) -> None:
    for methods in schema.document["paths"].values():
        for method in methods.values():
            assert {"401", "429"} < set(method["responses"])
            assert method["description"].strip()
            assert method["security"] == [{"token": []}]


def test_every_endpoint_is_in_the_guide_and_every_path_of_the_guide_exists(schema: Schema) -> None:
    shown = set()
    for words in EXAMPLES:
        path = urlsplit(address(words)).path
        shown.add("/" + re.sub(r"<\w+:(\w+)>", r"{\1}", resolve(path).route))
    assert shown == schema.paths()


def test_the_guide_explains_every_error(schema: Schema) -> None:
    assert set(re.findall(r"^\| (\d{3}) \|", GUIDE, re.MULTILINE)) == {str(status) for status in WORDS}


@pytest.mark.parametrize("words", EXAMPLES, ids=lambda words: urlsplit(address(words)).path)
def test_the_examples_of_the_guide_work(api: Callable[..., Caller], study: Study, words: list[str]) -> None:
    carol = api("Carol")
    if "--json" in words:
        carol.send_form(
            "/studies/refusals/runs/", form(["-F", "file=@run.csv", "-F", "model=Cinder-7b", *MAP])
        )
    elif "-F" not in words:
        unblinded(study)
    answer = carry_out(carol, words)
    assert answer.status == (201 if {"-F", "--json"} & set(words) else 200), answer.data


MAP = ["-F", "map=prompt=Question", "-F", "map=response=Answer"]


def address(words: list[str]) -> str:
    return next(word for word in words if word.startswith("http"))


def form(words: list[str]) -> dict[str, object]:
    """The form behind curl's -F options; @run.csv is our run."""
    fields: dict[str, list[object]] = {}
    for option, text in pairwise(words):
        if option == "-F":
            name, _, value = text.partition("=")
            fields.setdefault(name, []).append(upload(RUN) if value.startswith("@") else value)
    return {name: values if len(values) > 1 else values[0] for name, values in fields.items()}


def carry_out(caller: Caller, words: list[str]) -> Answer:
    assert words[:3] == ["curl", "-K", "token.curl"]
    where = urlsplit(address(words))
    path = where.path.removeprefix(ROOT) + (f"?{where.query}" if where.query else "")
    if "-F" in words:
        return caller.send_form(path, form(words))
    if "--json" in words:
        return caller.post(path, words[words.index("--json") + 1].encode())
    return caller.get(path)
