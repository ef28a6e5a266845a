"""`manage.py serve` as a process of its own: started, stopped, killed without a chance to tidy up."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.processes import ROOT, Surroundings

START_SECONDS = 60


class Server:
    """The product on a free port of the loopback, which it keeps from one start to the next."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers. Raises RuntimeError when it does not."""
        self._process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--bind", f"127.0.0.1:{self.port}"],
            # The server says at each request that waits that it waits: ten people without think time always do.
            env=self._surroundings.environment() | {"LOG_LEVEL": "ERROR"},
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"manage.py serve did not answer within {START_SECONDS} seconds")

    def kill(self) -> None:
        """kill -9: whatever it was doing is cut off."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.kill()


@contextmanager
def serve(surroundings: Surroundings) -> Iterator[Server]:
    """A server that answers, stopped in the end."""
    server = Server(surroundings)
    try:
        server.start()
        yield server
    finally:
        server.stop()
