"""What a caller saw of one answer, read strictly: what a client would stumble over is a flaw."""

from typing import Any

import msgspec

from switchgear.domain.dialect import Dialect

OK = 200
MOST_FLAWS = 5


class Seen(msgspec.Struct, kw_only=True):
    """One answer."""

    status: int = 0
    """0 when none came."""
    headers: dict[str, str] = {}
    text: str = ""
    ended: bool = False
    """It says of itself that it is whole: a terminal event, or a whole body."""
    stop: str = ""
    """Why it ended, in the dialect's word."""
    tool: str = ""
    """The tool that it calls."""
    arguments: str = ""
    usage: dict[str, Any] = {}
    errors: list[dict[str, Any]] = []
    """The error objects that came: as the body, or as events."""
    flaws: list[str] = []
    """What no answer may have."""
    seconds: float = 0.0
    first_s: float = 0.0
    """Until the head."""
    raw: bytes = b""
    """The beginning of the body."""

    @property
    def code(self) -> str:
        """The code of the first error; empty when there is none."""
        return str(self.errors[0].get("code", "")) if self.errors else ""

    def flaw(self, what: str) -> None:
        """Note what no answer may have."""
        if len(self.flaws) < MOST_FLAWS:
            self.flaws.append(what)


def read_whole(seen: Seen, dialect: Dialect, raw: bytes) -> None:
    """Take note of a whole body."""
    told = _decode(seen, raw, "the body")
    if told is None:
        return
    if "error" in told or seen.status != OK:
        _error(seen, told, dialect)
        return
    if dialect is Dialect.OPENAI_CHAT:
        choice = (told.get("choices") or [{}])[0]
        message = choice.get("message") or {}
        seen.text += message.get("content") or ""
        seen.stop = choice.get("finish_reason") or ""
        for call in message.get("tool_calls") or ():
            seen.tool, seen.arguments = call["function"]["name"], call["function"]["arguments"]
    else:
        for block in told.get("content") or ():
            seen.text += block.get("text", "")
            if block.get("type") == "tool_use":
                seen.tool = block["name"]
                seen.arguments = msgspec.json.encode(block["input"]).decode()
        seen.stop = told.get("stop_reason") or ""
    seen.usage = told.get("usage") or {}
    seen.ended = bool(seen.stop)


class Frames:
    """Reads a stream, event by event."""

    def __init__(self, seen: Seen, dialect: Dialect) -> None:
        """Note into ``seen``."""
        self._seen = seen
        self._dialect = dialect
        self._chat = dialect is Dialect.OPENAI_CHAT
        self._held = b""
        self._text: list[str] = []
        self._blocks: set[int] = set()
        self.over = False
        """Nothing may come any more."""

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        self._held += data
        if b"\r" in self._held:
            self._held = self._held.replace(b"\r\n", b"\n")
            whole = self._held[:-1].replace(b"\r", b"\n")
            self._held = whole + self._held[-1:]
        *frames, self._held = self._held.split(b"\n\n")
        for frame in frames:
            self._take(frame)

    def end(self) -> None:
        """Take the end."""
        if self._held.endswith(b"\r"):  # it waited for the byte after it
            self._held = self._held[:-1]
            self.feed(b"\n")
        if self._held.strip():
            self._seen.flaw("the stream ends in the middle of an event")
        self._seen.text = "".join(self._text)

    def _take(self, frame: bytes) -> None:
        lines = [line for line in frame.split(b"\n") if line.startswith(b"data:")]
        if not lines:
            return
        data = b"\n".join(line[5:].removeprefix(b" ") for line in lines)
        if self.over:
            self._seen.flaw(f"after the end came {data[:60]!r}")
            return
        if data == b"[DONE]":
            self._end()
            return
        told = _decode(self._seen, data, "an event")
        if told is None:
            return
        if "error" in told:
            _error(self._seen, told, self._dialect)
            self.over = True
        elif self._chat:
            self._chunk(told)
        else:
            self._event(told)

    def _end(self) -> None:
        self._seen.ended = self.over = True
        if not self._seen.stop:
            self._seen.flaw("it ended without a reason to stop")

    def _chunk(self, told: dict[str, Any]) -> None:
        for choice in told.get("choices") or ():
            delta = choice.get("delta") or {}
            self._text.append(delta.get("content") or "")
            for call in delta.get("tool_calls") or ():
                function = call.get("function") or {}
                self._seen.tool += function.get("name") or ""
                self._seen.arguments += function.get("arguments") or ""
            self._seen.stop = choice.get("finish_reason") or self._seen.stop
        self._seen.usage = told.get("usage") or self._seen.usage

    def _event(self, told: dict[str, Any]) -> None:
        act = {
            "message_start": self._start,
            "content_block_start": self._open,
            "content_block_delta": self._delta,
            "content_block_stop": self._close,
            "message_delta": self._stopping,
            "message_stop": self._stopped,
        }.get(str(told.get("type")))
        if act is not None:
            act(told)

    def _start(self, told: dict[str, Any]) -> None:
        if self._seen.usage:
            self._seen.flaw("a second message_start")
        self._seen.usage = dict(told["message"].get("usage") or {"": 0})

    def _close(self, told: dict[str, Any]) -> None:
        self._blocks.discard(told["index"])

    def _stopping(self, told: dict[str, Any]) -> None:
        self._seen.stop = told["delta"].get("stop_reason") or self._seen.stop
        self._seen.usage |= told.get("usage") or {}

    def _stopped(self, told: dict[str, Any]) -> None:
        del told
        if self._blocks:
            self._seen.flaw("a block was never stopped")
        self._end()

    def _open(self, told: dict[str, Any]) -> None:
        if told["index"] in self._blocks:
            self._seen.flaw(f"block {told['index']} was started twice")
        self._blocks.add(told["index"])
        self._seen.tool += told["content_block"].get("name") or ""
        self._text.append(told["content_block"].get("text") or "")

    def _delta(self, told: dict[str, Any]) -> None:
        if told["index"] not in self._blocks:
            self._seen.flaw(f"a delta for block {told['index']}, which is not open")
        self._text.append(told["delta"].get("text") or "")
        self._seen.arguments += told["delta"].get("partial_json") or ""


def _decode(seen: Seen, raw: bytes, what: str) -> dict[str, Any] | None:
    try:
        told = msgspec.json.decode(raw, type=dict[str, Any])
    except (msgspec.DecodeError, ValueError, RecursionError):
        seen.flaw(f"{what} is not a JSON object: {raw[:60]!r}")
        return None
    return told


def _error(seen: Seen, told: dict[str, Any], dialect: Dialect) -> None:
    error = told.get("error")
    if not isinstance(error, dict) or not error.get("message") or not error.get("type"):
        seen.flaw(f"an error without a message, or a type: {str(told)[:80]}")
        return
    if (dialect is Dialect.ANTHROPIC_MESSAGES) != (told.get("type") == "error"):
        seen.flaw("an error in the shape of the other dialect")
    seen.errors = [*seen.errors, error]
