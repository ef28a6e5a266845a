"""serve: web pages, API and worker in one command."""

import contextlib
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import waitress
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


class Command(BaseCommand):
    help = "Serve the product: web pages, API and the worker for long work."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--bind", default="127.0.0.1:8000", metavar="HOST:PORT")
        parser.add_argument(
            "--threads", type=int, default=8, help="requests that are answered at the same time"
        )

    def handle(self, *args: Any, bind: str, threads: int, **options: Any) -> None:
        host, _, port = bind.rpartition(":")
        if not host or not port.isdigit():
            raise CommandError(f"--bind takes HOST:PORT, such as 127.0.0.1:8000, not “{bind}”.")
        _check_port(host, int(port))
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise CommandError("The database is not up to date. Run `manage.py migrate` first.")
        connection.close()
        call_command("collectstatic", interactive=False, verbosity=0)
        with _worker():
            self.stdout.write(f"Serving on http://{bind}/  (Ctrl+C stops it)")
            self.stdout.flush()
            waitress.serve(
                get_wsgi_application(),  # made only now: it lists the static files that were just collected
                host=host,
                port=int(port),
                threads=threads,
                ident="",
                max_request_body_size=settings.MAX_UPLOAD_BYTES,
                clear_untrusted_proxy_headers=not settings.SECURE_PROXY_SSL_HEADER,
            )


def _check_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError as error:
            raise CommandError(
                f"Cannot serve on {host}:{port}: {error.strerror}. "
                f"Choose another address: --bind {host}:{port + 1} (make demo BIND={host}:{port + 1})."
            ) from error


@contextlib.contextmanager
def _worker() -> Iterator[None]:
    """A worker process beside this one, started anew whenever it ends."""
    stopping = threading.Event()
    running: list[subprocess.Popen[bytes]] = []

    def keep_running() -> None:
        while not stopping.is_set():
            worker = subprocess.Popen(  # noqa: S603 (our own manage.py, with fixed arguments)
                [sys.executable, sys.argv[0], "worker", "--with-parent", "--no-startup-delay", "-v", "0"]
            )
            running[:] = [worker]
            worker.wait()
            stopping.wait(1)

    thread = threading.Thread(target=keep_running, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        for worker in running:
            worker.terminate()
        thread.join(timeout=10)
