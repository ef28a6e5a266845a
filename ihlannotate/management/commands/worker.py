"""worker: carries out long work (imports, exports) that pages ask for."""

import os
import signal
import threading
import time
from argparse import ArgumentParser
from typing import Any

from django_tasks_db.management.commands import db_worker


class Command(db_worker.Command):
    help = (
        "Carry out long work. `serve` starts one by itself; start more of them beside several web processes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--with-parent", action="store_true", help="stop when the process that started it ends"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options.pop("with_parent"):
            threading.Thread(target=_stop_with, args=[os.getppid()], daemon=True).start()
        super().handle(*args, **options)


def _stop_with(parent: int) -> None:
    """End this process when its parent has ended, however that came about."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)
