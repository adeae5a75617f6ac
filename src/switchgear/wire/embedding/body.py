"""A request for vectors, read."""

import re
from typing import Annotated, Any, Literal

import msgspec

from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import MalformedBody
from switchgear.domain.target import Capability
from switchgear.domain.turn import Conversation, Role, Text, Turn
from switchgear.wire.strict import decode

MOST_INPUTS = 2048
"""Texts in one request; OpenAI's bound."""
MAX_REASON = 300
"""Characters; a reason may quote what the caller sent."""
MOST_UNREAD = 32
PLAIN_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
"""What may stand in a response header."""
MISSING = "Object missing required field "
FILLER = "tok "
"""Stands for one token that came as a number: as many characters as a token mostly has."""
NEEDS = frozenset({Capability.EMBEDDINGS})

Filled = Annotated[str, msgspec.Meta(min_length=1)]
Token = Annotated[int, msgspec.Meta(ge=0)]


class Request(msgspec.Struct, frozen=True, gc=False):
    """The whole request. What is not named here is passed on and not read."""

    model: Filled
    input: str | list[str | Token | list[Token]]
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: Annotated[int, msgspec.Meta(ge=1, le=65_536)] | None = None
    user: str | None = None


READ = frozenset(Request.__struct_fields__)


class EmbeddingBody(msgspec.Struct, frozen=True, gc=False):
    """A request for vectors, read once."""

    raw: bytes
    request: Request
    texts: tuple[str, ...]
    """What vectors are wanted of; empty where they came as numbers of tokens."""
    count: int
    """How many vectors are wanted."""
    conversation: Conversation
    """A user turn for each text, the longest last."""
    dialect: Dialect = Dialect.OPENAI_CHAT

    @property
    def model(self) -> str:
        """What the caller asked for."""
        return self.request.model

    @property
    def stream(self) -> bool:
        """Vectors never come as a stream."""
        return False

    @property
    def packed(self) -> bool:
        """Whether vectors are wanted as base64, not as lists of numbers."""
        return self.request.encoding_format == "base64"

    def require_limit(self) -> None:
        """Do nothing: vectors are as long as they are."""


def parse(raw: bytes) -> EmbeddingBody:
    """Read a caller's request.

    Raises:
        MalformedBody: it is none; the message says where it is wrong.
    """
    top = decode(raw)
    try:
        request = msgspec.convert(top, Request)
    except msgspec.ValidationError as error:
        raise MalformedBody(_explained(str(error))) from None
    texts, said = _inputs(request.input)
    unread = [name for name in top if name not in READ and top[name] is not None]
    return EmbeddingBody(raw, request, texts, len(said), _conversation(request, said, unread))


def _inputs(given: str | list[Any]) -> tuple[tuple[str, ...], list[str]]:
    """Return the texts, and the same as far as estimates need them."""
    if isinstance(given, str):
        return (given,), [given]
    kinds = {type(each) for each in given}
    if len(kinds) != 1:
        wanted = "expected texts, or numbers of tokens, or lists of these; not a mixture"
        raise MalformedBody(f"input: {wanted if kinds else 'it is empty'}")
    if kinds == {int}:
        return (), [FILLER * len(given)]
    if len(given) > MOST_INPUTS:
        raise MalformedBody(f"input: at most {MOST_INPUTS} texts, and not {len(given)}")
    if kinds == {list}:
        if not all(given):
            raise MalformedBody("input: a list of tokens is empty")
        return (), [FILLER * len(each) for each in given]
    return tuple(given), list(given)


def _conversation(request: Request, said: list[str], unread: list[str]) -> Conversation:
    plain = [name if PLAIN_NAME.fullmatch(name) else "other" for name in unread]
    return Conversation(
        model=request.model,
        turns=tuple(Turn(Role.USER, (Text(text),)) for text in sorted(said, key=len)),
        max_output=0,
        end_user=request.user or "",
        needs=NEEDS,
        unread=tuple(dict.fromkeys(plain))[:MOST_UNREAD],
    )


def _explained(error: str) -> str:
    reason, _, path = error.replace("`", "").partition(" - at $")
    missing = reason.removeprefix(MISSING)
    if missing != reason:
        return f"{path}.{missing}: required".removeprefix(".")
    return f"{path.removeprefix('.') or 'body'}: {reason[:1].lower()}{reason[1:MAX_REASON]}"
