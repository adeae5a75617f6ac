"""What a call takes along from the request, and which errors come back."""

import logging

import msgspec
import pytest

from support.gateway import ERRORS, ScriptedGateway
from support.raw import Answer, ask, request
from switchgear.domain.priority import Priority
from switchgear.domain.target import Tier

CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"


def call(port: int, model: str, *lines: str, path: str = CHAT) -> Answer:
    turn = {"role": "user", "content": "hi"}
    body = msgspec.json.encode({"model": model, "max_tokens": 9, "messages": [turn]})
    return ask(port, request(path, *lines, body=body))


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
@pytest.mark.parametrize("code", ERRORS)
def test_every_error_has_its_status_and_its_code_in_either_dialect(
    port: int, code: str, path: str
) -> None:
    answer = call(port, f"fail:{code}", path=path)
    found = msgspec.json.decode(answer.body)
    assert answer.status == ERRORS[code].status
    assert found["error"]["code"] == code
    assert found["error"]["message"]
    assert answer.headers["x-switchgear-decision"].encode() in answer.body
    retry = "true" if ERRORS[code].worth_retrying else "false"
    assert answer.headers["x-should-retry"] == retry
    assert (found.get("type") == "error") is (path == MESSAGES)


@pytest.mark.parametrize("code", ["upstream_busy", "overloaded"])
def test_the_wait_is_told_in_whole_seconds(port: int, code: str) -> None:
    assert call(port, f"fail:{code}").headers["retry-after"] == "2"


@pytest.mark.usefixtures("loud")
def test_a_fault_of_ours_is_500_with_an_id_and_the_log_holds_no_content(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    answer = call(port, "bug")
    assert answer.status == 500
    assert b"secret" not in answer.body
    (record,) = [it for it in caplog.records if it.levelno >= logging.ERROR]
    assert answer.headers["x-switchgear-decision"] in record.getMessage()
    assert "ValueError" in record.getMessage()
    assert "secret" not in caplog.text


def test_wishes_and_the_dialects_own_headers_go_along(port: int, gateway: ScriptedGateway) -> None:
    lines = ("x-switchgear-task: t1", "x-switchgear-parent-task: t0", "x-switchgear-agent: a",
             "x-switchgear-tier: mid", "x-switchgear-debug: true", "anthropic-beta: one",
             "Anthropic-Beta: two", "anthropic-version: 2023-06-01", "x-other: no",
             "x-switchgear-priority: batch")  # fmt: skip
    assert call(port, "echo", *lines, path=MESSAGES).status == 200
    made = gateway.calls[-1]
    wishes = made.caller.wishes
    assert (wishes.task, wishes.parent_task, wishes.agent) == ("t1", "t0", "a")
    assert (wishes.floor, wishes.debug) == (Tier.MID, True)
    assert made.caller.priority is wishes.priority is Priority.BATCH
    assert made.headers == (("anthropic-version", "2023-06-01"), ("anthropic-beta", "one, two"))


@pytest.mark.parametrize(
    "line",
    ["x-switchgear-tier: best", "x-switchgear-tier: Mid", "x-switchgear-debug: maybe",
     "x-switchgear-priority: urgent", "x-switchgear-priority: Batch",
     "x-switchgear-task: " + "x" * 257, "x-switchgear-task: caf\xe9",
     "x-switchgear-agent: a\tb", "content-type: application/json\r\ncontent-type: text/plain"],
)  # fmt: skip
def test_a_wish_that_is_no_wish_is_refused(port: int, line: str) -> None:
    answer = call(port, "echo", line)
    assert answer.status == 400
    assert answer.headers["x-switchgear-reason"] == "malformed_request"


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (["authorization: Bearer wrong"], 401),
        (["x-api-key: wrong"], 401),
        (["authorization: Bearer a", "x-api-key: b"], 400),
        (["authorization: Bearer a", "authorization: Bearer b"], 400),
        (["x-api-key: a", "x-api-key: b"], 400),
        (["authorization: Bearer a", "authorization: Bearer a", "x-api-key: a"], 200),
    ],
)
def test_credentials_are_judged_before_anything_else(
    port: int, lines: list[str], status: int
) -> None:
    assert call(port, "echo", *lines).status == status


def test_a_call_without_rights_is_refused_before_its_body_is_read(port: int) -> None:
    sent = request(CHAT, "authorization: Bearer wrong", "content-length: 900000")
    assert ask(port, sent).status == 401


@pytest.mark.parametrize(
    ("model", "raw", "estimated"),
    [("echo", b'{ "input_tokens": 7 }', None), ("estimate", b'{"input_tokens":7}', "true")],
)
def test_a_count_says_whether_it_is_our_estimate(
    port: int, model: str, raw: bytes, estimated: str | None
) -> None:
    answer = call(port, model, path="/v1/messages/count_tokens")
    assert (answer.status, answer.body) == (200, raw)
    assert answer.headers.get("x-switchgear-estimated") == estimated


def test_a_call_that_there_is_no_room_for_is_refused_before_it_is_read(
    port: int, gateway: ScriptedGateway
) -> None:
    gateway.crowded = True
    answer = ask(port, request(CHAT, body=b"nobody reads this"))
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert msgspec.json.decode(answer.body)["error"]["code"] == "overloaded"
    assert answer.headers["x-should-retry"] == "true"
    made = gateway.calls[-1].body
    assert (made.model, made.raw) == ("", b"nobody reads this")
    assert call(port, "echo", "idempotency-key: k").status == 200
    gateway.crowded = False
