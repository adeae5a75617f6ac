"""What may be asked for, as both SDKs read it."""

import asyncio
from typing import Any

import anthropic
import httpx2
import openai
import pytest
from anthropic.types import ModelInfo
from openai.types import Model

from support.town import Town, saying, target, town
from switchgear.domain.dialect import Dialect

PLACES = {
    "small": (Dialect.OPENAI_CHAT, saying(b"{}")),
    "large": (Dialect.ANTHROPIC_MESSAGES, saying(b"{}")),
}
CALC = {"kind": "tool", "tool": {"function": "arithmetic"}}
TARGETS = {
    "small": target("small", capabilities=["tools", "streaming"], window=1000, max_output=100),
    "large": target("large", "frontier", capabilities=["images", "thinking"], window=5000),
    "calc": CALC,
}
KEYS = [
    {"id": "all", "secret": "sk-all"},
    {"id": "few", "secret": "sk-few", "models": ["auto", "small"], "targets": ["small"]},
]
ALIASES = {"auto": {}, "smart": {"tier": "frontier", "targets": ["large", "calc"]}}


def lived(life: Any) -> None:
    config = {"targets": TARGETS, "keys": KEYS, "aliases": ALIASES}

    async def whole() -> None:
        async with town(PLACES, config) as place:
            await life(place)

    asyncio.run(whole())


async def get(place: Town, path: str, key: str = "sk-all", **more: str) -> httpx2.Response:
    async with httpx2.AsyncClient() as client:
        headers = {"authorization": f"Bearer {key}", **more}
        return await client.get(place.url + path, headers=headers)


def test_openais_style_says_kind_tier_capabilities_and_sizes_in_fields_of_its_own() -> None:
    async def life(place: Town) -> None:
        found = (await get(place, "/v1/models")).json()
        rows = {row["id"]: row for row in found["data"]}
        for row in found["data"]:
            Model.model_validate(row, strict=True)
        assert list(rows) == ["auto", "smart", "small", "large", "calc"]
        assert rows["small"]["capabilities"] == ["streaming", "tools"]
        sizes = ("kind", "tier", "context_window", "max_output_tokens")
        assert [rows["small"][name] for name in sizes] == ["model", "small", 1000, 100]
        assert [rows["calc"][name] for name in sizes] == ["tool", "tool", None, None]
        assert [rows["auto"][name] for name in sizes] == ["alias", None, 5000, 4096]
        assert rows["auto"]["capabilities"] == ["images", "streaming", "thinking", "tools"]
        assert rows["smart"]["tier"] == "frontier"
        assert rows["smart"]["targets"] == ["large", "calc"]
        one = (await get(place, "/v1/models/small")).json()
        assert one == rows["small"]

    lived(life)


def test_anthropics_style_says_them_in_its_fields() -> None:
    async def life(place: Town) -> None:
        header = {"anthropic-version": "2023-06-01"}
        raw = (await get(place, "/v1/models", **header)).json()
        rows = {
            row["id"]: ModelInfo.model_validate_json(httpx2.Response(200, json=row).content)
            for row in raw["data"]
        }
        large = rows["large"]
        assert (large.max_input_tokens, large.max_tokens, large.lifecycle) == (5000, 4096, "active")
        assert large.capabilities is not None
        assert large.capabilities.image_input.supported
        assert large.capabilities.thinking.supported
        assert large.capabilities.effort.high.supported
        assert not large.capabilities.pdf_input.supported
        assert not large.capabilities.server_tools.supported
        small = rows["small"].capabilities
        assert small is not None
        assert not small.thinking.supported
        assert small.thinking.types.disabled.supported

    lived(life)


def test_a_key_sees_what_it_may_ask_for_and_what_that_means_for_it() -> None:
    async def life(place: Town) -> None:
        rows = (await get(place, "/v1/models", "sk-few")).json()["data"]
        assert [row["id"] for row in rows] == ["auto", "small"]
        assert rows[0]["targets"] == ["small"]
        assert rows[0]["context_window"] == 1000
        assert (await get(place, "/v1/models/large", "sk-few")).status_code == 404

    lived(life)


def test_anthropics_sdk_reads_page_by_page_both_ways() -> None:
    async def life(place: Town) -> None:
        client = anthropic.AsyncAnthropic(base_url=place.url, api_key="sk-all", max_retries=0)
        async with client:
            every = [model.id async for model in client.models.list(limit=2)]
            assert every == ["auto", "smart", "small", "large", "calc"]
            page = await client.models.list(limit=2, before_id="large")
            assert ([model.id for model in page.data], page.has_more) == (["smart", "small"], True)
            assert [model.id for model in (await page.get_next_page()).data] == ["auto"]
            with pytest.raises(anthropic.BadRequestError):
                await client.models.list(after_id="nobody")
            with pytest.raises(anthropic.BadRequestError):
                await client.models.list(limit=0)

    lived(life)


def test_openais_sdk_reads_them_strictly() -> None:
    async def life(place: Town) -> None:
        async with openai.AsyncOpenAI(base_url=f"{place.url}/v1", api_key="sk-all") as client:
            assert [model.id async for model in client.models.list()][:2] == ["auto", "smart"]
            found = await client.models.retrieve("large")
            assert found.model_extra is not None
            assert found.model_extra["tier"] == "frontier"

    lived(life)
