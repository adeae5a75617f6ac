"""Vectors through the whole gateway, asked for with OpenAI's own client."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import openai
import pytest

import switchgear
from support.town import SECRET, House, Respond, Town, saying, target, town
from switchgear.domain.dialect import Dialect
from switchgear.domain.entry import Entry
from switchgear.domain.units import NanoUsd
from switchgear.ports.ledger import Query

BUSY = saying(b'{"error":{"message":"slow down"}}', status=429)
GEMINI = b'{"embeddings":[{"values":[0.5,0.25]}],"usageMetadata":{"promptTokenCount":4}}'


def vectors(form: str | None = None) -> Respond:
    """Embed as OpenAI does, or always in one form as some copies do."""

    async def respond(raw: bytes, writer: asyncio.StreamWriter) -> None:
        asked = msgspec.json.decode(raw)
        many = asked["input"] if isinstance(asked["input"], list) else [asked["input"]]
        packed = (form or asked.get("encoding_format")) == "base64"
        data = [
            {
                "object": "embedding",
                "index": at,
                "embedding": "AAAAPwAAgD4=" if packed else [0.5, 0.25],
            }
            for at, _ in enumerate(many)
        ]
        usage = {"prompt_tokens": 4, "total_tokens": 4}
        told = {"object": "list", "data": data, "model": asked["model"], "usage": usage}
        await saying(msgspec.json.encode(told))(raw, writer)

    return respond


def embedding(provider: str, model: str = "e-1", **more: Any) -> dict[str, object]:
    price = {"input_usd": 1.0, "output_usd": 0.0}
    return target(provider, model=model, capabilities=["embeddings"], price=price, **more)


def play(
    respond: dict[str, Respond],
    scene: Callable[[Town, openai.AsyncOpenAI], Awaitable[None]],
    targets: dict[str, Any] | None = None,
    dialect: Dialect = Dialect.OPENAI_CHAT,
) -> list[Entry]:
    async def life() -> list[Entry]:
        config = {"targets": targets or {name: embedding(name) for name in respond}}
        config["aliases"] = {"vectors": {"targets": list(config["targets"])}}
        places = {name: (dialect, each) for name, each in respond.items()}
        async with town(places, config) as found:
            base = f"{found.url}/v1"
            async with openai.AsyncOpenAI(base_url=base, api_key="k", max_retries=0) as client:
                await scene(found, client)
            return list(await found.running.house.outside.ledger.list(Query()))

    return asyncio.run(life())


@pytest.mark.parametrize("form", [None, "float", "base64"])
@pytest.mark.parametrize("many", [False, True])
def test_openais_client_gets_numbers_whatever_it_asks_and_the_target_gives(
    form: str | None,
    many: bool,  # noqa: FBT001  (a parameter of the test)
) -> None:
    async def scene(place: Town, client: openai.AsyncOpenAI) -> None:
        texts: str | list[str] = ["a", "b"] if many else "a"
        plain = await client.embeddings.create(model="vectors", input=texts)
        asked = await client.embeddings.create(
            model="vectors", input=texts, encoding_format="float", dimensions=2
        )
        for found in (plain, asked):
            assert [each.embedding for each in found.data] == [[0.5, 0.25]] * (1 + many)
            type(found).model_validate(found.model_dump(), strict=True)
        assert b"POST /v1/embeddings " in place.houses["one"].heads[0]
        assert msgspec.json.decode(place.houses["one"].bodies[0])["encoding_format"] == "base64"

    rows = play({"one": vectors(form)}, scene)
    assert [(row.endpoint.value, row.target, row.cost) for row in rows] == [
        ("embed", "one", NanoUsd(4_000))
    ] * 2


def test_tokens_pass_as_numbers() -> None:
    async def scene(place: Town, client: openai.AsyncOpenAI) -> None:
        await client.embeddings.create(model="vectors", input=[[1, 2], [3]])
        assert msgspec.json.decode(place.houses["one"].bodies[0])["input"] == [[1, 2], [3]]

    play({"one": vectors()}, scene)


def test_a_busy_provider_is_followed_by_another_with_the_same_model_and_by_no_other() -> None:
    targets = {
        "one": embedding("one"),
        "two": embedding("two", "e-2"),
        "three": embedding("three", quality=0.5),
    }

    async def scene(place: Town, client: openai.AsyncOpenAI) -> None:
        found = await client.embeddings.with_raw_response.create(model="vectors", input="a")
        assert found.headers["x-switchgear-target"] == "three"
        assert found.headers["x-switchgear-attempts"] == "2"
        assert found.headers["x-switchgear-cost-usd"] == "0.000004000"
        assert not place.houses["two"].bodies

    rows = play({"one": BUSY, "two": vectors(), "three": vectors()}, scene, targets)
    assert [(each.target, each.code) for each in rows[0].attempts] == [
        ("one", "upstream_busy"),
        ("three", ""),
    ]


def test_with_no_other_of_the_same_model_the_caller_is_told() -> None:
    targets = {"one": embedding("one"), "two": embedding("two", "e-2")}

    async def scene(place: Town, client: openai.AsyncOpenAI) -> None:
        with pytest.raises(openai.BadRequestError) as caught:
            await client.embeddings.create(model="vectors", input="a")
        assert caught.value.code == "upstream_rejected"
        assert not place.houses["two"].bodies

    refusing = saying(b'{"error":{"message":"no"}}', status=400)
    play({"one": refusing, "two": vectors()}, scene, targets)


def test_gemini_is_asked_in_its_own_words() -> None:
    async def scene(place: Town, client: openai.AsyncOpenAI) -> None:
        found = await client.embeddings.with_raw_response.create(
            model="vectors", input="a", user="u"
        )
        assert found.parse().data[0].embedding == [0.5, 0.25]
        assert found.headers["x-switchgear-dropped"] == "user"
        assert b"POST /v1/models/e-1:batchEmbedContents " in place.houses["one"].heads[0]
        assert SECRET.encode() in place.houses["one"].heads[0]

    rows = play({"one": saying(GEMINI)}, scene, dialect=Dialect.GEMINI)
    assert rows[0].attempts[0].dropped == ("user",)


def test_what_answers_is_not_asked_to_embed_nor_the_other_way_round() -> None:
    targets = {"one": embedding("one"), "talks": target("one", model="chat")}

    async def scene(place: Town, client: openai.AsyncOpenAI) -> None:
        with pytest.raises(openai.BadRequestError) as embeds:
            await client.embeddings.create(model="talks", input="a")
        with pytest.raises(openai.BadRequestError) as talks:
            await client.chat.completions.create(
                model="one", messages=[{"role": "user", "content": "hi"}]
            )
        assert {embeds.value.code, talks.value.code} == {"nothing_fits"}
        assert not place.houses["one"].bodies

    play({"one": vectors()}, scene, targets)


def test_a_request_that_comes_again_gets_the_same_answer_once() -> None:
    async def scene(place: Town, client: openai.AsyncOpenAI) -> None:
        again = {"idempotency-key": "k"}
        for _ in range(2):
            await client.embeddings.create(model="vectors", input="a", extra_headers=again)
        assert len(place.houses["one"].bodies) == 1

    rows = play({"one": vectors()}, scene)
    assert sum(row.replayed != "" for row in rows) == 1


def test_the_library_embeds_too() -> None:
    async def life() -> None:
        house = House(vectors())
        server = await asyncio.start_server(house.host, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        config = {
            "providers": {"one": {"dialect": "openai-chat", "base_url": url}},
            "targets": {"one": embedding("one")},
            "ledger": {"path": ":memory:"},
        }
        async with switchgear.open(config) as sg:
            found = await sg.embeddings(model="one", input=["a", "b"])
        assert [each["embedding"] for each in found.body["data"]] == [[0.5, 0.25]] * 2
        assert found.usage is not None
        assert found.usage.input == 4
        server.close()

    asyncio.run(life())
