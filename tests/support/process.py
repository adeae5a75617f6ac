"""A gateway in a process of its own, and all that it has said so far."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import httpx2

import switchgear

PATIENCE_S = 20.0
PAUSE_S = 0.02
LOOKS = 1000
COMMAND = (sys.executable, "-c", "from switchgear.cli import main; main()", "serve")
SOURCES = str(Path(switchgear.__file__).parent.parent)
PLAIN = {"PATH": os.environ["PATH"], "PYTHONPATH": SOURCES}


class Process:
    """One run of ``switchgear serve``."""

    def __init__(self, folder: Path, *arguments: str, **variables: str) -> None:
        self.said = folder / "said.txt"
        self.port = free_port()
        with self.said.open("wb") as said:
            self._process = subprocess.Popen(  # noqa: S603  (our own command)
                (*COMMAND, "--port", str(self.port), *arguments),
                cwd=folder,
                env={**PLAIN, **variables},
                stdout=said,
                stderr=said,
            )

    def text(self) -> str:
        return self.said.read_text("utf-8")

    def wait_for(self, words: str, times: int = 1) -> str:
        for _ in range(LOOKS):
            if self.text().count(words) >= times:
                return self.text()
            with suppress(subprocess.TimeoutExpired):
                raise AssertionError(f"it ended with {self._process.wait(PAUSE_S)}: {self.text()}")
        raise AssertionError(f"it never said {words!r} {times} times: {self.text()}")

    def tell(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def end(self) -> int:
        return self._process.wait(PATIENCE_S)

    def models(self) -> list[str]:
        answer = httpx2.get(f"http://127.0.0.1:{self.port}/v1/models")
        return [each["id"] for each in answer.json()["data"]]

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port: int = door.getsockname()[1]
        return port
