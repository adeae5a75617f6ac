"""The beginning of a conversation, up to each of its answers, as a rolling hash."""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Protocol

from switchgear.domain.turn import Document, Image, Part, Role, Text, ToolResult, ToolUse, Turn
from switchgear.engine.identity import distinct

DIGEST_BYTES = 16
MOST_WHOLE = 512
"""Characters of one text that are hashed whole; of a longer one the length and both ends are."""
END = MOST_WHOLE // 2
ASSISTANT, USER = Role.ASSISTANT, Role.USER


class Rolling(Protocol):
    """A hash that can be told more."""

    def update(self, data: bytes, /) -> None:
        """Take more bytes."""
        ...

    def digest(self) -> bytes:
        """Return what all bytes so far come to."""
        ...


def ends(owner: str, turns: Iterable[Turn]) -> tuple[list[bytes], Rolling]:
    """Return where each answer of a conversation ends, and the hash of all of it, to go on from.

    Turns of one speaker in a row are one, because dialects divide them differently. What a system
    prompt says is left out, as clients write the time of day into it. Callers with different
    ``owner`` never have the same hash.
    """
    rolling = blake2b(owner.encode(), digest_size=DIGEST_BYTES)
    found: list[bytes] = []
    heard: list[str] = []
    said: list[Part] = []
    for turn in turns:
        if turn.role is ASSISTANT:
            said += turn.parts
        elif turn.role is USER:
            if said:
                found.append(_ended(rolling, heard, said))
                heard, said = [], []
            heard += [_heard(part) for part in turn.parts]
    if said:
        found.append(_ended(rolling, heard, said))
    elif heard:
        rolling.update(_encoded("".join(heard)))
    return found, rolling


def answered(rolling: Rolling, text: str, tools: Iterable[tuple[str, str]]) -> bytes:
    """Return where a conversation ends after an answer; ``tools`` are ids and names it asked for.

    Thoughts are left out, as clients leave them out, and so are the tools' arguments, which they
    write anew.
    """
    rolling.update(_encoded(_said(text, tools)))
    return rolling.digest()


def _said(text: str, tools: Iterable[tuple[str, str]]) -> str:
    said = f"\1{_short(text.strip())}"
    for tool_call, name in tools:
        said += f"\0{name}\0{tool_call if distinct(tool_call) else ''}"
    return said


def _ended(rolling: Rolling, heard: list[str], parts: Iterable[Part]) -> bytes:
    """Return where an answer ends after what was heard before it."""
    texts: list[str] = []
    tools: list[tuple[str, str]] = []
    for part in parts:
        if type(part) is Text:
            texts.append(part.text)
        elif type(part) is ToolUse:
            tools.append((part.id, part.name))
    heard.append(_said("".join(texts), tools))
    rolling.update(_encoded("".join(heard)))
    return rolling.digest()


def _heard(part: Part) -> str:
    """Return what a part of the user's turn comes to."""
    if type(part) is Text:
        return f"\2{_short(part.text)}"
    if type(part) is ToolResult:
        return f"\3{part.id}" + "".join([_heard(each) for each in part.parts])
    if type(part) is Image or type(part) is Document:
        return f"\4{_short(part.url)}{_short(part.data)}"
    return ""


def _short(text: str) -> str:
    length = len(text)
    return f"{length}:{text}" if length <= MOST_WHOLE else f"{length}:{text[:END]}{text[-END:]}"


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
