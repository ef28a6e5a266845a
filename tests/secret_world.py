"""A study in which everything secret is a word that occurs nowhere else, so that a page that tells it is found out."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps
from django.contrib.auth.models import AbstractBaseUser
from django.core.files.base import ContentFile
from django.db import connection

from ihlannotate.models.annotation import Answer
from ihlannotate.models.assignment import Sheet
from ihlannotate.models.event import record
from ihlannotate.models.gold import Adjudication, Opinion
from ihlannotate.models.guess import Guess
from ihlannotate.models.job import Job
from ihlannotate.models.judge import Judge, Verdict
from ihlannotate.models.rubric import Criterion
from ihlannotate.models.study import Membership, Study
from ihlannotate.models.user import ApiToken, User
from ihlannotate.pipeline.adjudicating import give_opinion, settle
from ihlannotate.pipeline.annotating import submit
from ihlannotate.pipeline.annotating.attempts import append_attempt
from ihlannotate.pipeline.assigning import skip
from ihlannotate.pipeline.discussing import write_note
from ihlannotate.pipeline.founding import add_member, state_expertise
from ihlannotate.pipeline.importing import RunFile, import_run, runs_of
from ihlannotate.pipeline.jobs import queue_export, queue_release, receive_run, receive_verdicts, work
from ihlannotate.pipeline.judging import Said, save_verdicts
from ihlannotate.pipeline.lifecycle import close_study, open_study, unblind_study
from ihlannotate.pipeline.readiness import import_known, next_training_sheet, submit_training, waive
from ihlannotate.pipeline.releasing import latest_release, release_gold
from ihlannotate.pipeline.tuning import update_settings
from tests.factory import contested_in, keep_draft, make_study, take_sheet
from tests.files import write_csv

STATES = ("draft", "open", "closed", "unblinded")
ITEMS = 8
ACTS = ("open", "close", "release", "unblind")
FIRST_ID = 731_000_000  # ids begin here, so that a page that shows one is found out


def word(name: str) -> str:
    """The word that stands for one secret."""
    return f"zq{name}qz"


# What names the system behind a response, and what was said of responses.
SYSTEMS = ["modela", "modelb", "conditiona", "conditionb", "system", "external", "skipped"]
ANSWERS = [
    "bobcomment",
    "bobreason",
    "bobdraft",
    "bobskip",
    "bobtraining",
    "bobguess",
    "alicecomment",
    "erikreason",
    "eriknote",
    "bobnote",
    "source",
]
VERDICTS = ["raw", "rationale", "verdictvalue"]
OTHERS = [
    "judge",
    "judgesettings",
    "jobmessage",
    "event",
    "unblinding",
    "mask",
    "maskedlater",
    "slug",
    "otherslug",
    "othertitle",
    "bobexpertise",
    "training",
    "attention",
    "explained",
    "excused",
]
# Alice has answered the first training item only, and the attention item: she never learns what the keys say of others.
KNOWN = """
- name: {training}a
  use: training
  prompt: Train first {prompt}.
  response: No {response}.
  key: {{refusal: refused}}
- name: {training}b
  use: training
  prompt: Train second {prompt}.
  response: Yes {response}.
  key: {{refusal: not_refused}}
  explanation: Because {explained}.
- name: {attention}
  use: attention
  prompt: Attend {prompt}.
  response: No {response}.
  key: {{refusal: refused}}
  explanation: Because {explained}.
"""
# What members of the study may read, and nobody else.
SHARED = ["title", "prompt", "response", "guidelines"]
PEOPLE = ("Alice", "Bob", "Carol", "Dana", "Erik", "Eve", "Frank", "Root")


@dataclass(frozen=True)
class World:
    """The study and its people; `fillers` are values for the parameters of addresses."""

    study: Study
    other: Study
    people: Mapping[str, User]

    @property
    def secrets(self) -> set[str]:
        """The words that no rater may read, whoever's they are."""
        found = {word(name) for name in (*SYSTEMS, *ANSWERS, *VERDICTS, *OTHERS)}
        for name in ("Bob", "Erik", "Alice", "Dana"):
            found |= {word(f"{name.lower()}{what}") for what in ("name", "mail", "alias")}
        release = latest_release(self.study)
        return found | ({release.sha256} if release else set())

    def hidden_from(self, name: str) -> set[str]:
        """The words that this rater may not read: all but their own."""
        return {one for one in self.secrets if not one.startswith(f"zq{name.lower()}")}

    @property
    def discussed(self) -> list[str]:
        """Alice's sheet of the item that an adjudicator and Bob have written notes on."""
        sheets = Sheet.objects.filter(annotator__user=self.people["Alice"], response__notes__isnull=False)
        return list(sheets.values_list("code", flat=True).distinct())

    @property
    def labelled(self) -> set[str]:
        """What stands for gold labels, and for single responses wherever something is said of them."""
        release = latest_release(self.study)
        codes = set(self.study.responses.values_list("code", flat=True))
        return codes | ({release.sha256} if release else set())

    @property
    def never_told(self) -> set[str]:
        """What nobody may read at all."""
        users = list(User.objects.all())
        hashes = {user.password for user in users if AbstractBaseUser.has_usable_password(user)}
        return hashes | {token.digest for user in users for token in user.api_tokens.all()}

    @property
    def ids(self) -> set[str]:
        """All ids of rows that there are."""
        tables = [model for model in _models() if model._meta.pk.get_internal_type() == "BigAutoField"]
        return {str(pk) for model in tables for pk in model._default_manager.values_list("pk", flat=True)}

    @property
    def fillers(self) -> dict[str, list[str]]:
        """Values for a parameter of an address, by its name, or by the space of the address and its name."""
        sheets = {
            name: list(
                self.study.memberships.get(user=self.people[name])
                .sheets.order_by("pk")
                .values_list("code", flat=True)
            )
            for name in ("Alice", "Bob")
        }
        jobs = list(Job.objects.filter(study=self.study).order_by("pk"))
        judged = Opinion.objects.filter(adjudicator__user=self.people["Dana"]).values("response")
        contested_ones = self.study.responses.filter(pk__in=contested_in(self.study)).order_by("pk")
        settled = Adjudication.objects.filter(study=self.study, adjudicator__isnull=False).order_by("pk")
        responses = [
            *contested_ones.filter(pk__in=judged).values_list("code", flat=True),
            *contested_ones.exclude(pk__in=judged).values_list("code", flat=True)[:1],
            *settled.values_list("response__code", flat=True)[:1],
        ]
        return {
            "study_code": [self.study.code, self.other.code],
            "slug": [self.study.slug, self.other.slug],
            "annotate:code": [
                *self.discussed,
                *sheets["Alice"][:4],
                *sheets["Bob"][:4],
                *responses[:1],
                "nobody",
            ],
            "adjudicate:code": [*responses, *sheets["Alice"][:1], "nobody"],
            "coordinate:code": [*(job.code for job in jobs), runs_of(self.study)[0].code, *responses[:1]],
            "coordinate:plot": ["levels", "rates-0"],
            "coordinate:key": list(Criterion.objects.values_list("key", flat=True)),
            "coordinate:number": ["2", "3"],
            "coordinate:older": ["1"],
            "coordinate:suffix": ["md", "html"],
            "coordinate:table": [
                "agreement",
                "agreement-refusal-levels",
                "gold-tiers",
                *(f"judge-{judge.pk}-refusal-decisions" for judge in Judge.objects.all()),
                "findings-1-runs",
            ],
            "coordinate:format": ["csv", "tex"],
            "coordinate:pk": [str(pk) for pk in Judge.objects.values_list("pk", flat=True)],
            "coordinate:name": [*ACTS, *(name for job in jobs for name in job.result.get("files", {}))],
            "api:judge": [word("judge")],
            "api:criterion": ["refusal"],
            "uidb64": ["MQ"],
            "token": ["x-y"],
            "admin:object_id": [str(self.study.pk), str(self.people["Bob"].pk)],
            "admin:app_label": ["ihlannotate"],
            "admin:content_type_id": ["1"],
            "admin:url": ["nowhere/"],
        }


def _models() -> list[type]:
    return [one for one in apps.get_app_config("ihlannotate").get_models() if one._meta.managed]


def plant(state: str, folder: Path) -> World:
    """The world in one of STATES."""
    _start_ids_high()
    world = _draft(folder)
    if state != "draft":
        _open(world)
    if state in ("closed", "unblinded"):
        _close(world)
    if state == "unblinded":
        unblind_study(world.study, reason=f"To publish {word('unblinding')}.", actor=world.people["Carol"])
    world.study.refresh_from_db()
    return world


def _start_ids_high() -> None:
    with connection.cursor() as cursor:
        for number, model in enumerate(_models()):
            pk, table = model._meta.pk, model._meta.db_table
            if pk.get_internal_type() != "BigAutoField":
                continue
            start = FIRST_ID + 1_000_000 * number
            if connection.vendor == "postgresql":
                cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, start])
            else:
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, start])


def _draft(folder: Path) -> World:
    people = {
        name: User.objects.create_user(
            f"{word(name.lower() + 'mail')}@example.org", "a long password", name=word(f"{name.lower()}name")
        )
        for name in PEOPLE
    }
    people["Root"].is_superuser = people["Root"].is_staff = True
    people["Root"].save()
    for user in people.values():
        ApiToken.issue(user=user, name=word("token"))
    study = make_study(
        slug=word("slug"),
        title=f"Title {word('title')}",
        guidelines=f"Guidelines {word('guidelines')}",
        content_notice=f"Notice {word('guidelines')}",
        masked_words=word("mask"),
        attention_every=0,  # it is planted; one that came by itself would take the place of an item
    )
    for name, role in {
        "Alice": "annotator",
        "Bob": "annotator",
        "Carol": "coordinator",
        "Dana": "adjudicator",
        "Erik": "adjudicator",
    }.items():
        alias = word(f"{name.lower()}alias")
        user = people[name]
        add_member(study=study, name=name, email=user.email, role=role, actor=None, alias=alias)
    bob = study.memberships.get(user=people["Bob"])
    state_expertise(member=bob, text=word("bobexpertise"), actor=people["Bob"])
    other = make_study(slug=word("otherslug"), title=word("othertitle"))
    frank = people["Frank"].email
    add_member(study=other, name="Frank", email=frank, role="coordinator", actor=None)
    _import(study, folder, people["Carol"])
    _train(study, people)
    _judge(study)
    later = f"{study.masked_words}\n{word('maskedlater')}"
    update_settings(study, actor=people["Carol"], masked_words=later, guess_items=ITEMS // 2)
    record(study, "study.exported", actor=people["Carol"], data={"what": word("event")})
    study.refresh_from_db()
    return World(study, other, people)


def _import(study: Study, folder: Path, carol: User) -> None:
    rows: list[dict[str, object]] = [
        {
            "id": f"{word('external')}{letter}{number}",
            "prompt": f"Request {number} {word('prompt')}, which the law forbids.",
            "response": f"As {word('mask')}, I will not. {letter}{number} {word('response')}",
            "model": word(f"model{letter}"),
            "condition": word(f"condition{letter}"),
            "system_prompt": word("system"),
            "error": "",
        }
        for letter in "ab"
        for number in range(ITEMS // 2)
    ]
    rows.append(rows[0] | {"id": f"{word('external')}x", "error": word("skipped")})
    path = write_csv(folder / f"{word('file')}.csv", rows)
    import_run(study, RunFile(path=path, name=path.name), actor=carol)
    _waiting, failed = (
        receive_run(study, file=ContentFile(path.read_bytes()), name=f"{word('jobfile')}.csv", user=carol)
        for _ in range(2)
    )
    Job.objects.filter(pk=failed.pk).update(state=Job.State.FAILED, message=word("jobmessage"))
    verdicts = f"id,label,rationale\n1,{word('raw')},{word('rationale')}\n".encode()
    receive_verdicts(
        study,
        file=ContentFile(verdicts),
        name=f"{word('jobfile')}.csv",
        judge=word("judge"),
        criterion="refusal",
        user=carol,
    )


def _train(study: Study, people: Mapping[str, User]) -> None:
    """Alice and Bob have trained, met an attention item, and were let in."""
    words = {name: word(name) for name in ("training", "attention", "explained", "prompt", "response")}
    import_known(study, KNOWN.format(**words), name=word("file"), actor=people["Carol"])
    for name, items in (("Alice", 1), ("Bob", 2)):
        member = study.memberships.select_related("study__rubric").get(user=people[name])
        answers = {"refusal": ["not_refused"], "comment": [word(f"{name.lower()}training")]}
        for _ in range(items):
            sheet = next_training_sheet(member)
            assert sheet
            submit_training(sheet, answers=answers, submission=uuid.uuid4())
        waive(member, actor=people["Carol"], reason=word("excused"))
        attention = study.known_items.get(purpose="attention")
        sheet = Sheet.objects.create(annotator=member, known=attention)
        append_attempt(sheet=sheet, answers=answers, submission=uuid.uuid4(), seconds=9)


def _judge(study: Study) -> None:
    said = [
        Said(1, f"{word('external')}a0", "refused", "0.5", word("rationale")),
        Said(2, f"{word('external')}a1", word("raw")),
        Said(3, f"{word('external')}b0", "not_refused", "0.4"),
        Said(4, f"{word('external')}b1", word("verdictvalue"), "0.3"),
    ]
    save_verdicts(study, said, judge=word("judge"), criterion="refusal", actor=None)
    Judge.objects.filter(study=study).update(settings={"model": word("judgesettings")})
    Verdict.objects.filter(raw=word("verdictvalue")).update(value=word("verdictvalue"))


def _open(world: World) -> None:
    open_study(world.study, actor=world.people["Carol"])
    world.study.refresh_from_db()
    raters = ("Alice", "Bob", "Dana", "Erik")
    people = {name: world.study.memberships.get(user=world.people[name]) for name in raters}
    for member in people.values():
        Membership.objects.filter(pk=member.pk).update(noticed_at=world.study.opened_at)
        member.refresh_from_db()
    _rate(people["Alice"], count=ITEMS - 1, refused=False, comment=word("alicecomment"))
    skip(take_sheet(people["Bob"]), reason="other", comment=word("bobskip"))
    _rate(people["Bob"], count=ITEMS - 2, refused=True, comment=word("bobcomment"))
    keep_draft(take_sheet(people["Bob"]), {"comment": [word("bobdraft")]})
    codes = world.study.responses.filter(pk__in=contested_in(world.study)).values_list("code", flat=True)
    for name, code in (("Erik", codes[0]), ("Dana", codes[2])):
        give_opinion(member=people[name], code=code, answers={"refusal": ["refused"], "helpfulness": ["2"]})
    discussed = world.study.responses.get(code=codes[0])
    for name in ("Erik", "Bob"):
        write_note(author=people[name], response=discussed, text=word(f"{name.lower()}note"))
    settle(member=people["Erik"], code=codes[0], key="refusal", value="refused", reason=word("erikreason"))
    Adjudication.objects.create(
        study=world.study,
        response=world.study.responses.get(code=codes[1]),
        criterion=Criterion.objects.get(rubric=world.study.rubric, key="refusal"),
        value="not_refused",
        source=word("source"),
    )


def _rate(member: Membership, *, count: int, refused: bool, comment: str) -> None:
    """Rate that many items, and revise the first. Who does not find that all are refusals finds it of the last two."""
    for number in range(count):
        sheet = take_sheet(member)
        says_so = refused or number >= count - 2
        chosen = {"refusal": ["refused"], "helpfulness": ["2"]} if says_so else {"refusal": ["not_refused"]}
        answers = chosen | {"comment": [comment]}
        submit(sheet, answers=answers, submission=uuid.uuid4())
        if number == 0:
            submit(
                sheet, answers=answers, submission=uuid.uuid4(), reason=word("bobreason") if refused else ""
            )


def _close(world: World) -> None:
    close_study(world.study, actor=world.people["Carol"])
    world.study.refresh_from_db()
    release_gold(world.study, actor=world.people["Carol"])
    work.call(queue_release(world.study, user=world.people["Carol"]).pk)
    bob = world.study.memberships.select_related("study__rubric").get(user=world.people["Bob"])
    rated = Answer.objects.filter(annotator=bob, live=True).values_list("response", flat=True)
    Guess.objects.create(annotator=bob, response_id=rated[0], model=word("bobguess"))
    for what, format in (("all", "xlsx"), ("annotations", "csv")):
        work.call(queue_export(world.study, what=what, format=format, user=world.people["Carol"]).pk)
