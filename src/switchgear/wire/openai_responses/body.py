"""A request body of this dialect, read."""

import re
from typing import Any

import msgspec

from switchgear.domain.dialect import Dialect
from switchgear.domain.turn import AnswerFormat, Choice, Conversation, Sampling, Tool, ToolChoice
from switchgear.wire import freeform
from switchgear.wire.openai_responses.reading import read_turns
from switchgear.wire.openai_responses.shape import (
    Offer,
    Picked,
    Request,
    Schemas,
    read_request,
    read_schemas,
)
from switchgear.wire.service import read_tier
from switchgear.wire.strict import decode

READ = frozenset(Request.__struct_fields__)
ENCRYPTED = "reasoning.encrypted_content"
MOOT: dict[str, tuple[object, ...]] = {
    "background": (False,),
    "include": ([], [ENCRYPTED]),
    "service_tier": ("auto", "default"),
    "top_logprobs": (0,),
    "truncation": ("disabled",),
}
"""Values of fields we do not read that ask for nothing, or for what is given to everybody."""
ALWAYS_MOOT = frozenset(("stream_options",))
"""All it can say is whether frames are padded."""
CHOICES = {"auto": Choice.AUTO, "none": Choice.NONE, "required": Choice.REQUIRED}
PLAIN_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
"""What may stand in a response header."""
MAX_UNREAD = 32
EMPTY_SCHEMA = msgspec.Raw(b'{"type":"object","properties":{}}')
"""No parameters at all, which this dialect may leave out."""
ABSENT = frozenset((b"", b"null"))


class ResponsesBody(msgspec.Struct, frozen=True, gc=False):
    """A request body of this dialect, read once."""

    raw: bytes
    request: Request
    conversation: Conversation
    dialect: Dialect = Dialect.OPENAI_RESPONSES

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


def parse(raw: bytes) -> ResponsesBody:
    """Read a caller's request.

    Raises:
        MalformedBody: it is not what this dialect allows; the message says where.
    """
    top = decode(raw)
    request = read_request(top)
    unread = [name for name, value in top.items() if name not in READ and _asks(name, value)]
    talk = _conversation(request, read_schemas(raw, request), unread)
    tier = top.get("service_tier")
    if tier is not None:
        talk = msgspec.structs.replace(talk, service=read_tier(tier))
    return ResponsesBody(raw, request, talk)


def _asks(name: str, value: object) -> bool:
    return value is not None and name not in ALWAYS_MOOT and value not in MOOT.get(name, ())


def _conversation(request: Request, schemas: Schemas, unread: list[str]) -> Conversation:
    turns = read_turns(request, unread)
    tools = _tools(request.tools, schemas, unread) if request.tools else ()
    tool_choice = _tool_choice(request, unread)
    wanted = _format(request, schemas, unread)
    _note_unread(request, unread)
    return Conversation(
        model=request.model,
        turns=turns,
        stream=bool(request.stream),
        tools=_allowed(tools, request.tool_choice),
        tool_choice=tool_choice,
        max_output=request.max_output_tokens,
        format=wanted,
        sampling=Sampling(temperature=request.temperature, top_p=request.top_p),
        effort=(request.reasoning and request.reasoning.effort) or "",
        end_user=request.safety_identifier or request.user or "",
        metadata=tuple(sorted(request.metadata.items())) if request.metadata else (),
        cache_key=request.prompt_cache_key or "",
        previous=request.previous_response_id or "",
        keep=request.store is not False,
        instructions=int(request.instructions is not None),
        unread=_names(unread) if unread else (),
    )


def _note_unread(request: Request, unread: list[str]) -> None:
    if request.text and request.text.verbosity not in (None, "medium"):
        unread.append("text.verbosity")
    if request.reasoning and request.reasoning.mode not in (None, "standard"):
        unread.append("reasoning.mode")
    if request.reasoning and request.reasoning.context not in (None, "auto"):
        unread.append("reasoning.context")


def _names(unread: list[str]) -> tuple[str, ...]:
    plain = [name if PLAIN_NAME.fullmatch(name) else "other" for name in unread]
    return tuple(dict.fromkeys(plain))[:MAX_UNREAD]


def _tools(offers: list[Offer], schemas: Schemas, unread: list[str]) -> tuple[Tool, ...]:
    tools = []
    for offer, exact in zip(offers, schemas.tools or (), strict=True):
        if offer.type == "custom" and offer.name:
            tools.append(_custom(offer, offer.name))
        elif offer.type == "function" and offer.name:
            absent = bytes(exact.parameters) in ABSENT
            tools.append(
                Tool(
                    name=offer.name,
                    description=offer.description or "",
                    schema=EMPTY_SCHEMA if absent else exact.parameters,
                    strict=offer.strict,
                )
            )
        else:
            unread.append(f"tools.{offer.type}")
    return tuple(tools)


def _custom(offer: Offer, name: str) -> Tool:
    return Tool(
        name=name,
        description=offer.description or "",
        schema=freeform.schema(freeform.read_grammar(offer.format)),
        freeform=True,
    )


def _tool_choice(request: Request, unread: list[str]) -> ToolChoice | None:
    asked, parallel = request.tool_choice, request.parallel_tool_calls
    if isinstance(asked, str) and asked in CHOICES:
        return ToolChoice(choice=CHOICES[asked], parallel=parallel)
    if isinstance(asked, Picked) and asked.type in {"function", "custom"} and asked.name:
        return ToolChoice(choice=Choice.NAMED, name=asked.name, parallel=parallel)
    if isinstance(asked, Picked) and asked.type == "allowed_tools":
        return ToolChoice(choice=CHOICES.get(asked.mode or "", Choice.AUTO), parallel=parallel)
    if asked is not None:
        unread.append(f"tool_choice.{asked if isinstance(asked, str) else asked.type}")
    return None if parallel is None else ToolChoice(parallel=parallel)


def _allowed(tools: tuple[Tool, ...], asked: str | Picked | None) -> tuple[Tool, ...]:
    """Return the tools that may be used: no other dialect knows tools that are only shown."""
    if not isinstance(asked, Picked) or asked.type != "allowed_tools" or asked.tools is None:
        return tools
    names: list[Any] = [each.get("name") for each in asked.tools]
    return tuple([tool for tool in tools if tool.name in names])


def _format(request: Request, schemas: Schemas, unread: list[str]) -> AnswerFormat | None:
    asked = request.text.format if request.text else None
    if asked is None or asked.type == "text":
        return None
    if asked.type == "json_object":
        return AnswerFormat()
    if asked.type == "json_schema" and bytes(schemas.answer) not in ABSENT:
        return AnswerFormat(schema=schemas.answer, name=asked.name, strict=asked.strict)
    unread.append(f"text.format.{asked.type}")
    return None
