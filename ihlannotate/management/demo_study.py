"""The demo study: fixtures/demo put through the same verbs that real studies go through. Synthetic throughout."""

import csv
import datetime
import random
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ihlannotate.models.assignment import Assignment, Sheet
from ihlannotate.models.known import KnownItem
from ihlannotate.models.study import Membership, Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.adjudicating import differing, give_opinion, settle
from ihlannotate.pipeline.annotating import submit
from ihlannotate.pipeline.assigning.slots import lease_repeat
from ihlannotate.pipeline.discussing import write_note
from ihlannotate.pipeline.founding import add_member, found_study, read_rubric_file, spec_of, state_expertise
from ihlannotate.pipeline.importing import RunFile, code_of, import_run, match_responses
from ihlannotate.pipeline.judging import Said, save_verdicts
from ihlannotate.pipeline.lifecycle import close_study, open_study
from ihlannotate.pipeline.readiness import another_round, import_known, next_training_sheet, submit_training
from ihlannotate.pipeline.releasing import release_gold

FOLDER = settings.BASE_DIR / "fixtures" / "demo"
A_DAY = 20  # items that an invented annotator rates a day
ATTENTION_AFTER = (20, 40, 60)  # ratings
REPEATED = {45: 5, 58: 14, 70: 23}  # after so many ratings -> which one comes back


@dataclass(frozen=True)
class Person:
    email: str
    name: str
    role: str
    alias: str
    expertise: str


def demo_people() -> tuple[list[Person], str]:
    """Who can sign in to the demo, and the one password of all of them."""
    said = _said()
    return [
        Person(one["email"], one["name"], one["role"], one["alias"], one.get("expertise", ""))
        for one in said["people"]
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
    import_known(study, (FOLDER / "known.yaml").read_text("utf-8"), name="known.yaml", actor=coordinator)
    open_study(study, actor=coordinator)
    study.refresh_from_db()
    _rate(study, members)
    adjudicator = next(one for one in members.values() if one.role == Membership.Role.ADJUDICATOR)
    _adjudicate(study, adjudicator)
    _in_two_steps(study, adjudicator)
    _discuss(study, members)
    _judge(study, f"{said['judge']['name']} {said['judge']['version']}", coordinator)
    if closed:
        close_study(study, actor=coordinator)
        release_gold(study, actor=coordinator)
    return study


def _member(study: Study, person: Person, password: str) -> Membership:
    member = add_member(
        study=study, name=person.name, email=person.email, role=person.role, alias=person.alias, actor=None
    )
    state_expertise(member=member, text=person.expertise, actor=None)
    if member.user and not member.user.has_usable_password():
        member.user.set_password(password)
        member.user.save(update_fields=["password"])
    return member


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


class _Annotator:
    """An invented annotator at work: items as the product would hand them out, in the order of the files."""

    def __init__(self, member: Membership, known: Mapping[str, KnownItem], thinking: random.Random) -> None:
        self.member, self.known, self.thinking = member, known, thinking
        self.attempts = [row for row in _rows("attempts.csv") if row["annotator"] == member.alias]
        self.attention = [row for row in self.attempts if row["item"].startswith("attention")]
        self.rated: list[tuple[int, dict[str, list[str]]]] = []

    def train(self) -> None:
        """Take the rounds of the training that the file gives."""
        for row in self.attempts:
            if row["item"].startswith("training"):
                sheet = next_training_sheet(self.member) or another_round(self.member)
                assert sheet.known == self.known[row["item"]]
                submit_training(sheet, answers=self._answers(row), submission=uuid.uuid4())
                self.member.refresh_from_db()

    def rate(self, response: int, answers: dict[str, list[str]]) -> None:
        """Rate a response, then whatever comes after it unannounced."""
        self._submit(Sheet(response_id=response), answers)
        self.rated.append((response, answers))
        number = len(self.rated)
        if number in ATTENTION_AFTER and self.attention:
            row = self.attention.pop(0)
            self._submit(Sheet(known=self.known[row["item"]]), self._answers(row))
        if number in REPEATED:
            again, before = self.rated[REPEATED[number] - 1]
            lease_repeat(self.member, again)
            self._submit(Sheet(response_id=again, occasion=Assignment.REPEAT), self._remembered(before))

    def _submit(self, sheet: Sheet, answers: Mapping[str, Sequence[str]]) -> None:
        sheet.annotator = self.member
        sheet.save()
        sheet.created_at -= datetime.timedelta(seconds=self.thinking.uniform(50, 330))
        sheet.save(update_fields=["created_at"])
        submit(sheet, answers=answers, submission=uuid.uuid4())

    def _answers(self, row: Mapping[str, str]) -> dict[str, list[str]]:
        """The first answers that the key accepts, except where the row says otherwise."""
        key = {name: values[:1] for name, values in self.known[row["item"]].key.items()}
        said = dict(pair.split("=") for pair in row["answers"].split(";") if pair)
        return key | {name: [value] for name, value in said.items()} | {"confidence": ["fairly"]}

    def _remembered(self, before: dict[str, list[str]]) -> dict[str, list[str]]:
        """The answers of the first time, with helpfulness a step lower now and then."""
        level = before.get("helpfulness", ["1"])[0]
        if level == "1" or self.thinking.random() < 0.5:
            return before
        return before | {"helpfulness": [str(int(level) - 1)]}

    def spread_over_days(self) -> None:
        """Lay the times at which items were handed out apart, as people work: some a day, one after another."""
        sheets = list(Sheet.objects.filter(annotator=self.member).order_by("pk"))
        days = -(-len(sheets) // A_DAY)
        for place, sheet in enumerate(sheets):
            if place % A_DAY == 0:
                moment = timezone.now() - datetime.timedelta(days=days - place // A_DAY)
            sheet.created_at = moment
            moment += datetime.timedelta(seconds=self.thinking.uniform(50, 330))
        Sheet.objects.bulk_update(sheets, ["created_at"])


def _rate(study: Study, members: Mapping[str, Membership]) -> None:
    """The training of those who trained, then the ratings, each annotator's in the order of the file."""
    kinds = {criterion.key: criterion.kind for criterion in spec_of(study.rubric).criteria}
    rows = list(_rows("annotations.csv"))
    found = match_responses(study, [row["id"] for row in rows])
    thinking = random.Random(study.seed)  # noqa: S311 (invented minutes, the same each time)
    known = {item.name: item for item in KnownItem.objects.filter(study=study)}
    at_work = {
        alias: _Annotator(member, known, thinking)
        for alias, member in members.items()
        if member.role == Membership.Role.ANNOTATOR
    }
    for one in at_work.values():
        one.train()
    for row in rows:
        (match,) = found[row["id"]]
        answers = {
            key: row[key].split(";") if kind == "many" else [row[key]]
            for key, kind in kinds.items()
            if row[key]
        }
        at_work[row["annotator"]].rate(match.response_id, answers)
    for one in at_work.values():
        one.spread_over_days()


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


def _in_two_steps(study: Study, adjudicator: Membership) -> None:
    """Contested items that the adjudicator answered before seeing the annotators; not all are settled yet."""
    spec = spec_of(study.rubric)
    by_item: dict[str, list[dict[str, str]]] = {}
    for row in _rows("two_steps.csv"):
        by_item.setdefault(row["id"], []).append(row)
    found = match_responses(study, list(by_item))
    for item, rows in by_item.items():
        (match,) = found[item]
        code = code_of(match.response_id)
        own = {
            row["criterion"]: [row["opinion"].replace("differ", differing(spec.criterion(row["criterion"])))]
            for row in rows
        }
        give_opinion(member=adjudicator, code=code, answers=own)
        for row in (one for one in rows if one["value"]):
            value = row["value"].removeprefix("differ")
            settle(member=adjudicator, code=code, key=row["criterion"], value=value, reason=row["reason"])


def _discuss(study: Study, members: Mapping[str, Membership]) -> None:
    rows = list(_rows("notes.csv"))
    found = match_responses(study, [row["id"] for row in rows])
    for row in rows:
        (match,) = found[row["id"]]
        response = study.responses.get(pk=match.response_id)
        write_note(author=members[row["author"]], response=response, text=row["text"])


def _judge(study: Study, judge: str, actor: User | None) -> None:
    rows = list(enumerate(_rows("verdicts.csv"), start=2))
    for criterion, score in (("refusal", "score"), ("helpfulness", "")):
        said = [
            Said(number, row["id"], row[criterion], row[score] if score else "", row["rationale"])
            for number, row in rows
        ]
        save_verdicts(study, said, judge=judge, criterion=criterion, actor=actor)
