"""Calls of tools without their results, and results without their calls, made good.

Every provider refuses both. They come about where one agent goes on with what another has left, or
where a client cuts off the beginning of what it sends.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from switchgear.domain.edit import Edit, Mend
from switchgear.domain.turn import Part, Role, Text, ToolResult, ToolUse, Turn
from switchgear.wire.strict import members

NOT_RUN = "(not run: the task was handed over before)"
"""Stands for a result that nobody has sent."""
LOST_CALL = "A tool gave this back, to a call that is not here any more:"

Block = dict[str, Any]

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode


def mends(edits: Sequence[Edit]) -> bool:
    """Whether the edits ask for it."""
    return any(isinstance(edit, Mend) for edit in edits)


def mended(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """Return the turns with each call answered, and each answer called for; themselves if so."""
    found: list[Turn] = []
    left: list[str] = []
    """Calls of the turn before that nobody has answered."""
    place = 0
    """Where what they were answered with begins."""
    for turn in turns:
        if turn.role is Role.ASSISTANT:
            _answer(found, left, place)
            left = [part.id for part in turn.parts if isinstance(part, ToolUse)]
            place = len(found) + 1
        parts = turn.parts
        if turn.role is Role.USER and any(isinstance(part, ToolResult) for part in parts):
            parts = tuple([each for part in parts for each in _claimed(part, left)])
        found.append(turn if parts == turn.parts else Turn(turn.role, parts))
    _answer(found, left, place)
    return turns if len(found) == len(turns) and all(map(_is, found, turns)) else tuple(found)


def said(content: object) -> str:
    """Return what a result holds as words: a text as it is, anything else as JSON."""
    return content if isinstance(content, str) else _encode(content).decode()


def _is(one: Turn, other: Turn) -> bool:
    return one is other


def _claimed(part: Part, left: list[str]) -> Sequence[Part]:
    """Return a result that a call waits for, or the words that it is otherwise."""
    if not isinstance(part, ToolResult):
        return (part,)
    if part.id in left:
        left.remove(part.id)
        return (part,)
    return (Text(LOST_CALL), *part.parts)


def _answer(turns: list[Turn], left: list[str], place: int) -> None:
    """Answer calls that are left open, at the head of what the user said next."""
    if not left:
        return
    given = [ToolResult(id=name, parts=(Text(NOT_RUN),)) for name in left]
    for at in range(place, len(turns)):
        if turns[at].role is Role.USER:
            parts = turns[at].parts
            results = [part for part in parts if isinstance(part, ToolResult)]
            rest = [part for part in parts if not isinstance(part, ToolResult)]
            turns[at] = Turn(Role.USER, (*results, *given, *rest))
            return
    turns.insert(place, Turn(Role.USER, tuple(given)))


class Form(msgspec.Struct, frozen=True):
    """How a dialect whose messages have blocks says what a tool was asked, and gave back."""

    speaker: str
    """The model's role."""
    inside: str
    """The field of a message that has its blocks."""
    called: Callable[[Block], str | None]
    """The id of a call; None of what is none."""
    answered: Callable[[Block], str | None]
    """Of a result, the id of its call."""
    result: Callable[[str, str], Block]
    """Writes a result: of this call, these words."""
    words: Callable[[Block], str]
    """What a result says."""
    text: Callable[[str], Block]
    same: Callable[[str, str], bool] = str.__eq__
    """Whether a result of the second id answers the call of the first."""


def mend_messages(array: bytes, form: Form) -> bytes:
    """Return a caller's messages mended, and all that needs it not byte for byte."""
    raws = [bytes(raw) for raw in _elements(array)]
    found: list[bytes] = []
    left: list[str] = []
    place = 0
    for raw in raws:
        fields = members(raw)
        role = _decode(fields.get("role", b'"user"'))
        if role == form.speaker:
            _answer_in(found, left, place, form)
            left = [it for block in _blocks(fields, form) if (it := form.called(_decode(block)))]
            place = len(found) + 1
        elif role != "system":
            raw = _claim_in(raw, fields, left, form)  # noqa: PLW2901  (the same message, made good)
        found.append(raw)
    _answer_in(found, left, place, form)
    return array if found == raws else b"[" + b",".join(found) + b"]"


def _blocks(fields: dict[str, msgspec.Raw], form: Form) -> list[bytes]:
    content = bytes(fields.get(form.inside, msgspec.Raw(b"[]")))
    if content[:1] == b'"':
        return [_encode(form.text(_decode(content)))]
    return [bytes(each) for each in _elements(content)] if content[:1] == b"[" else []


def _claim_in(raw: bytes, fields: dict[str, msgspec.Raw], left: list[str], form: Form) -> bytes:
    blocks = _blocks(fields, form)
    kept = [_claimed_block(block, left, form) for block in blocks]
    if kept == blocks:
        return raw
    results = [each for each in kept if form.answered(_decode(each)) is not None]
    rest = [each for each in kept if form.answered(_decode(each)) is None]
    return _with_blocks(fields, [*results, *rest], form)


def _claimed_block(raw: bytes, left: list[str], form: Form) -> bytes:
    block = _decode(raw)
    name = form.answered(block)
    if name is None:
        return raw
    call = name if name in left else next((it for it in left if form.same(it, name)), None)
    if call is not None:
        left.remove(call)
        return raw
    return _encode(form.text(f"{LOST_CALL}\n{form.words(block)}"))


def _answer_in(found: list[bytes], left: list[str], place: int, form: Form) -> None:
    if not left:
        return
    given = [_encode(form.result(name, NOT_RUN)) for name in left]
    fields = members(found[place]) if place < len(found) else {}
    if not fields:
        role = msgspec.Raw(b'"user"')
        found.insert(place, _with_blocks({"role": role}, given, form))
        return
    blocks = _blocks(fields, form)
    ahead = 0
    while ahead < len(blocks) and form.answered(_decode(blocks[ahead])) is not None:
        ahead += 1
    found[place] = _with_blocks(fields, [*blocks[:ahead], *given, *blocks[ahead:]], form)


def _with_blocks(fields: dict[str, msgspec.Raw], blocks: list[bytes], form: Form) -> bytes:
    return _encode({**fields, form.inside: msgspec.Raw(b"[" + b",".join(blocks) + b"]")})
