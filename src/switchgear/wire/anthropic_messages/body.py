"""A caller's Messages request: read once, and changed only where an edit asks for it."""

from collections.abc import Sequence

import msgspec

from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import Append, CapOutput, Edit, Prefill, UseModel
from switchgear.domain.errors import MalformedBody, ThreadUnsupported
from switchgear.domain.turn import Conversation
from switchgear.wire import strict
from switchgear.wire.anthropic_messages import shape
from switchgear.wire.anthropic_messages.choice import write_choice
from switchgear.wire.anthropic_messages.dialogue import with_tail
from switchgear.wire.anthropic_messages.foreign import (
    SEALED,
    last_role,
    without_foreign,
)
from switchgear.wire.anthropic_messages.mend import FORM
from switchgear.wire.anthropic_messages.reading import read
from switchgear.wire.choice import FORCED, chosen
from switchgear.wire.mend import mend_messages, mends
from switchgear.wire.seal import begins_unsigned
from switchgear.wire.tail import added

MIN_BUDGET = 1024
"""Tokens. The API takes no smaller thinking budget."""

_encode = msgspec.json.Encoder().encode


class MessagesBody:
    """A request body; everything that is read of it has been checked."""

    __slots__ = ("_conversation", "_request", "_unread", "raw")

    dialect = Dialect.ANTHROPIC_MESSAGES

    def __init__(self, raw: bytes, request: shape.Request, unread: tuple[str, ...]) -> None:
        """Keep what ``parse`` has checked."""
        self.raw = raw
        self._request = request
        self._unread = unread
        self._conversation: Conversation | None = None

    @property
    def model(self) -> str:
        """What the caller asked for."""
        return self._request.model

    @property
    def stream(self) -> bool:
        """Whether the caller wants the answer as it comes."""
        return bool(self._request.stream)

    @property
    def conversation(self) -> Conversation:
        """The request in our words; read at first use, then kept. It raises nothing."""
        if self._conversation is None:
            self._conversation = read(self._request, self._unread, self.raw)
        return self._conversation

    @property
    def max_tokens(self) -> int | None:
        """The caller's limit."""
        return self._request.max_tokens

    @property
    def thinking_budget(self) -> int | None:
        """The tokens to think with, where the caller set a number."""
        return self._request.thinking.budget_tokens if self._request.thinking else None

    @property
    def thinks(self) -> bool:
        """Whether the caller switched thinking on."""
        thinking = self._request.thinking
        return thinking is not None and thinking.type != "disabled"

    @property
    def last_role(self) -> str:
        """Who speaks the last message."""
        return self._request.messages[-1].role

    @property
    def offers(self) -> bool:
        """Whether there are any tools."""
        return bool(self._request.tools)

    def require_limit(self) -> None:
        """Refuse a body without ``max_tokens``: messages must have it, counting tokens need not.

        Raises:
            MalformedBody: it is missing.
        """
        if self._request.max_tokens is None:
            raise MalformedBody("max_tokens: required")


def parse(raw: bytes) -> MessagesBody:
    """Read a request, for messages or for counting tokens: see ``require_limit``.

    Raises:
        MalformedBody: it is not what this dialect allows; the message says where.
        ThreadUnsupported: what was said before is with one provider. Others could not go on from
            it, so a caller is told at the beginning of a thread; its SDK goes on without.
    """
    found = strict.decode(raw)
    if found.get("thread") is not None:
        raise ThreadUnsupported
    request, unread = shape.fit(found)
    return MessagesBody(raw, request, unread)


def rewrite(body: MessagesBody, edits: Sequence[Edit]) -> bytes:
    """Return the request with the edits made; values that no edit names keep their bytes.

    What the API would refuse is changed too: a thinking budget that a cap leaves no room for is
    lowered, a prefilled answer switches thinking off, as a forced tool does, and thinking that
    another dialect's provider signed is left out.
    """
    changes: dict[str, object] = {}
    for edit in edits:
        if isinstance(edit, UseModel) and edit.model != body.model:
            changes["model"] = edit.model
        elif isinstance(edit, CapOutput):
            changes |= _capped(body, edit.tokens)
    own = _own_messages(body, edits)
    changes |= _chosen(body, edits)
    if _must_not_think(body, edits, stripped=own is not None):
        changes["thinking"] = {"type": "disabled"}
    if any(isinstance(edit, Append | Prefill) for edit in edits):
        own = _longer(body, own, edits)
    if not (changes or own):
        return body.raw
    members = strict.members(body.raw)
    if own:
        changes["messages"] = msgspec.Raw(own)
    members |= {name: msgspec.Raw(_encode(value)) for name, value in changes.items()}
    return _encode(members)


def _chosen(body: MessagesBody, edits: Sequence[Edit]) -> dict[str, object]:
    choice = chosen(body.conversation.tool_choice, edits) if body.offers else None
    if choice is None:
        return {}
    found: dict[str, object] = {"tool_choice": write_choice(choice)}
    if choice.choice in FORCED and body.thinks:
        found["thinking"] = {"type": "disabled"}
    return found


def _own_messages(body: MessagesBody, edits: Sequence[Edit]) -> bytes | None:
    """Return the messages mended, without what others signed; None where they may stay."""
    mending = mends(edits)
    if not mending and SEALED not in body.raw:
        return None
    came = bytes(strict.members(body.raw)["messages"])
    own = (without_foreign(came) if SEALED in body.raw else None) or came
    own = mend_messages(own, FORM) if mending else own
    return None if own == came else own


def _must_not_think(body: MessagesBody, edits: Sequence[Edit], *, stripped: bool) -> bool:
    budget = body.thinking_budget is not None  # an adaptive model may begin without
    if stripped and budget and begins_unsigned(body.conversation.turns, body.dialect):
        return True
    return body.thinks and any(isinstance(edit, Prefill) for edit in edits)


def _longer(body: MessagesBody, own: bytes | None, edits: Sequence[Edit]) -> bytes:
    last = body.last_role if own is None else last_role(own)
    array = bytes(strict.members(body.raw)["messages"]) if own is None else own
    return with_tail(array, last, added(edits))


def _capped(body: MessagesBody, tokens: int) -> dict[str, object]:
    limit, budget = body.max_tokens, body.thinking_budget
    if limit is not None and limit <= tokens:
        return {}
    if budget is None or budget < tokens:
        return {"max_tokens": tokens}
    if tokens <= MIN_BUDGET:
        return {"max_tokens": tokens, "thinking": {"type": "disabled"}}
    room = {"type": "enabled", "budget_tokens": max(MIN_BUDGET, tokens // 2)}
    return {"max_tokens": tokens, "thinking": room}
