"""Each vendor, simulated as strict as it is, called through the gateway by both SDKs.

A new row is tested by being there.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx2
import msgspec
import pytest
from anthropic import Anthropic
from openai import BadRequestError, OpenAI, UnprocessableEntityError

from support.strict import COMMON, StrictVendor
from support.town import SECRET, Town, lived, target, town
from switchgear.config.service import Service
from switchgear.config.vendor import VENDORS, Vendor
from switchgear.domain.dialect import Dialect
from switchgear.domain.quirk import PLAIN

Json = dict[str, Any]

PROVED = {Service.PLAIN, Service.AZURE}
"""The others sign each request, or ask for tokens: they have tests of their own."""


class Case(NamedTuple):
    """One vendor, in one of its dialects; each form of answer has a provider of its own."""

    vendor: Vendor
    dialect: Dialect

    @property
    def name(self) -> str:
        return f"{self.vendor.name}.{self.dialect.value}"

    def at(self, *, stream: bool) -> str:
        return f"{self.name}.stream" if stream else self.name


CASES = [
    Case(vendor, dialect)
    for vendor in VENDORS.values()
    for dialect in vendor.addresses
    if vendor.service in PROVED
]
CHATS = [case for case in CASES if case.dialect is Dialect.OPENAI_CHAT]
BARE = "bare."
"""Before the name of a provider whose vendor the gateway is not told."""
rows = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
chats = pytest.mark.parametrize("case", CHATS, ids=lambda case: case.vendor.name)
forms = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


class Street(NamedTuple):
    """All of them, and one gateway before them."""

    town: Town
    houses: dict[str, StrictVendor]
    chat: OpenAI
    messages: Anthropic
    http: httpx2.Client

    def sent(self, name: str) -> bytes:
        """Return the last that came there."""
        return self.town.houses[name].bodies[-1]

    def check_row(self, name: str) -> None:
        ledger: Any = self.town.running.house.outside.ledger  # the one in memory
        *_, entry = [each for each in ledger.entries.values() if each.attempts[0].target == name]
        assert entry.end.value == "answered"
        assert entry.attempts[0].usage.input == 50
        assert entry.attempts[0].usage.output == 9


@pytest.fixture(scope="module")
def street() -> Iterator[Street]:
    houses = {
        case.at(stream=stream): StrictVendor(case.vendor, case.dialect, stream=stream)
        for case in CASES
        for stream in (False, True)
    }
    houses |= {
        BARE + case.name: StrictVendor(case.vendor, case.dialect, stream=False) for case in CHATS
    }
    said = {case.at(stream=stream): {"vendor": case.vendor.name} for case in CASES
            for stream in (False, True)}  # fmt: skip
    places = {name: (each.dialect, each.respond) for name, each in houses.items()}
    config = {"targets": {name: target(name, model=name) for name in houses}}
    with lived(town(places, config, said=said)) as place:
        chat = OpenAI(base_url=f"{place.url}/v1", api_key="x", max_retries=0)
        messages = Anthropic(base_url=place.url, api_key="x", max_retries=0)
        with chat, messages, httpx2.Client(base_url=place.url) as http:
            yield Street(place, houses, chat, messages, http)


PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
ANSWER = {"type": "object", "properties": {"warm": {"type": "boolean"}}}
CALL = {"id": "call_Oslo_0123456789abcdef", "type": "function"}
RICH: Json = {
    "max_completion_tokens": 200,
    "seed": 7,
    "user": "somebody",
    "metadata": {"team": "blue"},
    "store": False,
    "prompt_cache_key": "a-key",
    "parallel_tool_calls": True,
    "tool_choice": "required",
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": ANSWER, "strict": True},
    },
    "tools": [
        {
            "type": "function",
            "function": {"name": "weather", "parameters": PARAMETERS, "strict": True},
        }
    ],
    "messages": [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": "How is the weather in Oslo?", "name": "ann"},
        {
            "role": "assistant",
            "content": None,
            "refusal": None,
            "tool_calls": [{**CALL, "function": {"name": "weather", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": CALL["id"], "content": "cold"},
    ],
}
RICH_MESSAGES: Json = {
    "max_tokens": 200,
    "system": "Be brief.",
    "metadata": {"user_id": "somebody"},
    "stop_sequences": ["END"],
    "tool_choice": {"type": "any", "disable_parallel_tool_use": True},
    "tools": [{"name": "weather", "description": "of a city", "input_schema": PARAMETERS}],
    "messages": [
        {"role": "user", "content": "How is the weather in Oslo?"},
        {
            "role": "assistant",
            "content": [
                {"type": "tool_use", "id": "toolu_01abcdefgh", "name": "weather", "input": {}}
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "toolu_01abcdefgh", "content": "cold"}
            ],
        },
    ],
}
OVERLOOKED = {"seed", "max_completion_tokens", "messages"}
"""Fields of ``RICH`` that have another name somewhere, or are lost in parts only."""


def ask_chat(chat: OpenAI, model: str, *, stream: bool) -> tuple[Any, str]:
    """Return the answer, folded if it was a stream, and what was dropped."""
    create: Any = chat.chat.completions.with_raw_response.create
    if not stream:
        raw = create(model=model, **RICH)
        return raw.parse().choices[0].message, raw.headers.get("x-switchgear-dropped", "")
    raw = create(model=model, **RICH, stream=True, stream_options={"include_usage": True})
    chunks = list(raw.parse())
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.prompt_tokens == 50
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    message = deltas[0]
    message.content = "".join(delta.content or "" for delta in deltas)
    message.tool_calls = [call for delta in deltas for call in delta.tool_calls or ()][:1]
    return message, raw.headers.get("x-switchgear-dropped", "")


@rows
@forms
def test_the_openai_sdk_is_served_with_a_rich_request(
    street: Street, case: Case, *, stream: bool
) -> None:
    name = case.at(stream=stream)
    message, dropped = ask_chat(street.chat, name, stream=stream)
    assert message.content == "Let me look."
    assert message.tool_calls[0].function.name == "weather"
    assert street.houses[name].refused == []
    street.check_row(name)
    if case.dialect is Dialect.OPENAI_CHAT:
        sent = msgspec.json.decode(street.sent(name))
        gone = set(RICH) - set(sent) - OVERLOOKED
        assert gone <= {each.strip() for each in dropped.split(",")}
        assert {sent.get("max_tokens"), sent.get("max_completion_tokens")} == {None, 200}
        assert sent["messages"][0]["content"] == "Be brief."


def ask_messages(messages: Anthropic, model: str, *, stream: bool) -> Any:
    if not stream:
        return messages.messages.create(model=model, **RICH_MESSAGES)
    with messages.messages.stream(model=model, **RICH_MESSAGES) as answer:
        return answer.get_final_message()


@rows
@forms
def test_the_anthropic_sdk_is_served_with_a_rich_request(
    street: Street, case: Case, *, stream: bool
) -> None:
    name = case.at(stream=stream)
    message = ask_messages(street.messages, name, stream=stream)
    text, use = message.content
    assert (text.text, use.name, use.input) == ("Let me look.", "weather", {"city": "Oslo"})
    assert message.stop_reason == "tool_use"
    assert message.usage.output_tokens == 9
    assert street.houses[name].refused == []
    street.check_row(name)


PLAIN_BODY = (
    b'{ "model":"NAME", "messages" : [ {"role":"user","content":"caf\\u00e9, developer"} ] ,\n'
    b' "temperature": 1.0, "top_p":1e0 ,"tools":[ ], "n": 1, "unheard_of" : {"a" : [1.50]} }'
)


@chats
def test_a_request_that_no_quirk_is_about_arrives_byte_for_byte(street: Street, case: Case) -> None:
    """Though some would refuse ``unheard_of``: what is not known to be refused is not touched."""
    body = PLAIN_BODY.replace(b"NAME", case.name.encode())
    kind = {"content-type": "application/json"}
    street.http.post("/v1/chat/completions", content=body, headers=kind)
    assert street.sent(case.name) == body


@pytest.mark.parametrize(
    "case",
    [case for case in CHATS if case.vendor.quirks != PLAIN],
    ids=lambda case: case.vendor.name,
)
def test_a_simulated_vendor_refuses_what_its_row_is_about(street: Street, case: Case) -> None:
    """So that the tests above can fail: without its row, its provider is not served."""
    create: Any = street.chat.chat.completions.create
    with pytest.raises((BadRequestError, UnprocessableEntityError)):
        create(model=BARE + case.name, max_tokens=300, **RICH)
    assert street.houses[BARE + case.name].refused


def first_line(place: Town) -> tuple[str, dict[str, str]]:
    head = place.houses["sim"].heads[0].decode().strip()
    first, *rest = head.split("\r\n")
    return first, dict(line.split(": ", 1) for line in rest)


@pytest.mark.parametrize(
    ("dialect", "root", "said", "path"),
    [
        (
            Dialect.OPENAI_CHAT,
            "/",
            {},
            "/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21",
        ),
        (
            Dialect.OPENAI_CHAT,
            "",
            {"api_version": "2025-01-01-preview"},
            "/openai/deployments/my%20gpt/chat/completions?api-version=2025-01-01-preview",
        ),
        (Dialect.OPENAI_CHAT, "/openai/v1/", {}, "/openai/v1/chat/completions"),
        (Dialect.OPENAI_RESPONSES, "", {}, "/openai/responses?api-version=2025-04-01-preview"),
        (Dialect.OPENAI_RESPONSES, "/openai/v1", {}, "/openai/v1/responses"),
    ],
)
def test_azure_is_reached_by_both_of_its_addresses(
    dialect: Dialect, root: str, said: Json, path: str
) -> None:
    house = StrictVendor(VENDORS["azure"], dialect, stream=False)
    config = {"targets": {"sim": target("sim", model="my gpt")}}
    mine = {"sim": {"vendor": "azure", **said}}
    with (
        lived(town({"sim": (dialect, house.respond)}, config, root, said=mine)) as place,
        Anthropic(base_url=place.url, api_key="x", max_retries=0) as messages,
    ):
        ask_messages(messages, "auto", stream=False)
    line, headers = first_line(place)
    assert line == f"POST {path} HTTP/1.1"
    assert headers["api-key"] == SECRET
    assert "authorization" not in headers


def test_a_token_of_entras_goes_as_the_owner_wrote_it() -> None:
    house = StrictVendor(VENDORS["azure"], Dialect.OPENAI_CHAT, stream=False)
    token = {"Authorization": "Bearer eyJ-token"}
    mine = {"sim": {"vendor": "azure", "api_key": "", "headers": token}}
    with (
        lived(town({"sim": (Dialect.OPENAI_CHAT, house.respond)}, said=mine)) as place,
        Anthropic(base_url=place.url, api_key="x", max_retries=0) as messages,
    ):
        ask_messages(messages, "auto", stream=False)
    _, headers = first_line(place)
    assert headers["authorization"] == "Bearer eyJ-token"
    assert "api-key" not in headers


def test_what_an_owner_says_of_a_provider_comes_on_top() -> None:
    house = StrictVendor(VENDORS["xai"], Dialect.OPENAI_CHAT, stream=False)
    drop, rename = ["user", "tools.function.strict"], {"seed": "random_seed"}
    mine = {"sim": {"drop": drop, "rename": rename}}
    with lived(town({"sim": (Dialect.OPENAI_CHAT, house.respond)}, said=mine)) as place:
        url = f"{place.url}/v1/chat/completions"
        found = httpx2.post(url, json={**RICH, "model": "auto"})
    sent = msgspec.json.decode(place.houses["sim"].bodies[0])
    assert found.headers["x-switchgear-dropped"] == "user, tools.function.strict"
    assert (sent["random_seed"], "seed" in sent, "user" in sent) == (7, False, False)
    assert "strict" not in sent["tools"][0]["function"]


def test_what_all_take_is_dropped_for_nobody() -> None:
    for case in CHATS:
        assert COMMON.isdisjoint(case.vendor.quirks.dropped)
