"""Messages read as turns, and the parts of a message as parts of ours."""

from switchgear.domain.turn import Document, Image, Part, Role, Text, Thinking, ToolResult, ToolUse
from switchgear.domain.turn import Turn as DomainTurn
from switchgear.wire import freeform
from switchgear.wire.openai_chat.request import ContentPart, File, ImageUrl, Message, ToolCall
from switchgear.wire.openai_chat.thought import read_details

ROLES = {
    "system": Role.SYSTEM,
    "developer": Role.SYSTEM,
    "user": Role.USER,
    "assistant": Role.ASSISTANT,
}


def read_turns(messages: list[Message], unread: list[str]) -> tuple[DomainTurn, ...]:
    """Return the turns, and add the names of what could not be read to ``unread``.

    Tool results that follow one another, and the user message after them, are one turn.
    """
    turns: list[DomainTurn] = []
    results: list[Part] = []
    for message in messages:
        role = message.role
        if role == "function":
            unread.append("messages.function")
        elif role == "tool":
            results.append(_result(message, unread))
        elif results and role == "user":
            turns.append(DomainTurn(Role.USER, (*results, *_parts(message, unread))))
            results = []
        else:
            if results:
                turns.append(DomainTurn(Role.USER, tuple(results)))
                results = []
            turns.append(DomainTurn(ROLES[role], _parts(message, unread)))
    if results:
        turns.append(DomainTurn(Role.USER, tuple(results)))
    return tuple(turns)


def _result(message: Message, unread: list[str]) -> ToolResult:
    kept = [part for part in _parts(message, unread) if isinstance(part, IN_RESULT)]
    return ToolResult(id=message.tool_call_id or "", parts=tuple(kept))


IN_RESULT = (Text, Image, Document)


def _parts(message: Message, unread: list[str]) -> tuple[Part, ...]:
    parts = _content(message, unread)
    if message.reasoning_details:
        parts[:0] = read_details(message.reasoning_details)
    if message.reasoning_content and not any(isinstance(part, Thinking) for part in parts):
        parts.insert(0, Thinking(message.reasoning_content))
    if message.refusal:
        parts.append(Text(message.refusal))
    if message.tool_calls:
        _add_calls(parts, message.tool_calls, unread)
    if message.name is not None:
        unread.append("messages.name")
    if message.function_call is not None:
        unread.append("messages.function_call")
    if message.audio is not None:
        unread.append("messages.audio")
    return tuple(parts)


def _content(message: Message, unread: list[str]) -> list[Part]:
    content = message.content
    if isinstance(content, str):
        return [Text(content)] if content or message.role != "assistant" else []
    return [found for part in content or () if (found := _part(part, unread))]


def _add_calls(parts: list[Part], calls: list[ToolCall], unread: list[str]) -> None:
    for call in calls:
        function, custom = call.function, call.custom
        if function:
            parts.append(ToolUse(id=call.id, name=function.name, arguments=function.arguments))
        elif custom:
            arguments = freeform.wrap(custom.input)
            parts.append(ToolUse(id=call.id, name=custom.name, arguments=arguments))
        else:
            unread.append(f"messages.tool_calls.{call.type}")


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
