import zlib
from typing import Any

import pytest

from support.rehearsal import SCHEMA, an_ask, sent
from support.spoken import SPOKEN
from switchgear.domain.dialect import Dialect
from switchgear.rehearsal.act.framing import SMUGGLED
from switchgear.rehearsal.catalogue import CATALOGUE, find
from switchgear.rehearsal.fault import Fault, Form
from switchgear.rehearsal.seen import Frames, Seen, read_whole
from switchgear.rehearsal.step import Close, Hang, Reset, Steps, Wait
from switchgear.rehearsal.voice import TEXT

GOOD = [each for each in CATALOGUE if each.phase.value == "never"]
TOOLS: dict[str, Any] = {
    "tools": [{"name": "f", "input_schema": SCHEMA}],
    "tool_choice": {"type": "any"},
}


def steps(name: str, dialect: Dialect = Dialect.OPENAI_CHAT, *, stream: bool = True) -> Steps:
    fault = find(name)
    assert fault is not None
    return fault.act(an_ask(dialect, stream=stream), fault.argument)


def body(raw: bytes) -> bytes:
    """Take the body out of one answer."""
    head, _, rest = raw.partition(b"\r\n\r\n")
    if b"chunked" not in head:
        return rest
    found = b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        found, rest = found + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    return found


def heard(raw: bytes, dialect: Dialect, *, stream: bool) -> Seen:
    seen = Seen(status=200)
    if stream:
        frames = Frames(seen, dialect)
        frames.feed(body(raw))
        frames.end()
    else:
        read_whole(seen, dialect, body(raw))
    return seen


@pytest.mark.parametrize("fault", GOOD, ids=lambda fault: fault.name)
@pytest.mark.parametrize("dialect", SPOKEN)
@pytest.mark.parametrize("form", list(Form))
def test_what_is_only_odd_is_a_good_answer(fault: Fault, dialect: Dialect, form: Form) -> None:
    stream = form is Form.STREAM
    raw = sent(fault.act(an_ask(dialect, stream=stream), fault.argument))
    seen = heard(raw, dialect, stream=stream)
    assert (seen.text, seen.ended, seen.flaws) == (TEXT, True, [])


@pytest.mark.parametrize("dialect", SPOKEN)
@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("reset-mid-stream", Reset),
        ("close-mid-stream", Close),
        ("hang-mid-stream", Hang),
        ("hang-before-content", Hang),
        ("reset-before-headers", Reset),
    ],
)
def test_what_breaks_off_never_ends(name: str, last: type, dialect: Dialect) -> None:
    done = list(steps(name, dialect))
    assert isinstance(done[-1], last)
    raw = sent(done)
    assert b"[DONE]" not in raw
    assert b"message_stop" not in raw
    assert (b"six" in raw, b"seven" in raw) == ("mid" in name, False)


@pytest.mark.parametrize("dialect", SPOKEN)
@pytest.mark.parametrize("name", ["429", "503", "401", "context-too-long", "content-filter"])
def test_a_refusal_is_an_error_in_the_shape_of_its_dialect(name: str, dialect: Dialect) -> None:
    seen = Seen(status=400)
    read_whole(seen, dialect, body(sent(steps(name, dialect))))
    assert (len(seen.errors), seen.flaws) == (1, [])


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("429-retry-after-2", b"retry-after: 2\r\n"),
        ("429-retry-after--1", b"retry-after: -1\r\n"),
        ("429-retry-after-abc", b"retry-after: abc\r\n"),
        ("429-retry-after-date", b" GMT\r\n"),
        ("429-retry-after-ms-1500", b"retry-after-ms: 1500\r\n"),
    ],
)
def test_being_out_of_room_is_told_in_its_form(name: str, header: bytes) -> None:
    assert header in sent(steps(name))


def test_floods_are_as_large_as_their_name_says() -> None:
    assert 1_000_000 < len(sent(steps("long-line-1"))) < 1_010_000
    assert sent(steps("tiny-events-1234")).count(b'"content":"."') == 1234
    raw = sent(steps("bomb-3"))
    assert b"content-encoding: gzip" in raw
    assert len(raw) < 20_000
    assert len(zlib.decompress(body(raw), 31)) == 3_000_000


def test_an_endless_answer_has_no_end() -> None:
    assert len(sent(steps("endless"), most=100)) < len(sent(steps("endless"), most=200))


@pytest.mark.parametrize("name", ["smuggled-response", "stray-bytes"])
def test_what_nobody_asked_for_has_its_mark(name: str) -> None:
    raw = sent(steps(name, stream=False))
    assert raw.count(b"HTTP/1.1 200") == 2
    assert SMUGGLED.encode() in raw.rpartition(b"HTTP/1.1 200")[2]


@pytest.mark.parametrize(
    ("name", "more"), [("content-length-short", 0.5), ("content-length-long", 2)]
)
def test_a_wrong_length_is_wrong(name: str, more: float) -> None:
    head, _, rest = sent(steps(name)).partition(b"\r\n\r\n")
    told = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
    assert told == int(len(rest) * more)


@pytest.mark.parametrize("name", ["tool-bad-schema", "tool-truncated", "tool-unknown", "tool-none"])
def test_a_bad_tool_call_is_otherwise_a_good_answer(name: str) -> None:
    fault = find(name)
    assert fault is not None
    dialect = Dialect.ANTHROPIC_MESSAGES
    seen = heard(sent(fault.act(an_ask(dialect, stream=True, **TOOLS), "")), dialect, stream=True)
    assert seen.ended
    assert (seen.tool, seen.arguments) != ("f", '{"city":"Bern"}')


def test_a_healthy_target_calls_the_tool_that_is_demanded() -> None:
    dialect = Dialect.ANTHROPIC_MESSAGES
    found = find("healthy")
    assert found is not None
    seen = heard(sent(found.act(an_ask(dialect, stream=True, **TOOLS), "")), dialect, stream=True)
    assert (seen.tool, seen.arguments) == ("f", '{"city":"Bern"}')


def test_a_slow_target_waits_first() -> None:
    assert next(iter(steps("slow-3"))) == Wait(0.3)
