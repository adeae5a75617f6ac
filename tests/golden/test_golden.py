"""Every file of pairs: what goes in, a line of ten dashes, what must come out.

A folder is named ``<what it is>-to-<dialect>``. Adding a case is adding a file.
"""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import SwitchgearError
from switchgear.domain.turn import Conversation
from switchgear.wire.eventstream import CONTENT_TYPE, EventStreamReader, write_message
from switchgear.wire.registry import TONGUES
from switchgear.wire.tongue import Tongue

HERE = Path(__file__).parent
DASHES = "\n----------\n"
DECISION = "sg_01jd0000000000000000000000"
CASES = sorted(HERE.glob("*-to-*/*.pair"))


def request(source: Tongue, target: Tongue, given: str) -> str:
    """Translate a request; the last line says what was dropped."""
    body, dropped = target.write(source.parse(given.encode()).conversation, ())
    return f"{pretty(body)}\ndropped: {', '.join(dropped)}".rstrip()


def answer(source: Tongue, target: Tongue, given: str) -> str:
    """Translate a whole answer."""
    return pretty(target.write_whole(DECISION, source.read_whole(given.encode())))


def stream(source: Tongue, target: Tongue, given: str) -> str:
    """Translate a stream, whose caller wants its usage; one of messages is a line for each."""
    caller = Conversation(model="asked-for", turns=(), stream=True, wants_usage=True)
    writer = target.stream_writer(DECISION, caller)
    tap, written = source.tap(()), b""
    try:
        for read in (partial(tap.feed, framed(source, given)), tap.end):
            for piece in read():
                written += writer.write(piece.seen)
    except SwitchgearError as error:
        written += target.write_stream_error(error, DECISION, written)
    return unframed(target, written).rstrip("\n")


def framed(tongue: Tongue, given: str) -> bytes:
    """Return a stream's bytes; of messages, each line is ``{"its name": its fields}``."""
    if tongue.stream_type != CONTENT_TYPE:
        return given.encode() + b"\n\n"
    told = [json.loads(line) for line in given.splitlines()]
    return b"".join([_message(*next(iter(each.items()))) for each in told])


def _message(name: str, fields: object) -> bytes:
    kind = "exception" if name.endswith("Exception") else "event"
    headers = {f":{kind}-type": name, ":message-type": kind}
    return write_message(headers, json.dumps(fields).encode())


def unframed(tongue: Tongue, raw: bytes) -> str:
    if tongue.stream_type != CONTENT_TYPE:
        return raw.decode()
    lines = []
    for each in EventStreamReader().feed(raw):
        name = each.headers.get(":event-type") or each.headers[":exception-type"]
        fields = json.loads(each.payload or b"")
        lines.append(json.dumps({name: fields}, ensure_ascii=False))
    return "\n".join(lines)


def error(source: Tongue, target: Tongue, given: str) -> str:
    """Translate an error; the first line of each side is the status."""
    status, _, body = given.partition("\n")
    found = source.read_error(int(status), body.encode(), None)
    return f"{found.status}\n{pretty(target.write_error(found, DECISION))}"


KINDS: dict[str, Callable[[Tongue, Tongue, str], str]] = {
    "request": request,
    "answer": answer,
    "stream": stream,
    "error": error,
}


def pretty(raw: bytes) -> str:
    """Indent, so that a difference is one line; the order of fields is kept, for it is cached."""
    found: Any = json.loads(raw)
    return json.dumps(found, indent=2, ensure_ascii=False)


def run(case: Path, given: str) -> str:
    """Return what the case's input comes to."""
    source, _, target = case.parent.name.partition("-to-")
    dialect, _, kind = source.partition(".")
    return KINDS[kind](TONGUES[Dialect(dialect)], TONGUES[Dialect(target)], given)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.stem}")
def test_what_goes_in_comes_out_as_expected(case: Path) -> None:
    given, dashes, expected = case.read_text(encoding="utf-8").partition(DASHES)
    assert dashes
    assert run(case, given) == expected.rstrip("\n")


def test_every_pair_of_dialects_has_cases_of_every_kind() -> None:
    names = {case.parent.name for case in CASES}
    pairs = [(source, target) for source in Dialect for target in Dialect]
    wanted = {
        f"{source.value}.{kind}-to-{target.value}" for source, target in pairs for kind in KINDS
    }
    assert wanted <= names
