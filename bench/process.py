"""Processes on one core each: started, watched through /proc, and ended."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

GATEWAY_CORE, LOAD_CORE = 0, 1
ANY_CORE = "import os; os.sched_setaffinity(0, range(os.cpu_count() or 1))"
"""Takes the pin off again."""
PATIENCE_S = 60.0

PIN = "import os, sys; os.sched_setaffinity(0, {%d}); os.execvp(sys.argv[1], sys.argv[1:])"


class NotMeasured(Exception):
    """Something could not be measured; the message says what was missing."""


class Child:
    """A process pinned to one core; all of its children are ended with it."""

    def __init__(
        self, words: Sequence[str], core: int, log: Path, environment: dict[str, str] | None = None
    ) -> None:
        """Start it; what it prints goes to ``log``."""
        self.log = log
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-c", PIN % core, *words],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                env=os.environ | (environment or {}),
            )
        self.pid = self._process.pid

    def wait_port(self, port: int, patience_s: float = PATIENCE_S) -> None:
        """Wait until something listens on ``port``.

        Raises:
            NotMeasured: nothing does.
        """
        end = time.monotonic() + patience_s
        while time.monotonic() < end and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except OSError:
                time.sleep(0.01)
            else:
                return
        raise NotMeasured(f"{self.log.stem} did not start: {self.tail()}")

    def stop(self) -> None:
        """End it, gently at first."""
        self.resume()
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self._process.poll() is None:
                os.killpg(self.pid, number)
            try:
                self._process.wait(timeout=8)
            except subprocess.TimeoutExpired:
                continue
            return

    def pause(self) -> None:
        """Let it do nothing at all, so that it takes nothing from who is measured."""
        os.killpg(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        if self._process.poll() is None:
            os.killpg(self.pid, signal.SIGCONT)

    def tail(self) -> str:
        """Return the end of what it printed."""
        return self.log.read_text(errors="replace")[-600:]

    def cpu_s(self) -> float:
        """Return the CPU time of all its threads so far."""
        tasks = Path(f"/proc/{self.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    def rss_kb(self) -> int:
        """Return its resident memory."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise NotMeasured("the system does not tell a process's memory")


def free_port() -> int:
    """Return a port of the loopback that nothing listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
