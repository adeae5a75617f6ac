"""A caller's Converse request: read once, and changed only where an edit asks for it."""

from collections.abc import Sequence

import msgspec

from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import Append, CapOutput, Edit, Prefill
from switchgear.domain.turn import Choice, Conversation, ToolChoice, ToolResult, ToolUse
from switchgear.wire import strict
from switchgear.wire.bedrock_converse import shape
from switchgear.wire.bedrock_converse.draft import write_choice
from switchgear.wire.bedrock_converse.inference import MIN_BUDGET
from switchgear.wire.bedrock_converse.mend import FORM
from switchgear.wire.bedrock_converse.reading import read
from switchgear.wire.bedrock_converse.talk import SEALED, longer, without_foreign
from switchgear.wire.choice import FORCED, chosen
from switchgear.wire.mend import mend_messages, mends
from switchgear.wire.seal import begins_unsigned
from switchgear.wire.service import asked_tier

MORE = "additionalModelRequestFields"
TIER = "serviceTier"
TOOLS, CHOICE = "toolConfig", "toolChoice"
OFF: dict[str, object] = {"type": "disabled"}
ON: dict[str, object] = {"type": "enabled"}

_encode = msgspec.json.Encoder().encode


class ConverseBody:
    """A request body; everything that is read of it has been checked.

    The API has the model, and whether a stream is wanted, in the path: they are not told here.
    """

    __slots__ = ("conversation", "raw", "request")

    dialect = Dialect.BEDROCK_CONVERSE
    model = ""
    stream = False

    def __init__(self, raw: bytes, request: shape.Request, conversation: Conversation) -> None:
        """Keep what ``parse`` has checked."""
        self.raw = raw
        self.request = request
        self.conversation = conversation

    def require_limit(self) -> None:
        """Do nothing: this dialect demands no limit."""


def parse(raw: bytes) -> ConverseBody:
    """Read a request.

    Raises:
        MalformedBody: it is not what this dialect allows; the message says where.
    """
    request, unread = shape.fit(raw)
    talk = read(request, unread)
    if TIER in unread:
        talk = msgspec.structs.replace(talk, service=asked_tier(raw, TIER))
    return ConverseBody(raw, request, talk)


def rewrite(body: ConverseBody, edits: Sequence[Edit]) -> bytes:
    """Return the request with the edits made; values that no edit names keep their bytes.

    What the API would refuse is changed too: a thinking budget that a cap leaves no room for is
    lowered, a prefilled answer switches thinking off, as a forced tool does, and thinking that
    another dialect's provider signed is left out.
    """
    top = strict.members(body.raw)
    changes: dict[str, bytes] = {}
    messages = bytes(top["messages"])
    own = _own_messages(messages, edits)
    if own is not None:
        changes["messages"] = own
    cap = min([edit.tokens for edit in edits if isinstance(edit, CapOutput)], default=None)
    limit = body.conversation.max_output
    if cap is not None and (limit is None or cap < limit):
        changes["inferenceConfig"] = _with(top, "inferenceConfig", "maxTokens", cap)
    thinking = _thinking(body, edits, cap)
    if thinking:
        changes[MORE] = _with(top, MORE, "thinking", thinking)
    choice = chosen(body.conversation.tool_choice, edits) if body.conversation.tools else None
    if choice:
        top = _with_choice(top, body.conversation, choice)
    if not (changes or choice):
        return body.raw
    return _encode(top | {name: msgspec.Raw(value) for name, value in changes.items()})


def _own_messages(messages: bytes, edits: Sequence[Edit]) -> bytes | None:
    """Return the messages as they may be sent, and are to be; None where they stay as they are."""
    own = without_foreign(messages) if any(each in messages for each in SEALED) else None
    if mends(edits):
        whole = mend_messages(own or messages, FORM)
        own = own if whole == (own or messages) else whole
    if any(isinstance(edit, Append | Prefill) for edit in edits):
        own = longer(own or messages, edits)
    return own


def _with(top: dict[str, msgspec.Raw], field: str, name: str, value: object) -> bytes:
    """Return a member of the body with one of its own changed."""
    inner = strict.members(bytes(top[field])) if field in top else {}
    return _encode({**inner, name: value})


def _with_choice(
    top: dict[str, msgspec.Raw], talk: Conversation, choice: ToolChoice
) -> dict[str, msgspec.Raw]:
    """Return the body's members with this said of its tools.

    There is no "none": without tools it comes to the same, but they must be there where one was
    called, and then nothing more can be done than not to force one.
    """
    called = any(isinstance(part, ToolUse | ToolResult) for it in talk.turns for part in it.parts)
    if choice.choice is Choice.NONE and not called:
        return {name: value for name, value in top.items() if name != TOOLS}
    config = strict.members(bytes(top[TOOLS]))
    config.pop(CHOICE, None)
    config |= {name: msgspec.Raw(_encode(said)) for name, said in write_choice(choice).items()}
    return top | {TOOLS: msgspec.Raw(_encode(config))}


def _thinking(
    body: ConverseBody, edits: Sequence[Edit], cap: int | None
) -> dict[str, object] | None:
    """Return what must be said of thinking now; None where nothing changes."""
    more = body.request.additional_model_request_fields
    thinking = more.thinking if more else None
    if thinking is None or thinking.type == "disabled":
        return None
    budget, turns = thinking.budget_tokens, body.conversation.turns
    choice = chosen(None, edits) if body.conversation.tools else None
    if any(isinstance(edit, Prefill) for edit in edits) or (choice and choice.choice in FORCED):
        return OFF
    if budget is not None and begins_unsigned(turns, body.dialect):
        return OFF
    if cap is None or budget is None or budget < cap:
        return None
    return OFF if cap <= MIN_BUDGET else {**ON, "budget_tokens": max(MIN_BUDGET, cap // 2)}
