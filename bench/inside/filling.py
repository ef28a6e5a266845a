"""Answers of everybody to everything, made by the database itself: millions of rows in minutes."""

from collections.abc import Sequence

from django.db import connection, transaction

from ihlannotate.models.assignment import Assignment
from ihlannotate.models.rubric import Criterion
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.agreement import levelled_criteria

NEW_UUID = {"postgresql": "gen_random_uuid()", "sqlite": "lower(hex(randomblob(16)))"}


def answer_everything(study: Study, members: Sequence[Membership]) -> int:
    """Each member takes one slot of every response and answers every criterion with levels; how many answers.

    A response leans to one level; one answer in eight is of another, by arithmetic on the ids.
    """
    answers = 0
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Every row refers to rows of the same statement's making: its foreign keys need no looking up
            cursor.execute("SET LOCAL session_replication_role = replica")
        for slot, member in enumerate(members, start=1):
            Assignment.objects.filter(study=study, slot=slot).update(annotator=member)
        cursor.execute(
            "INSERT INTO ihlannotate_annotation (assignment_id, created_at) "
            "SELECT id, CURRENT_TIMESTAMP FROM ihlannotate_assignment WHERE study_id = %s ORDER BY response_id, slot",
            [study.pk],
        )
        cursor.execute(
            "INSERT INTO ihlannotate_revision "
            "(annotation_id, number, rubric_id, submission, reason, withdrawn, seconds, created_at) "
            f"SELECT id, 1, %s, {NEW_UUID[connection.vendor]}, '', FALSE, 60, CURRENT_TIMESTAMP "
            "FROM ihlannotate_annotation ORDER BY id",
            [study.rubric_id],
        )
        ids = dict(Criterion.objects.filter(rubric=study.rubric_id).values_list("key", "pk"))
        for number, spec in enumerate(levelled_criteria(study)):
            levels = " ".join(f"WHEN {k} THEN '{value}'" for k, value in enumerate(spec.values))
            strays = "(a.response_id * 31 + a.annotator_id * 17 + %s) %% 8 = 0"
            chosen = f"a.response_id * 7919 + %s + CASE WHEN {strays} THEN 3 ELSE 0 END"
            cursor.execute(
                "INSERT INTO ihlannotate_answer (study_id, revision_id, criterion_id, prompt_id, response_id, "
                "annotator_id, occasion, value, text, live) "
                "SELECT a.study_id, v.id, %s, r.prompt_id, a.response_id, a.annotator_id, 1, "
                f"CASE (({chosen}) / 3) %% {len(spec.values)} {levels} END, '', TRUE "
                "FROM ihlannotate_assignment a JOIN ihlannotate_annotation n ON n.assignment_id = a.id "
                "JOIN ihlannotate_revision v ON v.annotation_id = n.id "
                "JOIN ihlannotate_response r ON r.id = a.response_id WHERE a.study_id = %s",
                [ids[spec.key], number, number, study.pk],
            )
            answers += cursor.rowcount
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    return answers
