import msgspec
import pytest

from support.gateway import ScriptedGateway
from support.raw import Answer, ask, request
from switchgear.domain.entry import End

PREVIEW = "/v1/decisions/preview"
CALL = {"model": "auto", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}


def get(port: int, path: str, *lines: str) -> Answer:
    return ask(port, request(path, *lines, method="GET"))


def test_a_decision_that_is_there_is_shown_and_one_that_is_not_is_404(port: int) -> None:
    found, missing = get(port, "/v1/decisions/sg_known"), get(port, "/v1/decisions/sg_other")
    assert msgspec.json.decode(found.body)["id"] == "sg_known"
    assert found.headers["x-switchgear-decision"] == "sg_known"
    assert (missing.status, missing.headers["x-switchgear-reason"]) == (404, "unknown_decision")


def test_decisions_are_searched_by_what_the_query_says(port: int, gateway: ScriptedGateway) -> None:
    path = "/v1/decisions?task=a%20b&end=cut&since=5&limit=5000&code=x"
    assert get(port, path).status == 200
    query = gateway.queries[-1]
    assert (query.task, query.end, query.since, query.code) == ("a b", End.CUT, 5, "x")
    assert query.limit == 1000
    assert get(port, "/v1/decisions").status == 200
    assert gateway.queries[-1].limit == 50


@pytest.mark.parametrize("query", ["colour=red", "end=never", "since=now", "x", "limit=", "%ff=1",
                                   "&".join(["task=a"] * 17)])  # fmt: skip
def test_a_query_that_is_not_understood_is_refused(port: int, query: str) -> None:
    answer = get(port, f"/v1/decisions?{query}")
    assert (answer.status, answer.headers["x-switchgear-reason"]) == (400, "malformed_request")


@pytest.mark.parametrize(
    ("lines", "extra", "dialect"),
    [
        ([], {}, "openai-chat"),
        ([], {"system": "be brief"}, "anthropic-messages"),
        (["anthropic-version: 2023-06-01"], {}, "anthropic-messages"),
        (["x-switchgear-dialect: anthropic-messages"], {}, "anthropic-messages"),
        (["x-switchgear-dialect: openai-chat", "anthropic-version: 1"], {}, "openai-chat"),
    ],
)
def test_a_preview_reads_either_dialect(
    port: int, lines: list[str], extra: dict[str, str], dialect: str
) -> None:
    answer = ask(port, request(PREVIEW, *lines, body=msgspec.json.encode(CALL | extra)))
    found = msgspec.json.decode(answer.body)
    assert (answer.status, found["as"], found["model"]) == (200, dialect, "auto")
    assert found["id"] == answer.headers["x-switchgear-decision"]


@pytest.mark.parametrize(
    ("line", "body"),
    [("x-switchgear-dialect: latin", msgspec.json.encode(CALL)), ("x: y", b"{"), ("x: y", b"[]"),
     ("x: y", b'{"a":' + b"[" * 100_000), ("x: y", b"\xff")],
)  # fmt: skip
def test_a_preview_of_nothing_is_refused(port: int, line: str, body: bytes) -> None:
    assert ask(port, request(PREVIEW, line, body=body)).status == 400
