"""``switchgear serve --workers``: real processes, real clients, and what kills them."""

import json
import os
import re
import signal
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import anthropic
import httpx2
import msgspec
import openai
import pytest
import typer
from typing_extensions import override

from support.process import Process
from support.words import ANSWER, FRAMES, Paper
from switchgear.adapters.halts.file import FileBoard
from switchgear.cli.serve import serve_together
from switchgear.domain.halt import Halt, Halted
from switchgear.domain.units import UnixMs
from switchgear.running import Running, Source

PAUSE, LOOKS = threading.Event(), 300
HELLO: list[openai.types.chat.ChatCompletionUserMessageParam] = [{"role": "user", "content": "hi"}]


class Provider(BaseHTTPRequestHandler):
    """Says hello, whole or in a stream."""

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["content-length"]))
        stream = json.loads(asked).get("stream")
        body = b"".join(FRAMES) if stream else json.dumps(ANSWER).encode()
        self.send_response(200)
        self.send_header("content-type", "text/event-stream" if stream else "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        del format, args


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    paper = Paper("one", port=server.server_port)
    (tmp_path / "switchgear.yaml").write_bytes(paper.content.replace(b":memory:", b"calls.db"))
    yield tmp_path
    server.shutdown()
    thread.join()
    server.server_close()


def ask_both(port: int) -> None:
    """Call with both SDKs, over connections of their own, so that any worker may get them."""
    url = f"http://127.0.0.1:{port}"
    with openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=4) as one:
        said = one.chat.completions.create(model="one", messages=HELLO)
        assert said.choices[0].message.content == "Hello!"
        parts = one.chat.completions.create(model="one", messages=HELLO, stream=True)
        assert "".join(it.choices[0].delta.content or "" for it in parts if it.choices) == "Hello!"
    with anthropic.Anthropic(base_url=url, api_key="none", max_retries=4) as two:
        found = two.messages.create(
            model="one", max_tokens=9, messages=[{"role": "user", "content": "hi"}]
        )
        assert found.content[0].type == "text"
        assert found.content[0].text == "Hello!"


def until(holds: Callable[[], bool]) -> None:
    for _ in range(LOOKS):
        if holds():
            return
        PAUSE.wait(0.05)
    raise AssertionError("it never came to that")


def status(port: int) -> int:
    body = {"model": "one", "messages": HELLO}
    return httpx2.post(f"http://127.0.0.1:{port}/v1/chat/completions", json=body).status_code


def told(port: int, name: str) -> float:
    text = httpx2.get(f"http://127.0.0.1:{port}/metrics").text
    line = re.compile(rf"^{name}(?:\{{.*\}})? (\S+)$", re.MULTILINE)
    return sum(float(each) for each in line.findall(text))


def rows(folder: Path) -> int:
    with sqlite3.connect(folder / "calls.db") as book:
        (count,) = book.execute("select count(*) from decisions").fetchone()
    book.close()
    return int(count)


def test_one_that_is_killed_is_replaced_and_nothing_that_was_answered_is_lost(
    folder: Path,
) -> None:
    process = Process(folder, "--workers", "2")
    try:
        process.wait_for("serving on", 2)
        for _ in range(2):
            ask_both(process.port)
        assert rows(folder) == 6
        until(lambda: told(process.port, "switchgear_calls_total") == 6)
        assert told(process.port, "switchgear_workers") == 2
        pids = [int(each) for each in re.findall(r"server process \[(\d+)\]", process.text())]
        os.kill(pids[0], signal.SIGKILL)
        ask_both(process.port)
        process.wait_for("serving on", 3)
        assert "ended with -9" in process.text()
        assert rows(folder) == 9
        until(lambda: told(process.port, "switchgear_calls_total") == 9)
        board = FileBoard(folder / "halts.json")
        board.write([Halt(kind=Halted.EVERYTHING, at=UnixMs(1))])
        process.wait_for("everything is stopped", 2)
        assert {status(process.port) for _ in range(8)} == {403}
        process.tell(signal.SIGHUP)
        process.wait_for("config reloaded", 2)
        process.tell(signal.SIGTERM)
        assert process.end() == 0
        assert set(re.findall(r"worker (\d): config reloaded", process.text())) == {"1", "2"}
    finally:
        process.kill()
    until(lambda: free(process.port))


def test_workers_end_with_their_parent_however_that_ends(folder: Path) -> None:
    process = Process(folder, "--workers", "2")
    process.wait_for("serving on", 2)
    process.kill()
    until(lambda: process.text().count("the parent is gone") == 2)
    until(lambda: free(process.port))


def free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def test_where_they_cannot_serve_none_is_left_and_the_parent_says_so(folder: Path) -> None:
    file = folder / "switchgear.yaml"
    file.write_bytes(file.read_bytes().replace(b"calls.db", b"nowhere/calls.db"))
    process = Process(folder, "--workers", "2")
    assert process.end() == 1
    assert "none is left running" in process.text()
    assert "Traceback" not in process.text()


@pytest.mark.parametrize(
    ("changed", "why"), [(b"calls.db", "something listens there"), (b":memory:", "ledger.path")]
)
def test_what_cannot_be_shared_is_refused_before_anything_is_started(
    changed: bytes, why: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "switchgear.yaml"
    file.write_bytes(file.read_bytes().replace(b"calls.db", changed))
    setup = Running(Source.of(file)).read().setup
    with socket.create_server(("127.0.0.1", 0)) as door:
        server = msgspec.structs.replace(setup.server, port=door.getsockname()[1])
        setup = msgspec.structs.replace(setup, server=server)
        with pytest.raises(typer.Exit):
            serve_together(Source.of(file), setup, file, 2)
    assert why in capsys.readouterr().err
