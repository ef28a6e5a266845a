"""The demo study: fixtures/demo put through the same verbs that real studies go through. Synthetic throughout."""

import csv
import datetime
import random
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from django.conf import settings
from django.db import transaction

from ihlannotate.models.assignment import Sheet
from ihlannotate.models.study import Membership, Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.adjudicating import settle
from ihlannotate.pipeline.annotating import submit
from ihlannotate.pipeline.founding import add_member, found_study, read_rubric_file, spec_of
from ihlannotate.pipeline.importing import RunFile, code_of, import_run, match_responses
from ihlannotate.pipeline.judging import save_verdicts
from ihlannotate.pipeline.judging.verdicts import Said
from ihlannotate.pipeline.lifecycle import close_study, open_study
from ihlannotate.pipeline.releasing import release_gold

FOLDER = settings.BASE_DIR / "fixtures" / "demo"


@dataclass(frozen=True)
class Person:
    email: str
    name: str
    role: str
    alias: str


def demo_people() -> tuple[list[Person], str]:
    """Who can sign in to the demo, and the one password of all of them."""
    said = _said()
    return [
        Person(**{key: one[key] for key in ("email", "name", "role", "alias")}) for one in said["people"]
    ], said["password"]


def load_demo() -> list[Study]:
    """Make the demo studies that are not there yet: one open, and one closed with released gold."""
    made = []
    for slug, closed in (("demo", False), ("demo-closed", True)):
        if not Study.objects.filter(slug=slug).exists():
            with transaction.atomic():
                made.append(_load(slug, closed=closed))
    return made


def _said() -> Mapping[str, Any]:
    said: Mapping[str, Any] = yaml.safe_load((FOLDER / "study.yaml").read_text("utf-8"))
    return said


def _load(slug: str, *, closed: bool) -> Study:
    said = _said()
    study = found_study(
        slug=slug,
        title=said["title"].replace("Demo:", "Demo, closed:") if closed else said["title"],
        spec=read_rubric_file((FOLDER / said["rubric"]).read_text("utf-8")),
        overlap=said["overlap"],
        epsilon=said["epsilon"],
        description=said["description"],
        guidelines=said["guidelines"],
        content_notice=said["content_notice"],
        masked_words="\n".join(said["masked_words"]),
        seed=said["seed"],
        actor=None,
    )
    members = {one.alias: _member(study, one, said["password"]) for one in demo_people()[0]}
    coordinator = next(one.user for one in members.values() if one.role == Membership.Role.COORDINATOR)
    for run in said["runs"]:
        path = FOLDER / run["file"]
        import_run(study, RunFile(path=path, name=path.name, model=run["model"]), actor=coordinator)
    open_study(study, actor=coordinator)
    study.refresh_from_db()
    _rate(study, members)
    adjudicator = next(one for one in members.values() if one.role == Membership.Role.ADJUDICATOR)
    _adjudicate(study, adjudicator)
    _judge(study, f"{said['judge']['name']} {said['judge']['version']}", coordinator)
    if closed:
        close_study(study, actor=coordinator)
        release_gold(study, actor=coordinator)
    return study


def _member(study: Study, person: Person, password: str) -> Membership:
    member = add_member(
        study=study, name=person.name, email=person.email, role=person.role, alias=person.alias, actor=None
    )
    if member.user and not member.user.has_usable_password():
        member.user.set_password(password)
        member.user.save(update_fields=["password"])
    return member


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _rate(study: Study, members: Mapping[str, Membership]) -> None:
    kinds = {criterion.key: criterion.kind for criterion in spec_of(study.rubric).criteria}
    rows = list(_rows("annotations.csv"))
    found = match_responses(study, [row["id"] for row in rows])
    thinking = random.Random(study.seed)  # noqa: S311 (invented minutes, the same each time)
    for row in rows:
        (match,) = found[row["id"]]
        sheet = Sheet.objects.create(annotator=members[row["annotator"]], response_id=match.response_id)
        sheet.created_at -= datetime.timedelta(seconds=thinking.uniform(50, 330))
        sheet.save(update_fields=["created_at"])
        answers = {
            key: row[key].split(";") if kind == "many" else [row[key]]
            for key, kind in kinds.items()
            if row[key]
        }
        submit(sheet, answers=answers, submission=uuid.uuid4())


def _adjudicate(study: Study, adjudicator: Membership) -> None:
    rows = list(_rows("adjudications.csv"))
    found = match_responses(study, [row["id"] for row in rows])
    for row in rows:
        (match,) = found[row["id"]]
        settle(
            member=adjudicator,
            code=code_of(match.response_id),
            key=row["criterion"],
            value=row["value"],
            reason=row["reason"],
        )


def _judge(study: Study, judge: str, actor: User | None) -> None:
    rows = list(enumerate(_rows("verdicts.csv"), start=2))
    for criterion, score in (("refusal", "score"), ("helpfulness", "")):
        said = [
            Said(number, row["id"], row[criterion], row[score] if score else "", row["rationale"])
            for number, row in rows
        ]
        save_verdicts(study, said, judge=judge, criterion=criterion, actor=actor)
