"""What a simulated provider reads from a request, in either dialect."""

from typing import Any

import msgspec


class BadQuestion(Exception):
    """The request is not one that a simulated provider understands."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One request, as far as a simulated model listens."""

    model: str
    stream: bool = False
    ask_usage: bool = False
    """It wants a stream to tell its usage (OpenAI's ``include_usage``)."""
    system: str = ""
    last: str = ""
    """The last words of the user."""
    results: tuple[str, ...] = ()
    """What tools gave back since then, in order."""
    tools: frozenset[str] = frozenset()
    """Names of the tools offered."""
    chars: int = 0
    """Of all text, tool arguments and results."""


def read_openai(raw: bytes) -> Question:
    """Read a chat completions request.

    Raises:
        BadQuestion: it is not one.
    """
    body = _body(raw)
    heard = _Heard()
    for message in _dicts(body.get("messages")):
        role, text = message.get("role"), _text(message.get("content"))
        heard.chars += len(text) + sum(
            len(_text(call.get("function", {}).get("arguments")))
            for call in _dicts(message.get("tool_calls"))
        )
        if role == "tool":
            heard.results.append(text)
        elif role == "user":
            heard.say(text)
        elif role in {"system", "developer"}:
            heard.system += text
    offered = [tool.get("function", {}).get("name", "") for tool in _dicts(body.get("tools"))]
    options = body.get("stream_options")
    wants = isinstance(options, dict) and options.get("include_usage") is True
    return heard.question(body, offered, ask_usage=wants)


def read_anthropic(raw: bytes) -> Question:
    """Read a messages request.

    Raises:
        BadQuestion: it is not one.
    """
    body = _body(raw)
    heard = _Heard()
    heard.system = _text(body.get("system"))
    heard.chars = len(heard.system)
    for message in _dicts(body.get("messages")):
        content = message.get("content")
        said = _text(content)
        heard.chars += len(said)
        if message.get("role") == "user" and said:
            heard.say(said)
        for block in _dicts(content):
            if block.get("type") == "tool_result":
                heard.results.append(_text(block.get("content")))
                heard.chars += len(heard.results[-1])
            elif block.get("type") == "tool_use":
                heard.chars += len(msgspec.json.encode(block.get("input")))
    offered = [tool.get("name", "") for tool in _dicts(body.get("tools"))]
    return heard.question(body, offered, ask_usage=True)


class _Heard:
    """What has been heard so far of one request."""

    def __init__(self) -> None:
        self.system = ""
        self.last = ""
        self.results: list[str] = []
        self.chars = 0

    def say(self, text: str) -> None:
        """Take the user's next words; results before them are no longer new."""
        self.last = text
        self.results = []

    def question(self, body: dict[str, Any], offered: list[str], *, ask_usage: bool) -> Question:
        """Return what was heard."""
        return Question(
            model=str(body.get("model", "")),
            stream=body.get("stream") is True,
            ask_usage=ask_usage,
            system=self.system,
            last=self.last,
            results=tuple(self.results),
            tools=frozenset(offered),
            chars=self.chars,
        )


def _body(raw: bytes) -> dict[str, Any]:
    try:
        body = msgspec.json.decode(raw)
    except msgspec.DecodeError as error:
        raise BadQuestion(f"not JSON: {error}") from error
    if not isinstance(body, dict) or not isinstance(body.get("messages"), list):
        raise BadQuestion("an object with messages is wanted")
    return body


def _dicts(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(content: object) -> str:
    """Return the words of a content: a string, or blocks of which only the text counts."""
    if isinstance(content, str):
        return content
    parts = [block.get("text") for block in _dicts(content) if block.get("type") == "text"]
    return "".join(part for part in parts if isinstance(part, str))
