"""A caller's request of the API: read once, and changed only where an edit asks for it."""

from collections.abc import Sequence

import msgspec

from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import Append, CapOutput, Edit, Prefill, UseModel
from switchgear.domain.turn import Conversation, Role
from switchgear.wire.choice import chosen
from switchgear.wire.gemini import shape
from switchgear.wire.gemini.dialogue import Dialogue
from switchgear.wire.gemini.draft import calling
from switchgear.wire.gemini.mend import FORM
from switchgear.wire.gemini.reading import read
from switchgear.wire.gemini.signature import SEALED, read_signature
from switchgear.wire.mend import mend_messages, mends
from switchgear.wire.service import asked_tier
from switchgear.wire.strict import members
from switchgear.wire.tail import added, last_element, with_elements, with_words, words

MARK = b'"' + SEALED.encode()
"""In a body that may hold sealed thinking, unless it is written with needless escapes."""
NAMED = "models/"
TIER = "serviceTier"

_encode = msgspec.json.Encoder().encode
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode


class _Part(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    thought_signature: str | None = None
    function_call: msgspec.Raw = msgspec.Raw(b"")
    text: str | None = None


_part = msgspec.json.Decoder(_Part).decode


class GeminiBody:
    """A request body; everything that is read of it has been checked.

    The model, and whether the answer is to be streamed, stand in the address: the first may be
    here by the way, the second is not.
    """

    __slots__ = ("_conversation", "_request", "_unread", "raw")

    dialect = Dialect.GEMINI
    stream = False

    def __init__(self, raw: bytes, request: shape.Request, unread: tuple[str, ...]) -> None:
        """Keep what ``parse`` has checked."""
        self.raw = raw
        self._request = request
        self._unread = unread
        self._conversation: Conversation | None = None

    @property
    def model(self) -> str:
        """What the caller asked for, where the body says it."""
        return self._request.model.removeprefix(NAMED)

    @property
    def limit(self) -> int | None:
        """The caller's limit of the answer."""
        config = self._request.generation_config
        return config.max_output_tokens if config else None

    @property
    def last_role(self) -> str:
        """Who speaks the last content."""
        return self._request.contents[-1].role or "user"

    @property
    def conversation(self) -> Conversation:
        """The request in our words; read at first use, then kept."""
        if self._conversation is None:
            talk = read(self._request, self._unread)
            if TIER in self._unread:
                talk = msgspec.structs.replace(talk, service=asked_tier(self.raw, TIER))
            self._conversation = talk
        return self._conversation

    @property
    def offers(self) -> bool:
        """Whether there are any functions."""
        return any(each.function_declarations for each in self._request.tools or ())

    def require_limit(self) -> None:
        """Do nothing: this dialect demands no limit."""


def parse(raw: bytes) -> GeminiBody:
    """Read a request.

    Raises:
        MalformedBody: it is not what this dialect allows; the message says where.
    """
    request, unread = shape.read_request(raw)
    return GeminiBody(raw, request, unread)


def rewrite(body: GeminiBody, edits: Sequence[Edit]) -> bytes:
    """Return the request with the edits made; values that no edit names keep their bytes.

    Signatures of another dialect's providers are left out: this one's cannot check them.
    """
    top = members(body.raw)
    changes = _changes(body, top, edits)
    contents = bytes(top["contents"])
    own = _without_sealed(contents) if MARK in contents else contents
    if mends(edits):
        own = mend_messages(own, FORM)
    if any(isinstance(edit, Append | Prefill) for edit in edits):
        own = _with_tail(own, edits)
    if own != contents:
        changes["contents"] = own
    if not changes:
        return body.raw
    return _encode({**top, **{name: msgspec.Raw(raw) for name, raw in changes.items()}})


def _changes(
    body: GeminiBody, top: dict[str, msgspec.Raw], edits: Sequence[Edit]
) -> dict[str, bytes]:
    """Return what the edits change beside the contents."""
    changes: dict[str, bytes] = {}
    for edit in edits:
        if isinstance(edit, UseModel) and body.model not in {"", edit.model}:
            changes["model"] = _encode(NAMED + edit.model)
        elif isinstance(edit, CapOutput) and (body.limit is None or body.limit > edit.tokens):
            config = members(bytes(top.get("generationConfig", msgspec.Raw(b"{}"))))
            config["maxOutputTokens"] = msgspec.Raw(_encode(edit.tokens))
            changes["generationConfig"] = _encode(config)
    choice = chosen(body.conversation.tool_choice, edits) if body.offers else None
    if choice:
        given = bytes(top.get("toolConfig", msgspec.Raw(b"")))
        config = members(given) if given[:1] == b"{" else {}
        config["functionCallingConfig"] = msgspec.Raw(_encode(calling(choice)))
        changes["toolConfig"] = _encode(config)
    return changes


def _with_tail(contents: bytes, edits: Sequence[Edit]) -> bytes:
    """Return the caller's contents with what the edits append.

    Words of the model go into the caller's last content if that is its words already.
    """
    turns = added(edits)
    more = words(turns[0]) if turns and turns[0].role is Role.ASSISTANT else None
    elements = _elements(contents)
    last = members(bytes(elements[-1])) if elements else {}
    if more is not None and bytes(last.get("role", msgspec.Raw(b""))) == b'"model"':
        head, _ = last_element(contents)
        last["parts"] = msgspec.Raw(_with_words(bytes(last.get("parts", b"[]")), more))
        contents, turns = head + _encode(last) + b"]", turns[1:]
    dialogue = Dialogue({}, newest=False)
    dialogue.contents.append({"role": "", "parts": [{}]})
    if turns:
        dialogue.tell(turns)
    return with_elements(contents, dialogue.contents[1:])


def _with_words(parts: bytes, more: str) -> bytes:
    elements = _elements(parts)
    plain = members(bytes(elements[-1])) if elements else {}
    if plain.keys() != {"text"}:
        return with_elements(parts, [{"text": more}])
    head, _ = last_element(parts)
    plain["text"] = msgspec.Raw(with_words(bytes(plain["text"]), more))
    return head + _encode(plain) + b"]"


def _without_sealed(contents: bytes) -> bytes:
    """Return the contents without what another dialect's provider signed or hid."""
    kept = [_own(bytes(raw)) for raw in _elements(contents)]
    return b"[" + b",".join(raw for raw in kept if raw) + b"]"


def _own(content: bytes) -> bytes:
    if MARK not in content:
        return content
    fields = members(content)
    parts = [_own_part(bytes(raw)) for raw in _elements(bytes(fields.get("parts", b"[]")))]
    fields["parts"] = msgspec.Raw(b"[" + b",".join(raw for raw in parts if raw) + b"]")
    return _encode(fields) if any(parts) else b""


def _own_part(part: bytes) -> bytes:
    """Return a part without its signature if that is another's; nothing if it is no more then."""
    read = _part(part)
    signed = read_signature(read.thought_signature or "")
    if signed.origin in {None, Dialect.GEMINI}:
        return part
    if not (read.text or bytes(read.function_call)):
        return b""
    fields = members(part)
    del fields["thoughtSignature"]
    return _encode(fields)
