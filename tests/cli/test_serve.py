"""``switchgear serve`` as its owner meets it: a process, a port, signals, and what it says."""

import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.process import COMMAND, PATIENCE_S, PLAIN, Process
from support.words import Paper

SECRET = "sk-test-of-nobody-123456"


class Place:
    """A folder with a config file, and the processes that were started in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "switchgear.yaml"
        self.started: list[Process] = []
        self._paper = Paper("one")

    def write(self, *names: str) -> None:
        self._paper.write(*names)
        fresh = self.file.with_suffix(".new")
        fresh.write_bytes(self._paper.content.replace(b":memory:", b"calls.db"))
        fresh.rename(self.file)

    def serve(self, *arguments: str, **variables: str) -> Process:
        process = Process(self.folder, *arguments, **variables)
        self.started.append(process)
        return process


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    found = Place(tmp_path)
    yield found
    for process in found.started:
        process.kill()


def refused(folder: Path, *arguments: str, **variables: str) -> tuple[int, str]:
    """Run until it gives up, and return its exit code and all it said."""
    done = subprocess.run(  # noqa: S603  (our own command)
        (*COMMAND, *arguments),
        cwd=folder,
        env={**PLAIN, **variables},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    return done.returncode, said


def test_it_serves_reloads_keeps_the_old_config_when_the_new_is_bad_and_ends_cleanly(
    place: Place,
) -> None:
    place.write("one")
    process = place.serve()
    assert f"serving on http://127.0.0.1:{process.port}, policy " in process.wait_for("serving on")
    assert process.models() == ["auto", "one"]

    place.write("one", "two")
    process.wait_for("config reloaded")
    assert process.models() == ["auto", "one", "two"]

    process.tell(signal.SIGHUP)
    process.wait_for("config reloaded", times=2)

    place.file.write_text("targets: {one: {providr: sim}}", "utf-8")
    said = process.wait_for("the old one stays")
    assert "targets.one.providr" in said
    assert "did you mean provider?" in said
    assert process.models() == ["auto", "one", "two"]

    process.tell(signal.SIGTERM)
    assert process.end() == 0
    assert "Traceback" not in process.text()


def test_an_interrupt_ends_it_cleanly_too(place: Place) -> None:
    place.write("one")
    process = place.serve()
    process.wait_for("serving on")
    process.tell(signal.SIGINT)
    assert process.end() == 0
    assert "Traceback" not in process.text()


def test_without_a_file_it_builds_and_prints_a_config_without_the_credential(place: Place) -> None:
    process = place.serve(OPENAI_API_KEY=SECRET)
    said = process.wait_for("serving on")
    assert "api_key: ${OPENAI_API_KEY}" in said
    assert SECRET not in said
    assert "auto" in process.models()


def test_with_neither_file_nor_variable_it_says_what_to_set(tmp_path: Path) -> None:
    code, said = refused(tmp_path)
    assert code == 1
    assert said.startswith("there is nothing to route to")
    assert "OPENAI_API_KEY" in said
    assert "switchgear init" in said


def test_a_missing_and_a_broken_file_are_told_with_the_place(place: Place) -> None:
    code, said = refused(place.folder, "--config", "no.yaml")
    assert code == 2
    assert "no.yaml cannot be read: No such file or directory." in said
    place.file.write_text("providers: {}\ntargetz: {}\n", "utf-8")
    code, said = refused(place.folder)
    assert code == 1
    assert "switchgear.yaml:2: targetz: " in said
    assert "did you mean targets?" in said


def test_a_port_in_use_is_told_in_one_line(place: Place) -> None:
    place.write("one")
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = str(door.getsockname()[1])
        code, said = refused(place.folder, "--port", port)
    assert code == 1
    assert f"127.0.0.1:{port}: something listens there already" in said
    assert "--port" in said


def test_it_is_not_opened_to_the_network_without_keys(place: Place) -> None:
    place.write("one")
    code, said = refused(place.folder, "--host", "0.0.0.0")
    assert code == 1
    assert "declare keys, or listen on 127.0.0.1" in said


def test_a_function_that_does_not_exist_is_told(place: Place) -> None:
    place.write("one")
    tool = (
        b'"odd":{"kind":"tool","tool":{"function":"no_such_module:f","schema":{"type":"object"}}}'
    )
    content = place.file.read_bytes().replace(b'"targets":{', b'"targets":{' + tool + b",")
    alias = b'{"aliases":{"auto":{"targets":["one","odd"]}},'
    place.file.write_bytes(alias + content.removeprefix(b"{"))
    code, said = refused(place.folder)
    assert code == 1
    assert "no_such_module" in said
