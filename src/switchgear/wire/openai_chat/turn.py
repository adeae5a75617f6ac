"""Messages read as turns, and the parts of a message as parts of ours."""

from switchgear.domain.turn import Document, Image, Part, Role, Text, Thinking, ToolResult, ToolUse
from switchgear.domain.turn import Turn as DomainTurn
from switchgear.wire.openai_chat.request import ContentPart, File, ImageUrl, Message

ROLES = {
    "system": Role.SYSTEM,
    "developer": Role.SYSTEM,
    "user": Role.USER,
    "assistant": Role.ASSISTANT,
    "tool": Role.USER,
}


class Reading:
    """What reading the messages of a request has found so far."""

    __slots__ = ("after_tools", "turns", "unread")

    def __init__(self) -> None:
        """Start with nothing read."""
        self.turns: list[tuple[Role, list[Part]]] = []
        self.unread: list[str] = []
        """What had no place in a turn, by name."""
        self.after_tools = False
        """The last turn holds nothing but tool results, so that a user message may join it."""


def read_turns(messages: list[Message]) -> tuple[tuple[DomainTurn, ...], list[str]]:
    """Return the turns, and the names of what could not be read."""
    reading = Reading()
    for message in messages:
        if message.role == "function":
            reading.unread.append("messages.function")
        else:
            _take(reading, message)
    turns = tuple(DomainTurn(role, tuple(parts)) for role, parts in reading.turns)
    return turns, reading.unread


def _take(reading: Reading, message: Message) -> None:
    parts = _parts(message, reading.unread)
    joins = reading.after_tools and message.role in {"tool", "user"}
    if message.role == "tool":
        kept = tuple(part for part in parts if isinstance(part, Text | Image | Document))
        parts = [ToolResult(id=message.tool_call_id or "", parts=kept)]
    if joins:
        reading.turns[-1][1].extend(parts)
    else:
        reading.turns.append((ROLES[message.role], parts))
    reading.after_tools = message.role == "tool"


def _parts(message: Message, unread: list[str]) -> list[Part]:
    parts: list[Part] = []
    if message.reasoning_content:
        parts.append(Thinking(message.reasoning_content))
    parts += _content(message, unread)
    if message.refusal:
        parts.append(Text(message.refusal))
    for call in message.tool_calls or ():
        if call.function:
            function = call.function
            parts.append(ToolUse(id=call.id, name=function.name, arguments=function.arguments))
        else:
            unread.append(f"messages.tool_calls.{call.type}")
    unread += [f"messages.{name}" for name in UNREAD if getattr(message, name) is not None]
    return parts


UNREAD = ("name", "function_call", "audio")
"""Fields of a message that have no place in a turn."""


def _content(message: Message, unread: list[str]) -> list[Part]:
    content = message.content
    if content is None or (content == "" and message.role == "assistant"):
        return []
    if isinstance(content, str):
        return [Text(content)]
    return [found for part in content if (found := _part(part, unread))]


def _part(part: ContentPart, unread: list[str]) -> Text | Image | Document | None:
    cache = part.cache_control is not None
    if part.type == "text" and part.text is not None:
        return Text(part.text, cache)
    if part.type == "refusal" and part.refusal is not None:
        return Text(part.refusal, cache)
    if part.type == "image_url" and part.image_url:
        return _image(part.image_url, cache=cache)
    if part.type == "file" and part.file and part.file.file_data:
        return _document(part.file, part.file.file_data, cache=cache)
    unread.append(f"messages.content.{part.type}")
    return None


def _image(image: ImageUrl, *, cache: bool) -> Image:
    detail = image.detail or ""
    media_type, data = _data_url(image.url)
    if data:
        return Image(media_type=media_type, data=data, detail=detail, cache=cache)
    return Image(url=image.url, detail=detail, cache=cache)


def _document(file: File, content: str, *, cache: bool) -> Document:
    media_type, data = _data_url(content)
    return Document(
        media_type=media_type or "application/pdf",
        data=data or content,
        name=file.filename or "",
        cache=cache,
    )


def _data_url(url: str) -> tuple[str, str]:
    """Return media type and base64 data of a ``data:`` URL; two empty strings for any other."""
    head, comma, data = url.partition(",")
    if not (comma and head.startswith("data:") and head.endswith(";base64")):
        return "", ""
    return head[5:-7].partition(";")[0], data
