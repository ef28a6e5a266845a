"""Callers whose every answer is held against the published schema, and a small study to call about."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import resolve
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

from ihlannotate.models.study import Study
from ihlannotate.models.user import ApiToken
from tests.factory import make_item, make_member, make_run, make_study, make_user

ROOT = "/api/v1"


@dataclass(frozen=True)
class Answer:
    """What came back. `data` is the parsed JSON, `body` the bytes of a file."""

    status: int
    data: Any
    body: bytes
    headers: Mapping[str, str]


class Schema:
    """The published document; `check` fails for an answer that it does not describe, down to extra keys."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.strict = json.loads(json.dumps(document["components"]))
        for shape in self.strict["schemas"].values():
            if "properties" in shape:
                shape["additionalProperties"] = False

    def paths(self) -> set[str]:
        return set(self.document["paths"])

    def check(self, method: str, path: str, answer: Answer) -> None:
        route = resolve(path.split("?")[0]).route
        template = "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", route)
        described = self.document["paths"][template][method]["responses"]
        assert str(answer.status) in described, f"{method} {template} answers {answer.status} undescribed"
        kinds = described[str(answer.status)]["content"]
        kind = answer.headers["Content-Type"].split(";")[0]
        if kind == "application/json":
            wanted = {**kinds[kind]["schema"], "components": self.strict}
            Draft202012Validator(wanted).validate(answer.data)
        else:
            assert kind in kinds or "application/octet-stream" in kinds, f"{kind} is undescribed"


class Caller:
    """A program with somebody's token."""

    def __init__(self, schema: Schema, token: str) -> None:
        self.schema = schema
        self.client = Client(headers={"Authorization": f"Bearer {token}"} if token else {})

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Answer:
        return self._answer("get", path, self.client.get(ROOT + path, query_params=query or {}))

    def post(self, path: str, body: Any) -> Answer:
        """A JSON body (or, where `body` is bytes, those)."""
        sent = self.client.post(ROOT + path, body, content_type="application/json")
        return self._answer("post", path, sent)

    def send_form(self, path: str, fields: Mapping[str, Any]) -> Answer:
        return self._answer("post", path, self.client.post(ROOT + path, fields))

    def _answer(self, method: str, path: str, response: Any) -> Answer:
        body = b"".join(response) if response.streaming else response.content
        is_json = response["Content-Type"] == "application/json"
        answer = Answer(response.status_code, json.loads(body) if is_json else None, body, response.headers)
        self.schema.check(method, ROOT + path, answer)
        return answer


@pytest.fixture(autouse=True)
def _forget_throttling(static_files: None) -> None:
    """Ids of people come again after a rolled-back test, and so would their counted requests."""
    cache.clear()


@pytest.fixture(scope="session")
def schema() -> Schema:
    return Schema(
        json.loads(json.dumps(SchemaGenerator().get_schema(request=None, public=True), default=str))
    )


@pytest.fixture
def api(schema: Schema, db: None) -> Callable[..., Caller]:
    """`api("Carol")` calls with a token of hers; `api()` without any."""

    def caller(name: str = "") -> Caller:
        return Caller(schema, ApiToken.issue(user=make_user(name), name="test") if name else "")

    return caller


@pytest.fixture
def study(db: None) -> Study:
    """A draft with its people and two runs of two responses to the same two prompts."""
    study = make_study()
    for name in ("Alice", "Bob", "Carol", "Dana"):
        make_member(study, name)
    make_user("Eve")
    for model in ("Aster-1", "Borealis-2"):
        for number in (1, 2):
            make_item(
                study,
                prompt=f"Request {number}, which the law forbids.",
                response=f"No, says the one that answers {model[0]}{number}.",
                run=make_run(study, model=model),
                external_id=f"{model[0]}{number}",
            )
    return study
