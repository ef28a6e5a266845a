"""Many people at once: nothing is lost, nothing is done twice, nobody meets an error. On both databases."""

import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TypeVar

import pytest
from django.db import connection, connections, transaction
from django.test import Client
from django.urls import reverse

from ihlannotate.models.annotation import Annotation, Answer, Revision
from ihlannotate.models.assignment import Assignment, Sheet
from ihlannotate.models.event import Event, first_broken, record
from ihlannotate.models.item import Response
from ihlannotate.models.job import Job
from ihlannotate.models.study import Membership, Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.annotating import RatingsFile, import_ratings, submit
from ihlannotate.pipeline.annotating.submitting import State
from ihlannotate.pipeline.assigning import next_sheet, pause, reassign, skip
from ihlannotate.pipeline.exporting import export
from ihlannotate.pipeline.importing import import_run
from ihlannotate.pipeline.jobs import queue, queue_release, work
from ihlannotate.pipeline.lifecycle import close_study, open_study
from ihlannotate.pipeline.refusals import Refused
from tests.factory import (
    REFUSED,
    keep_draft,
    make_member,
    make_study,
    open_with,
    rate_next,
    run_out,
    take_sheet,
)
from tests.files import ratings_file, run_file, run_rows

pytestmark = pytest.mark.django_db(transaction=True)
T = TypeVar("T")
PATIENCE = 60  # seconds, after which something waits for ever


def _alone(act: Callable[[], T]) -> T:
    """What a thread does, with connections of its own that it leaves closed."""
    try:
        return act()
    finally:
        connections.close_all()


def at_once(acts: Sequence[Callable[[], T]]) -> list[T]:
    """Start all of them at the same moment, each in a thread with its own connection; what each returned."""
    start = threading.Barrier(len(acts))

    def begin(act: Callable[[], T]) -> T:
        start.wait(PATIENCE)
        return _alone(act)

    connection.close()
    with ThreadPoolExecutor(len(acts)) as pool:
        running: list[Future[T]] = [pool.submit(begin, act) for act in acts]
        return [one.result(PATIENCE) for one in running]


def people(study: Study, count: int) -> list[Membership]:
    return [make_member(study, f"Annotator{number}", role="annotator") for number in range(count)]


def rate_until_nothing_is_left(member: Membership) -> list[uuid.UUID]:
    """The submissions that were acknowledged."""
    acknowledged = []
    while sheet := next_sheet(member):
        submission = uuid.uuid4()
        keep_draft(sheet, {"refusal": ["refused"]})
        assert submit(sheet, answers=REFUSED, submission=submission).state is State.ACCEPTED
        acknowledged.append(submission)
    return acknowledged


def check_annotations(study: Study, acknowledged: Sequence[uuid.UUID]) -> None:
    """All that was acknowledged is there, and no response has more than k annotations or two of one person."""
    assert set(Revision.objects.values_list("submission", flat=True)) == set(acknowledged)
    taken = Assignment.objects.filter(study=study).exclude(annotation=None)
    assert max(Counter(taken.values_list("response_id", flat=True)).values()) <= study.overlap
    assert max(Counter(taken.values_list("response_id", "annotator_id")).values()) == 1
    assert Answer.objects.filter(live=True, criterion__key="refusal").count() == len(acknowledged)
    assert Event.objects.filter(verb="annotation.submitted").count() == len(acknowledged)
    assert first_broken(study) is None


def test_ten_annotators_at_once_give_every_item_exactly_k_annotations() -> None:
    study = open_with(make_study(overlap=3), 15)
    acknowledged = at_once([partial(rate_until_nothing_is_left, one) for one in people(study, 10)])
    check_annotations(study, list(chain(*acknowledged)))
    assert sum(map(len, acknowledged)) == 3 * 15


def test_ten_browsers_at_once_give_every_item_exactly_k_annotations(static_files: None) -> None:
    study = open_with(make_study(overlap=3), 10)
    members = people(study, 10)
    acknowledged = at_once([partial(_browse, study.code, member) for member in members])
    check_annotations(study, list(chain(*acknowledged)))
    assert sum(map(len, acknowledged)) == 3 * 10


def _browse(study_code: str, member: Membership) -> list[uuid.UUID]:
    """Sign in, read the welcome page, then submit what comes until there is nothing left."""
    client = Client()
    assert member.user
    client.force_login(member.user)
    client.post(reverse("annotate:study", args=[study_code]))
    answer = client.get(reverse("annotate:next", args=[study_code]))
    acknowledged = []
    while answer.status_code in (302, 303) and not answer["Location"].endswith("/next/"):
        assert client.get(answer["Location"]).status_code == 200
        submission = uuid.uuid4()
        answer = client.post(
            answer["Location"], {"c-refusal": "refused", "c-helpfulness": "2", "submission": str(submission)}
        )
        assert answer.status_code == 303
        acknowledged.append(submission)
    return acknowledged


def test_two_tabs_that_ask_at_once_get_the_same_item() -> None:
    study = open_with(make_study(), 5)
    alice = make_member(study, "Alice")
    sheets = at_once([partial(next_sheet, alice)] * 8)
    assert len({sheet.pk for sheet in sheets if sheet}) == 1
    assert None not in sheets
    assert Sheet.objects.count() == Assignment.objects.exclude(annotator=None).count() == 1


def test_one_submission_that_is_sent_eight_times_at_once_is_one_annotation() -> None:
    study = open_with(make_study(), 5)
    sheet, submission = take_sheet(make_member(study, "Alice")), uuid.uuid4()
    outcomes = at_once([partial(submit, sheet, answers=REFUSED, submission=submission)] * 8)
    assert Counter(one.state for one in outcomes) == {State.ACCEPTED: 1, State.REPEATED: 7}
    assert {one.revision for one in outcomes} == {1}
    assert Annotation.objects.count() == Revision.objects.count() == 1
    check_annotations(study, [submission])


def test_revisions_that_are_sent_at_once_are_all_kept_and_one_of_them_counts() -> None:
    study = open_with(make_study(), 1)
    sheet = rate_next(make_member(study, "Alice"))
    acts = [
        partial(submit, sheet, answers=REFUSED, submission=uuid.uuid4(), reason=f"Thought {number}.")
        for number in range(6)
    ]
    outcomes = at_once(acts)
    assert sorted(one.revision for one in outcomes) == [2, 3, 4, 5, 6, 7]
    assert set(Answer.objects.filter(live=True).values_list("revision__number", flat=True)) == {7}


def test_the_last_slot_goes_to_one_of_those_who_ask_for_it() -> None:
    study = open_with(make_study(overlap=1), 1)
    sheets = at_once([partial(next_sheet, one) for one in people(study, 8)])
    assert sum(sheet is not None for sheet in sheets) == 1


def test_leases_that_ran_out_are_handed_on_while_their_owners_come_back() -> None:
    study = open_with(make_study(overlap=2), 6)
    members = people(study, 6)
    sheets = [take_sheet(member) for member in members]
    for sheet in sheets:
        run_out(sheet)
    acknowledged = at_once([partial(rate_until_nothing_is_left, member) for member in members])
    check_annotations(study, list(chain(*acknowledged)))
    assert sum(map(len, acknowledged)) == 2 * 6


def test_a_lease_that_ran_out_is_not_taken_from_who_is_submitting_at_that_moment() -> None:
    study = open_with(make_study(overlap=1), 1)
    alice, bob = make_member(study, "Alice"), make_member(study, "Bob")
    sheet = take_sheet(alice)
    run_out(sheet)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            submit(sheet, answers=REFUSED, submission=uuid.uuid4())
            asking = pool.submit(_alone, partial(next_sheet, bob))
            if connection.vendor == "postgresql":  # SQLite's writers wait for each other
                assert asking.result(PATIENCE) is None
        assert asking.result(PATIENCE) is None
    assert Assignment.objects.get().annotator == alice
    assert Annotation.objects.get().assignment.annotator == alice


def test_skipping_and_asking_at_once_loses_no_slot() -> None:
    study = open_with(make_study(overlap=2), 4)
    members = people(study, 6)
    at_once([partial(_skip_one, member) for member in members])
    assert Assignment.objects.filter(annotator=None).count() == 8
    late = [make_member(study, name) for name in ("Alice", "Bob")]
    acknowledged = at_once([partial(rate_until_nothing_is_left, member) for member in late])
    assert sum(map(len, acknowledged)) == 8


def _skip_one(member: Membership) -> None:
    skip(take_sheet(member), reason="unclear")


def test_an_item_that_is_given_to_several_at_once_goes_to_one_of_them() -> None:
    study = open_with(make_study(overlap=1), 1)
    holder, *others = people(study, 5)
    take_sheet(holder)
    lease = Assignment.objects.get(annotator=holder)
    given = at_once([partial(_give, lease, one) for one in others])
    assert sum(given) >= 1  # whoever comes later may take it from the one before
    assert Assignment.objects.get().annotator in others
    assert Event.objects.filter(verb="item.reassigned").count() == sum(given)


def _give(lease: Assignment, to: Membership) -> bool:
    try:
        reassign(assignment=lease, to=to, actor=None)
    except Refused:
        return False
    return True


def test_pausing_people_who_are_at_work_loses_nothing_and_leaves_nothing_in_their_hands() -> None:
    study = open_with(make_study(overlap=2), 10)
    members = people(study, 4)
    raters = [partial(_rate_what_is_taken, one) for one in members]
    acts: list[Callable[[], list[uuid.UUID]]] = [*raters, *(partial(_pause, one) for one in members[:2])]
    acknowledged = list(chain(*at_once(acts)))
    # What a pause freed after the others had looked for the last time is theirs now.
    acknowledged += [*_rate_what_is_taken(members[2]), *_rate_what_is_taken(members[3])]
    check_annotations(study, acknowledged)
    assert not Assignment.objects.filter(leased_until__isnull=False).exists()
    assert not Assignment.objects.filter(annotator=None).exists()
    assert len(acknowledged) == 20


def _rate_what_is_taken(member: Membership) -> list[uuid.UUID]:
    """The submissions that were taken: of an item that a pause freed somebody else may have the slot."""
    acknowledged = []
    while sheet := next_sheet(member):
        submission = uuid.uuid4()
        if submit(sheet, answers=REFUSED, submission=submission).state is State.ACCEPTED:
            acknowledged.append(submission)
    return acknowledged


def _pause(member: Membership) -> list[uuid.UUID]:
    pause(member=member, actor=None)
    return []


def test_nothing_is_submitted_after_a_study_was_closed() -> None:
    study = open_with(make_study(overlap=3), 30)
    acts = [partial(_rate_until_closed, member) for member in people(study, 6)]
    at_once([*acts, partial(_close_after_some, study)])
    verbs = list(Event.objects.filter(study=study).order_by("number").values_list("verb", flat=True))
    assert "annotation.submitted" in verbs
    assert verbs[-1] == "study.closed"
    assert first_broken(study) is None


def _rate_until_closed(member: Membership) -> None:
    while sheet := next_sheet(member):
        try:
            submit(sheet, answers=REFUSED, submission=uuid.uuid4())
        except Refused:
            return


def _close_after_some(study: Study) -> None:
    while Revision.objects.count() < 5:
        connection.close()
    close_study(study, actor=None)


def test_one_file_that_is_imported_twice_at_once_is_imported_once(tmp_path: Path) -> None:
    study = make_study()
    file = run_file(tmp_path / "run.csv", run_rows(50))
    reports = at_once([partial(import_run, study, file, actor=None)] * 3)
    assert sorted(one.responses_new for one in reports) == [0, 0, 50]
    assert Response.objects.count() == 50


def test_runs_of_two_models_that_are_imported_at_once_share_prompts_and_are_both_masked(
    tmp_path: Path,
) -> None:
    study = make_study()
    files = [
        run_file(tmp_path / f"{model}.csv", run_rows(50), model=model) for model in ("Aster-1", "Dunlin")
    ]
    reports = at_once([partial(import_run, study, file, actor=None) for file in files])
    assert sorted(one.prompts_new for one in reports) == [0, 50]
    assert {"Aster-1", "Dunlin"} <= set(Study.objects.get().masked_words.splitlines())


def test_ratings_that_are_imported_while_people_rate_never_make_too_many(tmp_path: Path) -> None:
    study = make_study(overlap=2)
    import_run(study, run_file(tmp_path / "run.csv", run_rows(12)), actor=None)
    open_study(study, actor=None)
    study.refresh_from_db()
    files = [
        ratings_file(tmp_path / f"{number}.csv", [{"id": f"r{number}", "given": "refused"}])
        for number in range(12)
    ]
    raters = [partial(rate_until_nothing_is_left, member) for member in people(study, 4)]
    acts: list[Callable[[], object]] = [*raters, partial(_import_each, study, files)]
    *_, late = at_once(acts)
    taken = Assignment.objects.exclude(annotation=None)
    assert taken.count() == 24
    assert late == 12 - taken.filter(annotator__alias="R1").count()
    assert max(Counter(taken.values_list("response_id", "annotator_id")).values()) == 1
    assert first_broken(study) is None


def _import_each(study: Study, files: Sequence[RatingsFile]) -> int:
    """Import one rating after another; how many came too late."""
    refused = 0
    for file in files:
        try:
            import_ratings(study, file, annotators={"given": "R1"}, actor=None)
        except Refused:
            refused += 1
    return refused


def test_a_slot_that_is_being_handed_out_is_not_given_to_an_imported_rating(tmp_path: Path) -> None:
    study = make_study(overlap=1)
    import_run(study, run_file(tmp_path / "run.csv", run_rows(1)), actor=None)
    open_study(study, actor=None)
    alice = make_member(study, "Alice")
    file = ratings_file(tmp_path / "ratings.csv", [{"id": "r0", "given": "refused"}])
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            sheet = take_sheet(alice)
            importing = pool.submit(_alone, partial(_import_each, study, [file]))
            _until_somebody_waits()
        assert importing.result(PATIENCE) == 1
    assert submit(sheet, answers=REFUSED, submission=uuid.uuid4()).state is State.ACCEPTED


def _until_somebody_waits() -> None:
    """Until another connection waits for a lock of this transaction (SQLite's wait for the whole of it)."""
    waiting = connection.vendor != "postgresql"
    patience = time.monotonic() + PATIENCE
    while not waiting:
        assert time.monotonic() < patience
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            waiting = cursor.fetchone()[0] > 0


def test_two_writers_of_the_log_never_fork_its_chain() -> None:
    study = make_study()
    at_once([partial(_record_some, study)] * 6)
    assert list(Event.objects.order_by("number").values_list("number", flat=True)) == list(range(1, 32))
    assert first_broken(study) is None


def _record_some(study: Study) -> None:
    for number in range(5):
        record(study, "member.added", actor=None, data={"n": number})


def test_exports_at_once_are_all_on_the_record(tmp_path: Path) -> None:
    study = open_with(make_study(), 3)
    rate_next(make_member(study, "Alice"))
    paths = [tmp_path / f"{number}.csv" for number in range(4)]
    at_once([partial(export, study, path, what="annotations", format="csv", actor=None) for path in paths])
    assert Event.objects.filter(verb="study.exported").count() == 4
    assert first_broken(study) is None


def test_a_release_that_two_people_ask_for_at_once_is_made_once() -> None:
    study = open_with(make_study(overlap=1), 1)
    rate_next(make_member(study, "Alice"))
    close_study(study, actor=None)
    study.refresh_from_db()
    coordinators = [_coordinator(study, name) for name in ("Carol", "Cleo", "Cora", "Cyril")]
    asked = at_once([partial(_release, study, one) for one in coordinators])
    assert sum(asked) == Job.objects.count() == 1


def _coordinator(study: Study, name: str) -> User:
    user = make_member(study, name, role="coordinator").user
    assert user
    return user


def _release(study: Study, user: User) -> bool:
    try:
        queue_release(study, user=user)
    except Refused:
        return False
    return True


def test_a_job_that_two_requests_start_at_once_is_started_once() -> None:
    job = _export_job()
    # Each has read the job before either starts it
    asked = at_once([partial(_queue, Job.objects.get(pk=job.pk)) for _ in range(4)])
    assert sum(asked) == 1


def _export_job() -> Job:
    study = open_with(make_study(overlap=1), 2)
    parameters = {"what": "annotations", "format": "csv"}
    return Job.objects.create(
        study=study,
        kind=Job.Kind.EXPORT,
        user=_coordinator(study, "Carol"),
        file_name="refusals.csv",
        parameters=parameters,
    )


def _queue(job: Job) -> bool:
    try:
        queue(job)
    except Refused:
        return False
    return True


def test_a_job_that_several_workers_find_is_done_by_one() -> None:
    job = _export_job()
    queue(job)
    at_once([partial(work.func, job.pk)] * 4)
    assert Event.objects.filter(verb="study.exported").count() == 1
    assert Job.objects.get().state == Job.State.DONE
