"""A request body of this dialect, read."""

import re
from math import ceil

import msgspec

from switchgear.domain.dialect import Dialect
from switchgear.domain.turn import AnswerFormat, Choice, Conversation, Sampling, Tool, ToolChoice
from switchgear.wire import freeform
from switchgear.wire.openai_chat.request import (
    Custom,
    Offer,
    Request,
    ResponseFormat,
    read_request,
)
from switchgear.wire.openai_chat.turn import read_turns
from switchgear.wire.service import read_tier
from switchgear.wire.strict import decode

READ = frozenset(Request.__struct_fields__)
MOOT: dict[str, tuple[object, ...]] = {
    "n": (1,),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "logit_bias": ({},),
    "store": (False,),
    "service_tier": ("auto", "default"),
    "modalities": (["text"],),
}
"""Values of fields we do not read that ask for nothing."""
CHOICES = {"auto": Choice.AUTO, "none": Choice.NONE, "required": Choice.REQUIRED}
PLAIN_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
"""What may stand in a response header."""
MAX_UNREAD = 32
MOST_CHOICES = 1024
"""No provider gives as many answers; whoever asks for more is refused there."""


class ChatBody(msgspec.Struct, frozen=True, gc=False):
    """A request body of this dialect, read once."""

    raw: bytes
    request: Request
    conversation: Conversation
    dialect: Dialect = Dialect.OPENAI_CHAT

    @property
    def model(self) -> str:
        """What the caller asked for."""
        return self.request.model

    @property
    def stream(self) -> bool:
        """Whether the caller wants the answer as it comes."""
        return bool(self.request.stream)

    def require_limit(self) -> None:
        """Do nothing: this dialect demands no limit."""


def parse(raw: bytes) -> ChatBody:
    """Read a caller's request.

    Raises:
        MalformedBody: it is not what this dialect allows; the message says where.
    """
    top = decode(raw)
    request = read_request(top, raw)
    unread = [] if top.keys() <= READ else _unread(top)
    talk = _conversation(request, unread)
    tier = top.get("service_tier")
    if tier is not None:
        talk = msgspec.structs.replace(talk, service=read_tier(tier))
    wanted = top.get("n")
    if isinstance(wanted, int | float) and wanted > 1:
        talk = msgspec.structs.replace(talk, choices=ceil(min(wanted, MOST_CHOICES)))
    return ChatBody(raw, request, talk)


def _unread(top: dict[str, object]) -> list[str]:
    return [name for name, value in top.items() if name not in READ and _asks(name, value)]


def _asks(name: str, value: object) -> bool:
    return value is not None and value not in MOOT.get(name, ())


def _conversation(request: Request, unread: list[str]) -> Conversation:
    turns = read_turns(request.messages, unread)
    tools = _tools(request.tools, unread) if request.tools else ()
    tool_choice = _tool_choice(request, unread)
    wanted = _format(request.response_format, unread) if request.response_format else None
    stop = request.stop or ()
    return Conversation(
        model=request.model,
        turns=turns,
        stream=bool(request.stream),
        wants_usage=request.wants_usage,
        tools=tools,
        tool_choice=tool_choice,
        max_output=request.max_output,
        stop=(stop,) if isinstance(stop, str) else tuple(stop),
        format=wanted,
        sampling=_sampling(request),
        effort=request.reasoning_effort or "",
        end_user=request.user or "",
        metadata=tuple(sorted(request.metadata.items())) if request.metadata else (),
        cache_key=request.prompt_cache_key or "",
        unread=_names(unread) if unread else (),
    )


def _names(unread: list[str]) -> tuple[str, ...]:
    plain = [name if PLAIN_NAME.fullmatch(name) else "other" for name in unread]
    return tuple(dict.fromkeys(plain))[:MAX_UNREAD]


def _tools(offers: list[Offer], unread: list[str]) -> tuple[Tool, ...]:
    tools = []
    for offer in offers:
        function, custom = offer.function, offer.custom
        if offer.type == "custom" and custom is not None:
            tools.append(_custom(custom))
            continue
        if offer.type != "function" or function is None:
            unread.append(f"tools.{offer.type}")
            continue
        tools.append(
            Tool(
                name=function.name,
                description=function.description or "",
                schema=function.parameters if _given(function.parameters) else EMPTY_SCHEMA,
                strict=function.strict,
            )
        )
    return tuple(tools)


def _custom(custom: Custom) -> Tool:
    said = custom.format or {}
    grammar = said.get("grammar")
    return Tool(
        name=custom.name,
        description=custom.description or "",
        schema=freeform.schema(freeform.read_grammar(grammar)),
        freeform=True,
    )


EMPTY_SCHEMA = msgspec.Raw(b'{"type":"object","properties":{}}')
"""No parameters at all, which this dialect may leave out."""


def _given(raw: msgspec.Raw) -> bool:
    return bytes(raw) not in {b"", b"null"}


def _tool_choice(request: Request, unread: list[str]) -> ToolChoice | None:
    asked, parallel = request.tool_choice, request.parallel_tool_calls
    if isinstance(asked, str) and asked in CHOICES:
        return ToolChoice(choice=CHOICES[asked], parallel=parallel)
    named = None if isinstance(asked, str | None) else asked.function or asked.custom
    if named:
        return ToolChoice(choice=Choice.NAMED, name=named.name, parallel=parallel)
    if asked is not None:
        unread.append(f"tool_choice.{asked if isinstance(asked, str) else asked.type}")
    return None if parallel is None else ToolChoice(parallel=parallel)


def _format(asked: ResponseFormat, unread: list[str]) -> AnswerFormat | None:
    if asked.type == "text":
        return None
    if asked.type == "json_object":
        return AnswerFormat()
    if asked.type == "json_schema" and asked.json_schema and _given(asked.json_schema.schema):
        wanted = asked.json_schema
        return AnswerFormat(schema=wanted.schema, name=wanted.name, strict=wanted.strict)
    unread.append(f"response_format.{asked.type}")
    return None


def _sampling(request: Request) -> Sampling:
    return Sampling(
        temperature=request.temperature,
        top_p=request.top_p,
        seed=request.seed,
        frequency_penalty=request.frequency_penalty,
        presence_penalty=request.presence_penalty,
    )
