"""Triggers that make the database itself refuse to change what must not change.

Installed after every migrate (SQLite's table rebuilds drop triggers), so they are always there.
"""

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

# table -> the columns that may never be updated; None: no column may. Rows of all of them may never be deleted.
FROZEN: dict[str, tuple[str, ...] | None] = {
    "ihlannotate_rubric": None,
    "ihlannotate_criterion": None,
    "ihlannotate_prompt": ("text", "text_sha256", "study_id"),
    "ihlannotate_response": ("text", "text_sha256", "study_id", "prompt_id", "code"),
    "ihlannotate_annotation": None,
    "ihlannotate_revision": None,
    "ihlannotate_evidence": None,
    "ihlannotate_attempt": None,
    "ihlannotate_knownitem": ("study_id", "name", "purpose", "prompt", "response", "language", "key"),
    "ihlannotate_guess": None,
    "ihlannotate_answer": (
        "study_id",
        "revision_id",
        "criterion_id",
        "prompt_id",
        "response_id",
        "annotator_id",
        "occasion",
        "value",
        "text",
    ),
    "ihlannotate_adjudication": None,
    "ihlannotate_opinion": None,
    "ihlannotate_note": None,
    "ihlannotate_disagreementtag": None,
    "ihlannotate_goldrelease": None,
    "ihlannotate_goldlabel": None,
    "ihlannotate_event": None,
}
_MESSAGE = "is append-only: this row cannot be changed or deleted"


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers where they are missing. SQLite and PostgreSQL."""
    uninstall(connection)
    present = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION ihlannotate_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
                f"BEGIN RAISE EXCEPTION '% {_MESSAGE}', TG_TABLE_NAME "
                "USING ERRCODE = 'integrity_constraint_violation'; END $$"
            )
        for table, columns in FROZEN.items():
            if table not in present:
                continue
            of = f" OF {', '.join(columns)}" if columns else ""
            for name, act in ((f"{table}_no_update", f"UPDATE{of}"), (f"{table}_no_delete", "DELETE")):
                body = (
                    "FOR EACH ROW EXECUTE FUNCTION ihlannotate_append_only()"
                    if connection.vendor == "postgresql"
                    else f"BEGIN SELECT RAISE(ABORT, '{table} {_MESSAGE}'); END"
                )
                cursor.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {table} {body}")


def uninstall(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers (only emptying a whole database, as restore and the tests do, has a reason to)."""
    on = connection.vendor == "postgresql"
    present = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in present & FROZEN.keys():
            for act in ("update", "delete"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{act}{f' ON {table}' if on else ''}")


def install_after_migrate(*, using: str, **_: Any) -> None:
    """Receiver of post_migrate."""
    install(connections[using])
