"""A study in which every table has at least one row."""

import uuid
from dataclasses import dataclass

from ihlannotate.models.annotation import Attempt, Evidence, Revision
from ihlannotate.models.assignment import Assignment, Sheet
from ihlannotate.models.discussion import DisagreementTag, Note
from ihlannotate.models.gold import Adjudication, GoldLabel, GoldRelease, Opinion
from ihlannotate.models.guess import Guess
from ihlannotate.models.item import Response
from ihlannotate.models.judge import Judge, Verdict
from ihlannotate.models.known import KnownItem
from ihlannotate.models.provenance import Origin, Run
from ihlannotate.models.rubric import Criterion
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.adjudicating import settle
from ihlannotate.pipeline.judging import Said, save_verdicts
from ihlannotate.pipeline.lifecycle import close_study, open_study
from tests.factory import make_item, make_member, make_run, make_study, make_user, rate_next


@dataclass(frozen=True)
class World:
    study: Study
    alice: Membership
    bob: Membership
    run: Run
    response: Response
    criterion: Criterion
    assignment: Assignment
    sheet: Sheet
    adjudication: Adjudication
    release: GoldRelease
    label: GoldLabel
    judge: Judge
    verdict: Verdict
    evidence: Evidence
    known: KnownItem
    attempt: Attempt
    guess: Guess
    opinion: Opinion
    note: Note
    tag: DisagreementTag


def closed_world() -> World:
    """One response, rated by Alice, settled by Dana, released, judged; one that nobody has rated; one known item."""
    study = make_study()
    alice, bob = make_member(study, "Alice"), make_member(study, "Bob")
    run = make_run(study)
    make_item(study, run=run, external_id="r0")
    make_item(study, run=run, external_id="r1", prompt="Another request.")
    open_study(study, actor=None)
    sheet = rate_next(alice)
    response = sheet.response
    adjudication = settle(
        member=make_member(study, "Dana"),
        code=response.code,
        key="refusal",
        value="refused",
        reason="It says so.",
    )
    close_study(study, actor=None)
    criterion = Criterion.objects.get(key="refusal")
    release, label = _release(study, criterion, response)
    external_id = Origin.objects.get(response=response).external_id
    save_verdicts(study, [Said(1, external_id, "refused")], judge="Judge-1", criterion="refusal", actor=None)
    evidence = Evidence.objects.create(revision=Revision.objects.get(), criterion=criterion, start=0, end=4)
    attempt = _attempt(study, alice)
    study.refresh_from_db()
    return World(
        study=study,
        alice=alice,
        bob=bob,
        run=run,
        response=response,
        criterion=criterion,
        assignment=Assignment.objects.get(response=response, annotator=alice),
        sheet=sheet,
        adjudication=adjudication,
        release=release,
        label=label,
        judge=Judge.objects.get(),
        verdict=Verdict.objects.get(),
        evidence=evidence,
        known=attempt.sheet.known,
        attempt=attempt,
        guess=Guess.objects.create(annotator=alice, response=response, model="Aster-1"),
        opinion=Opinion.objects.create(
            study=study,
            response=response,
            criterion=criterion,
            adjudicator=adjudication.adjudicator,
            value="refused",
        ),
        note=Note.objects.create(
            study=study, response=response, author=adjudication.adjudicator, text="Why so?"
        ),
        tag=DisagreementTag.objects.create(
            study=study, response=response, criterion=criterion, cause="slip", tagged_by=make_user("Carol")
        ),
    )


def _attempt(study: Study, member: Membership) -> Attempt:
    known = KnownItem.objects.create(
        study=study,
        name="k1",
        purpose=KnownItem.Purpose.ATTENTION,
        position=0,
        prompt="A request.",
        response="A reply.",
        key={"refusal": ["refused"]},
    )
    sheet = Sheet.objects.create(annotator=member, known=known)
    return Attempt.objects.create(
        sheet=sheet, number=1, submission=uuid.uuid4(), answers={"refusal": ["refused"]}
    )


def _release(study: Study, criterion: Criterion, response: Response) -> tuple[GoldRelease, GoldLabel]:
    """A release of one label, without the wait for a posterior."""
    release = GoldRelease.objects.create(
        study=study,
        number=1,
        method="majority",
        seed=0,
        rubric_sha256=study.rubric.sha256,
        code_version="0",
        sha256="0" * 64,
    )
    label = GoldLabel.objects.create(
        release=release, response=response, criterion=criterion, value="refused", tier="adjudicated", n=1
    )
    return release, label
