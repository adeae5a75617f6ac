"""The whole gateway, from socket to socket."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx2
import msgspec
import pytest

from support.raw import answers, request
from support.town import Respond, Town, saying, streaming, target, town
from switchgear.domain.dialect import Dialect
from switchgear.domain.entry import End, Entry
from switchgear.engine.task import task_id

CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"
PATHS = {Dialect.OPENAI_CHAT: CHAT, Dialect.ANTHROPIC_MESSAGES: MESSAGES}
CLOSED_WITHIN = 0.25
"""Seconds, by the behaviour contract."""


def chunk(text: str, finish: str | None = None) -> bytes:
    delta = {"content": text} if text else {}
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    body = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return b"data: " + msgspec.json.encode({**body, "choices": [choice]}) + b"\n\n"


ODD = b'{"id":"x" , "object":"chat.completion","created":1,"model":"m","new":[1,\n2],"choices":'
ODD += b'[{"index":0,"message":{"role":"assistant","content":"h\\u00e9 \xe2\x80\xa8"},"x":null,'
ODD += b'"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":2}}'
FRAMES = [
    b": ping\n\n",
    chunk("Hel"),
    b"data: " + chunk("lo")[6:].strip() + b"\r\n\r\n",
    b"event: odd\ndata:" + chunk("!")[6:],
    chunk("", "stop"),
    b"data: [DONE]\n\n",
]
GOOD = saying(ODD)
STREAM = streaming(*FRAMES)
BUSY = saying(b'{"error":{"message":"slow down"}}', status=429)
BROKEN = saying(b"<html>", kind="text/html")
OPENAI = Dialect.OPENAI_CHAT


def body(model: str = "auto", text: str = "hi", **more: object) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}


async def post(place: Town, path: str, content: object, **headers: str) -> httpx2.Response:
    raw = content if isinstance(content, bytes) else msgspec.json.encode(content)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx2.AsyncClient(timeout=20) as client:
        kind = {"content-type": "application/json", **named}
        return await client.post(place.url + path, content=raw, headers=kind)


async def get(place: Town, path: str, **headers: str) -> httpx2.Response:
    async with httpx2.AsyncClient(timeout=20) as client:
        return await client.get(place.url + path, headers=headers)


def entries(place: Town) -> list[Entry]:
    return list(place.running.house.outside.ledger.entries.values())  # type: ignore[attr-defined]  # the one in memory


async def until(true: Callable[[], bool]) -> None:
    while not true():  # noqa: ASYNC110  (what is waited for is on the other side of a socket)
        await asyncio.sleep(0.005)


def lived(places: dict[str, tuple[Dialect, Respond]], life: Any, **config: Any) -> None:
    async def whole() -> None:
        async with town(places, config) as place:
            await life(place)

    asyncio.run(whole())


def test_a_whole_answer_of_the_same_dialect_is_passed_on_byte_for_byte() -> None:
    async def life(place: Town) -> None:
        turn = b'[{"role":"user","content":"h\\u00e9","odd":1}]'
        asked = b'{ "messages":' + turn + b',"model":"auto", "z": {"b":1,"a":[ ]}}'
        answer = await post(place, CHAT, asked)
        assert answer.content == ODD
        (sent,) = place.houses["sim"].bodies
        assert sent == asked.replace(b'{ "m', b'{"m').replace(
            b'"auto", "z": {', b'"model-of-sim","z":{'
        )
        assert b"sk-provider-secret" in place.houses["sim"].heads[0]

    lived({"sim": (OPENAI, GOOD)}, life)


def test_a_stream_of_the_same_dialect_is_passed_on_byte_for_byte() -> None:
    async def life(place: Town) -> None:
        answer = await post(place, CHAT, body(stream=True))
        assert answer.content == b"".join(FRAMES)
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert entries(place)[0].end is End.ANSWERED

    lived({"sim": (OPENAI, STREAM)}, life)


def test_every_answer_says_who_gave_it_and_why() -> None:
    async def life(place: Town) -> None:
        answer = await post(place, CHAT, body(), x_switchgear_task="job-7")
        told = {name[13:]: value for name, value in answer.headers.items() if "switchgear" in name}
        assert told["target"] == "sim"
        assert told["tier"] == "small"
        assert told["reason"] == "the only one that can serve"
        assert (told["attempts"], told["task"], told["dropped"]) == ("1", task_id("", "job-7"), "")
        assert float(told["overhead-ms"]) > 0
        assert float(told["cost-usd"]) == pytest.approx((5 * 1 + 2 * 4) / 1e6)
        assert entries(place)[0].id == told["decision"]

    lived({"sim": (OPENAI, GOOD)}, life)


def test_what_a_translation_cannot_carry_is_named() -> None:
    async def life(place: Town) -> None:
        answer = await post(place, MESSAGES, body(max_tokens=9, top_k=3, container="c"))
        assert answer.status_code == 200
        assert answer.headers["x-switchgear-dropped"] == "container, top_k"

    lived({"sim": (OPENAI, GOOD)}, life)


@pytest.mark.parametrize("first", [BUSY, BROKEN, streaming(b": nothing\n\n")])
def test_a_failure_before_content_is_invisible_and_on_the_ledger(first: Respond) -> None:
    async def life(place: Town) -> None:
        answer = await post(place, CHAT, body(stream=True))
        assert answer.content == b"".join(FRAMES)
        assert answer.headers["x-switchgear-target"] == "good"
        assert answer.headers["x-switchgear-reason"] == "fallback after bad"
        (entry,) = entries(place)
        assert entry.attempts[0].target == "bad"
        assert entry.attempts[0].code
        assert entry.attempts[-1].code == ""

    places = {"bad": (OPENAI, first), "good": (OPENAI, STREAM)}
    targets = {
        "bad": target("bad"),
        "good": target("good", price={"input_usd": 9, "output_usd": 9}),
    }
    lived(places, life, targets=targets)


def test_a_stream_that_is_cut_never_looks_whole() -> None:
    async def life(place: Town) -> None:
        answer = await post(place, CHAT, body(stream=True))
        assert chunk("Hel") in answer.content
        assert b"[DONE]" not in answer.content
        assert b'"code":"upstream_lost"' in answer.content
        assert entries(place)[0].end is End.CUT

    lived({"sim": (OPENAI, streaming(chunk("Hel")))}, life)


@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_leaves_closes_the_upstream_at_once(stream: bool) -> None:  # noqa: FBT001  (a parameter)
    async def silence(_: bytes, __: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async def life(place: Town) -> None:
        sent = request(CHAT, body=msgspec.json.encode(body(stream=stream)))
        house = place.houses["sim"]
        _, writer = await asyncio.open_connection("127.0.0.1", place.port)
        writer.write(sent)
        async with asyncio.timeout(5):
            await until(lambda: bool(house.bodies))
            await asyncio.sleep(0.05)
            watching = asyncio.get_running_loop().create_task(left(place))
            writer.transport.abort()
            took = await watching
        assert took < CLOSED_WITHIN
        await asyncio.sleep(0.05)
        assert entries(place)[0].end is End.LEFT
        assert entries(place)[0].status == 499

    async def left(place: Town) -> float:
        loop = asyncio.get_running_loop()
        began, lines = loop.time(), place.running._upstreams.http._lines
        await until(lambda: not any(line.pool.open for line in lines.values()))
        return loop.time() - began

    respond = streaming(chunk("Hel"), end=False) if stream else silence
    lived({"sim": (OPENAI, respond)}, life)


def test_a_preview_decides_and_sends_nothing() -> None:
    async def life(place: Town) -> None:
        answer = await post(place, "/v1/decisions/preview", body())
        found = answer.json()
        assert found["choice"]["plan"] == ["sim"]
        assert found["choice"]["targets"][0]["cost_usd"] > 0
        assert place.houses["sim"].bodies == []
        assert entries(place) == []

    lived({"sim": (OPENAI, GOOD)}, life)


def test_a_decision_can_be_looked_up_and_is_replayed() -> None:
    async def life(place: Town) -> None:
        first = await post(place, CHAT, body())
        refused = await post(place, CHAT, body("gpt-17"))
        broken = await post(place, CHAT, b'{"model":')
        assert [each.status_code for each in (first, refused, broken)] == [200, 404, 400]
        told = []
        for each in (first, refused, broken):
            found = await get(place, f"/v1/decisions/{each.headers['x-switchgear-decision']}")
            told.append(found.json())
        assert told[0]["choice"]["replayed"] is True
        assert told[0]["tries"][0]["target"] == "sim"
        assert told[1]["outcome"]["code"] == "unknown_model"
        assert told[2]["outcome"]["code"] == "malformed_body"
        listed = (await get(place, "/v1/decisions?limit=2")).json()["data"]
        assert len(listed) == 2
        assert (await get(place, "/v1/decisions/sg_nothing")).status_code == 404

    lived({"sim": (OPENAI, GOOD)}, life)


KEYS = [
    {"id": "ann", "secret": "sk-ann-123456", "models": ["auto"]},
    {"id": "bob", "secret": "sk-bob-123456", "debug": True},
]


def test_keys_see_only_what_is_theirs() -> None:
    async def life(place: Town) -> None:
        ann, bob = ({"authorization": f"Bearer sk-{name}-123456"} for name in ("ann", "bob"))
        assert (await post(place, CHAT, body())).status_code == 401
        assert (await post(place, CHAT, body("sim"), **ann)).status_code == 403
        mine = await post(place, CHAT, body(), **ann)
        other = await post(place, CHAT, body(), **bob)
        path = "/v1/decisions/" + other.headers["x-switchgear-decision"]
        assert (await get(place, path, **ann)).status_code == 404
        assert (await get(place, path, **bob)).status_code == 200
        assert [each["id"] for each in (await get(place, "/v1/models", **ann)).json()["data"]] == [
            "auto"
        ]
        listed = (await get(place, "/v1/decisions", **ann)).json()["data"]
        assert {each["question"]["key"] for each in listed} == {"ann"}
        assert mine.headers["x-switchgear-decision"] in {each["id"] for each in listed}

    lived({"sim": (OPENAI, GOOD)}, life, keys=KEYS)


def test_observing_sends_the_call_where_it_asked_to_go() -> None:
    async def life(place: Town) -> None:
        answer = await post(place, CHAT, body("gpt-big"))
        assert answer.headers["x-switchgear-target"] == "dear"
        assert "would choose cheap" in answer.headers["x-switchgear-reason"]
        (entry,) = entries(place)
        assert entry.baseline is not None
        assert entry.decision is not None
        assert entry.baseline > (entry.decision.verdicts[0].cost or 0)

    targets = {
        "cheap": target("cheap"),
        "dear": target("dear", price={"input_usd": 9, "output_usd": 9}),
    }
    aliases = {"gpt-big": {"targets": ["cheap", "dear"], "stands_for": "dear"}}
    places = {"cheap": (OPENAI, GOOD), "dear": (OPENAI, GOOD)}
    lived(places, life, targets=targets, aliases=aliases, mode="observe")


def test_tokens_are_counted_by_the_target_or_estimated_and_marked() -> None:
    counted = saying(b'{"input_tokens":42}')

    async def life(place: Town) -> None:
        answer = await post(place, f"{MESSAGES}/count_tokens", body())
        assert answer.json() == {"input_tokens": 42}
        assert "x-switchgear-estimated" not in answer.headers
        assert b"/v1/messages/count_tokens" in place.houses["sim"].heads[0]

    async def estimated(place: Town) -> None:
        answer = await post(place, f"{MESSAGES}/count_tokens", body())
        assert answer.json()["input_tokens"] > 0
        assert answer.headers["x-switchgear-estimated"] == "true"

    lived({"sim": (Dialect.ANTHROPIC_MESSAGES, counted)}, life)
    lived({"sim": (OPENAI, GOOD)}, estimated)


CALC = {
    "kind": "tool",
    "tool": {
        "function": "arithmetic",
        "arguments": {"pattern": r"(?i)what is (?P<expression>[-+*/().\d ]+)\?"},
        "schema": {
            "type": "object",
            "properties": {"expression": {"type": "string"}},
            "required": ["expression"],
        },
    },
}


@pytest.mark.parametrize("dialect", PATHS)
def test_a_tool_answers_what_it_can_and_the_models_the_rest(dialect: Dialect) -> None:
    async def life(place: Town) -> None:
        ask = body(text="What is 17 * (3 + 4)?", max_tokens=9)
        answer = await post(place, PATHS[dialect], ask)
        assert answer.headers["x-switchgear-target"] == "calc"
        assert "119" in answer.text
        assert place.houses["sim"].bodies == []
        other = await post(place, PATHS[dialect], body(text="Who are you?", max_tokens=9))
        assert other.headers["x-switchgear-target"] == "sim"
        found = await get(place, f"/v1/decisions/{other.headers['x-switchgear-decision']}")
        reasons = {each["target"]: each["reason"] for each in found.json()["choice"]["targets"]}
        assert reasons["calc"] == "bad_input"

    targets = {"sim": target("sim"), "calc": CALC}
    rules = [{"name": "sums", "then": {"first": ["calc"]}}]
    lived({"sim": (OPENAI, GOOD)}, life, targets=targets, rules=rules)


def test_an_anthropic_answer_needs_a_limit_and_a_count_does_not() -> None:
    async def life(place: Town) -> None:
        answer = await post(place, MESSAGES, body())
        assert answer.status_code == 400
        assert "max_tokens" in answer.json()["error"]["message"]
        assert (await post(place, f"{MESSAGES}/count_tokens", body())).status_code == 200

    lived({"sim": (OPENAI, GOOD)}, life)


def test_pipelined_calls_are_answered_in_their_order() -> None:
    async def life(place: Town) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", place.port)
        good = request(CHAT, body=msgspec.json.encode(body()))
        bad = request(CHAT, "connection: close", body=msgspec.json.encode(body("nobody")))
        writer.write(good + bad)
        found = answers(await reader.read())
        assert [each.status for each in found] == [200, 404]
        writer.close()

    lived({"sim": (OPENAI, GOOD)}, life)


def test_a_large_body_is_passed_on_whole() -> None:
    async def life(place: Town) -> None:
        text = "word " * 400_000
        answer = await post(place, CHAT, body(text=text))
        assert answer.status_code in {200, 400}  # 500,000 tokens do not fit the window
        assert answer.json()["error"]["code"] == "nothing_fits"
        small = await post(place, CHAT, body(text=text[:400_000]))
        assert small.status_code == 200
        assert len(place.houses["sim"].bodies[0]) > 400_000

    lived({"sim": (OPENAI, GOOD)}, life)


def test_operators_can_look() -> None:
    async def life(place: Town) -> None:
        await post(place, CHAT, body())
        assert (await get(place, "/healthz")).status_code == 200
        assert (await get(place, "/readyz")).status_code == 200
        metrics = (await get(place, "/metrics")).text
        assert 'target="sim"' in metrics
        assert "sk-provider-secret" not in metrics
        place.running.house.slots.drain()
        assert (await get(place, "/readyz")).status_code == 503
        assert (await post(place, CHAT, body())).status_code == 503
        assert entries(place)[-1].code == "draining"

    lived({"sim": (OPENAI, GOOD)}, life)
