"""Everything beside calls: routes, operation, models, and life under other servers."""

import asyncio

import msgspec
import pytest

from support.gateway import TONGUES, ScriptedGateway
from support.raw import Answer, ask, request
from switchgear.surfaces.http.app import App
from switchgear.surfaces.http.asgi import Message
from switchgear.surfaces.http.route import ROUTES, Route

ANTHROPIC = "anthropic-version: 2023-06-01"


def get(port: int, path: str, *lines: str) -> Answer:
    return ask(port, request(path, *lines, method="GET"))


@pytest.mark.parametrize("path", ["/nowhere", "/v1/chat/completions/", "/v2/models", "/%2e%2e/"])
def test_a_path_that_is_not_there_is_404(port: int, path: str) -> None:
    answer = get(port, path)
    assert (answer.status, answer.headers["x-switchgear-reason"]) == (404, "unknown_path")


@pytest.mark.parametrize("path", ["/chat/completions", "/v1/v1/chat/completions"])
def test_a_base_url_with_a_mistake_is_told_with_the_path_that_was_meant(
    port: int, path: str
) -> None:
    message = get(port, path).message
    assert "did you mean /v1/chat/completions?" in message
    assert "base URL of an OpenAI client ends in /v1" in message


def test_an_endpoint_that_there_is_not_is_told_with_those_for_calls(port: int) -> None:
    message = get(port, "/v1/rerank").message
    assert message.endswith("calls go to /v1/chat/completions, /v1/responses or /v1/messages.")


def test_an_error_on_a_path_of_anthropics_has_its_shape(port: int) -> None:
    assert b'"type":"error"' in get(port, "/v1/messages/batches").body
    assert b'"type":"error"' in get(port, "/nowhere", ANTHROPIC).body
    assert b'"type":"error"' not in get(port, "/nowhere").body


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_a_method_that_is_not_served_is_405_and_the_others_are_named(
    port: int, route: Route
) -> None:
    answer = ask(port, request(route.path, method="PUT"))
    assert answer.status == 405
    assert route.method in answer.headers["allow"]


def test_health_readiness_and_metrics_are_told(port: int, gateway: ScriptedGateway) -> None:
    assert get(port, "/healthz").status == 200
    assert get(port, "/readyz").status == 200
    gateway.unready = "the ledger is locked"
    late = get(port, "/readyz")
    gateway.unready = ""
    assert (late.status, b"the ledger is locked" in late.body) == (503, True)
    metrics = get(port, "/metrics")
    assert (metrics.body, metrics.headers["content-type"][:24]) == (
        b"up 1\n",
        "text/plain; version=0.0.4"[:24],
    )
    assert msgspec.json.decode(get(port, "/").body)["name"] == "switchgear"


def test_models_are_listed_as_either_sdk_expects(port: int) -> None:
    chat = msgspec.json.decode(get(port, "/v1/models").body)
    assert [it["id"] for it in chat["data"]] == ["auto", "sim/large"]
    messages = msgspec.json.decode(get(port, "/v1/models", ANTHROPIC).body)
    assert (messages["first_id"], messages["last_id"], messages["has_more"]) == (
        "auto",
        "sim/large",
        False,
    )
    assert messages["data"][1]["created_at"] == "1970-01-02T00:00:00Z"


def test_one_model_is_shown_by_its_name_slash_and_all(port: int) -> None:
    assert msgspec.json.decode(get(port, "/v1/models/sim/large").body)["owned_by"] == "sim"
    assert msgspec.json.decode(get(port, "/v1/models/sim%2Flarge").body)["owned_by"] == "sim"
    assert get(port, "/v1/models/none").status == 404


def test_a_request_sees_one_version_of_the_app() -> None:
    asked: list[ScriptedGateway] = []

    def current() -> ScriptedGateway:
        asked.append(ScriptedGateway())
        return asked[-1]

    async def life() -> None:
        async def receive() -> Message:
            raise AssertionError

        async def send(message: Message) -> None:
            assert message

        scope = {"type": "http", "method": "GET", "path": "/v1/models", "headers": []}
        await App(current, TONGUES)(scope, receive, send)

    asyncio.run(life())
    assert len(asked) == 1


def test_other_servers_may_announce_their_beginning_and_end() -> None:
    async def life() -> list[str]:
        told = iter(["lifespan.startup", "lifespan.shutdown"])
        sent: list[str] = []

        async def receive() -> Message:
            return {"type": next(told)}

        async def send(message: Message) -> None:
            sent.append(message["type"])

        await App(ScriptedGateway, TONGUES)({"type": "lifespan"}, receive, send)
        return sent

    assert asyncio.run(life()) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
