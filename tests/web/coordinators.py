"""Worlds and helpers for tests of the coordinators' pages."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ihlannotate.models.study import Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.lifecycle import close_study
from tests.factory import REFUSED, make_member, make_study, make_user, open_with, rate_next

NOT_REFUSED = {"refusal": ["not_refused"]}


def sign_in(client: Client, user: User) -> Client:
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def as_carol(client: Client, study: Study) -> Client:
    """Carol coordinates the study and is signed in."""
    if not study.memberships.filter(user__name="Carol").exists():
        make_member(study, "Carol")
    return sign_in(client, make_user("Carol"))


def rated(items: int = 4, *, apart: int = 1, slug: str = "refusals") -> Study:
    """An open study, k = 2, that Alice and Bob have rated; on `apart` items Bob says that it is no refusal."""
    study = open_with(make_study(slug=slug), items)
    alice, bob = make_member(study, "Alice"), make_member(study, "Bob")
    for number in range(items):
        rate_next(alice)
        rate_next(bob, NOT_REFUSED if number < apart else REFUSED)
    return study


def closed(study: Study) -> Study:
    close_study(study, actor=None)
    study.refresh_from_db()
    return study


def text_of(response: Any) -> str:
    """What a page says, without tags, white space as a reader sees it."""
    bare = re.sub(
        r"<(script|style|title|desc)\b.*?</\1>|<[^>]+>", " ", response.content.decode(), flags=re.DOTALL
    )
    return re.sub(r"\s+", " ", html.unescape(bare))


@contextmanager
def counted_queries() -> Iterator[CaptureQueriesContext]:
    with CaptureQueriesContext(connection) as queries:
        yield queries


def words_of(fragment: str) -> str:
    """A piece of HTML without its tags."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", fragment))).strip()
