"""The input of a request as turns."""

from switchgear.domain.turn import (
    Document,
    Image,
    Part,
    Role,
    Text,
    ToolResult,
    ToolUse,
    Turn,
)
from switchgear.wire import freeform
from switchgear.wire.openai_responses import shape
from switchgear.wire.openai_responses.proof import thinking

ROLES = {
    "system": Role.SYSTEM,
    "developer": Role.SYSTEM,
    "user": Role.USER,
    "assistant": Role.ASSISTANT,
}
PARAGRAPH = "\n\n"
"""Stands between the parts of a summary."""
PDF = "application/pdf"


def read_turns(request: shape.Request, unread: list[str]) -> tuple[Turn, ...]:
    """Return the turns, and add the names of what could not be read to ``unread``.

    All that the model said up to the next word of somebody else is one turn; so are the outputs of
    tools and the user's message after them.

    Raises:
        MalformedBody: an item is not what its type says; the message begins with its path.
    """
    turns = Turns()
    if request.instructions is not None:
        turns.add(Role.SYSTEM, [Text(request.instructions)], goes_on=False)
    if isinstance(request.input, str):
        turns.add(Role.USER, [Text(request.input)], goes_on=False)
    elif request.input:
        for index, found in enumerate(request.input):
            item = shape.read_item(found, f"input[{index}]")
            if isinstance(item, str):
                unread.append(f"input.{item}")
            else:
                _add(turns, item, unread)
    return turns.end()


class Turns:
    """Turns as they come together from items."""

    __slots__ = ("_done", "_goes_on", "_parts", "_role")

    def __init__(self) -> None:
        """Start with none."""
        self._done: list[Turn] = []
        self._role: Role | None = None
        self._parts: list[Part] = []
        self._goes_on = False
        """What the same role says next is part of the turn."""

    def add(self, role: Role, parts: list[Part], *, goes_on: bool) -> None:
        """Take what one item says: to the last turn where it goes on with that."""
        if role is self._role and self._goes_on:
            self._parts += parts
        else:
            self._close()
            self._role, self._parts = role, parts
        self._goes_on = goes_on

    def end(self) -> tuple[Turn, ...]:
        """Return all of them."""
        self._close()
        return tuple(self._done)

    def _close(self) -> None:
        if self._role is not None:
            self._done.append(Turn(self._role, tuple(self._parts)))
        self._role = None


def _add(turns: Turns, item: shape.Item, unread: list[str]) -> None:
    match item:
        case shape.Message():
            if item.phase:
                unread.append("input.message.phase")
            _add_message(turns, item, unread)
        case shape.CallOutput():
            result = ToolResult(id=item.call_id, parts=_parts(item.output, unread))
            turns.add(Role.USER, [result], goes_on=True)
        case shape.Reasoning():
            turns.add(Role.ASSISTANT, _reasoning(item), goes_on=True)
        case _:
            if item.namespace:
                unread.append("input.namespace")
            given = item.arguments if isinstance(item, shape.FunctionCall) else None
            arguments = freeform.wrap(item.input) if isinstance(item, shape.CustomCall) else given
            use = ToolUse(id=item.call_id, name=item.name, arguments=arguments or "")
            turns.add(Role.ASSISTANT, [use], goes_on=True)


def _add_message(turns: Turns, message: shape.Message, unread: list[str]) -> None:
    parts: list[Part] = list(_parts(message.content, unread))
    if message.role == "assistant":
        parts = [part for part in parts if not (isinstance(part, Text) and not part.text)]
    role = ROLES[message.role]
    turns.add(role, parts, goes_on=role is Role.ASSISTANT)


def _reasoning(item: shape.Reasoning) -> list[Part]:
    text = PARAGRAPH.join(said.text for said in item.summary or item.content or ())
    if not (text or item.encrypted_content):
        return []
    return [thinking(text, item.encrypted_content or "", item.id or "")]


def _parts(
    content: str | list[shape.Content], unread: list[str]
) -> tuple[Text | Image | Document, ...]:
    if isinstance(content, str):
        return (Text(content),)
    found = [_part(part, unread) for part in content]
    return tuple([part for part in found if part is not None])


def _part(part: shape.Content, unread: list[str]) -> Text | Image | Document | None:
    cache = part.prompt_cache_breakpoint is not None
    if part.type in shape.FIELD:
        return Text(part.text or part.refusal or "", cache)
    if part.type == "input_image" and part.image_url:
        return _image(part.image_url, part.detail or "", cache=cache)
    if part.type == "input_file" and (part.file_data or part.file_url):
        return _document(part, cache=cache)
    unread.append(f"input.content.{part.type}")
    return None


def _image(url: str, detail: str, *, cache: bool) -> Image:
    detail = "" if detail == "auto" else detail
    media_type, data = _data_url(url)
    if data:
        return Image(media_type=media_type, data=data, detail=detail, cache=cache)
    return Image(url=url, detail=detail, cache=cache)


def _document(part: shape.Content, *, cache: bool) -> Document:
    name, content = part.filename or "", part.file_data or ""
    if not content:
        return Document(url=part.file_url or "", name=name, cache=cache)
    media_type, data = _data_url(content)
    return Document(media_type=media_type or PDF, data=data or content, name=name, cache=cache)


def _data_url(url: str) -> tuple[str, str]:
    """Return media type and base64 data of a ``data:`` URL; two empty strings for any other."""
    head, comma, data = url.partition(",")
    if not (comma and head.startswith("data:") and head.endswith(";base64")):
        return "", ""
    return head[5:-7].partition(";")[0], data
