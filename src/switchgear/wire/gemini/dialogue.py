"""Turns of ours as the ``systemInstruction`` and ``contents`` of a request.

The results of calls stand in a content of their own right after the calls, and what the user says
besides in the next. Parts are written in one form always, so that a conversation that has grown
begins with the same bytes as before, and the provider's prompt cache still holds.
"""

from collections.abc import Sequence
from typing import Any

from switchgear.domain.turn import (
    Document,
    Image,
    Part,
    Role,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
    Turn,
)
from switchgear.wire.argument import arguments
from switchgear.wire.gemini.reading import FAILED, GIVEN
from switchgear.wire.gemini.signature import NOT_CHECKED, sent_back

SILENCE = "(no message)"
"""Stands for a user who has not spoken, where the API wants words."""
PDF = "application/pdf"
KINDS = {
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
    "heic": "image/heic",
    "heif": "image/heif",
}
OTHER_IMAGE = "image/jpeg"

Block = dict[str, Any]


class Dialogue:
    """The contents of a request, and the names of what they could not carry."""

    __slots__ = ("_names", "_newest", "contents", "dropped", "system")

    def __init__(self, dropped: dict[str, None], *, newest: bool) -> None:
        """Start empty; ``newest`` models take media in results, and demand signatures."""
        self.dropped = dropped
        self.system: list[Block] = []
        self.contents: list[Block] = []
        self._names: dict[str, str] = {}
        self._newest = newest

    def tell(self, turns: Sequence[Turn]) -> None:
        """Write every turn."""
        for turn in turns:
            if any(_marks_cache(part) for part in turn.parts):
                self.dropped["cache_control"] = None
            if turn.role is Role.ASSISTANT:
                self._say("model", self.answer(turn.parts))
            elif turn.role is Role.USER:
                self._user(turn.parts)
            else:
                self._order(turn.parts)
        if not self.contents:
            self._say("user", [{"text": SILENCE}])

    def _order(self, parts: Sequence[Part]) -> None:
        """Write a system turn: in its own place, or, in the midst of the talk, as said by users."""
        blocks = [block for part in parts for block in self._matter(part)]
        if self.contents:
            self._say("user", [_told(block) for block in blocks])
            return
        self.system += [block for block in blocks if "text" in block]
        self._say("user", [block for block in blocks if "text" not in block])

    def _user(self, parts: Sequence[Part]) -> None:
        results: list[Block] = []
        rest: list[Block] = []
        for part in parts:
            if isinstance(part, ToolResult):
                result, shown = self._result(part)
                results.append(result)
                rest += shown
            else:
                rest += self._matter(part)
        self._answer_calls(results)
        self._say("user", rest)

    def _answer_calls(self, results: list[Block]) -> None:
        """Put results with those that follow the same calls, if there are any."""
        if not results:
            return
        for content in reversed(self.contents):
            if content["role"] != "user":
                break
            if "functionResponse" in content["parts"][0]:
                content["parts"] += results
                return
        self._begin("user", results)

    def _say(self, role: str, blocks: list[Block]) -> None:
        last = self.contents[-1] if self.contents else None
        if not blocks:
            return
        if last and last["role"] == role and "functionResponse" not in last["parts"][0]:
            last["parts"] += blocks
        else:
            self._begin(role, blocks)

    def _begin(self, role: str, blocks: list[Block]) -> None:
        if not self.contents and role != "user":
            self.contents.append({"role": "user", "parts": [{"text": SILENCE}]})
        self.contents.append({"role": role, "parts": blocks})

    def answer(self, parts: Sequence[Part]) -> list[Block]:
        """Return what the model said. Its signatures stand on the calls that they were made for."""
        blocks: list[Block] = []
        waiting: list[str] = []
        last_call = max((at for at, it in enumerate(parts) if isinstance(it, ToolUse)), default=-1)
        for at, part in enumerate(parts):
            if isinstance(part, Thinking):
                self._think(part, blocks, waiting if at < last_call else None)
            elif isinstance(part, ToolUse):
                if not _is_call(parts, at - 1):
                    _keep_few(waiting, _run(parts, at), blocks)
                blocks.append(self._call(part, waiting.pop(0) if waiting else ""))
            else:
                blocks += self._matter(part)
        self._vouch(blocks)
        return blocks

    def _think(self, part: Thinking, blocks: list[Block], waiting: list[str] | None) -> None:
        """Write what was thought; its signature waits for a call, if one is to come."""
        signature = sent_back(part)
        if part.redacted or (part.signature and not signature):
            self.dropped["thinking"] = None
            return
        if part.text:
            blocks.append({"text": part.text, "thought": True})
        if signature and waiting is not None:
            waiting.append(signature)
        elif signature:
            _sign(blocks, signature)

    def _call(self, part: ToolUse, signature: str) -> Block:
        self._names[part.id] = part.name
        call = {"id": part.id, "name": part.name, "args": arguments(part.arguments)}
        block: Block = {"functionCall": call}
        return block | {"thoughtSignature": signature} if signature else block

    def _vouch(self, blocks: list[Block]) -> None:
        """Sign the first call where its model would refuse it otherwise.

        Models from 3 on refuse a step whose first call has no signature, and one that came through
        another provider has none. Google's stand-in is for these, and costs what the signature was
        worth: the thoughts behind the call. Older models check nothing, and get none.
        """
        calls = [block for block in blocks if "functionCall" in block]
        if self._newest and calls:
            calls[0].setdefault("thoughtSignature", NOT_CHECKED)

    def _result(self, part: ToolResult) -> tuple[Block, list[Block]]:
        """Return a result, and what the user must show, for a result cannot hold it."""
        texts = [inner.text for inner in part.parts if isinstance(inner, Text)]
        media = [
            block
            for inner in part.parts
            if not isinstance(inner, Text)
            for block in self._matter(inner)
        ]
        held = [block for block in media if self._newest and "inlineData" in block]
        shown = [block for block in media if block not in held]
        given = texts[0] if len(texts) == 1 else texts
        response: Block = {
            "id": part.id,
            "name": self._names.get(part.id, part.id),
            "response": {FAILED if part.failed else GIVEN: given if texts else ""},
        }
        if held:
            response["parts"] = held
        if shown:
            shown.insert(0, {"text": f"What the tool call {part.id} gave back:"})
        return {"functionResponse": response}, shown

    def _matter(self, part: Part) -> list[Block]:
        if isinstance(part, Text):
            return [{"text": part.text}] if part.text else []
        if isinstance(part, Image):
            return [self._image(part)]
        if isinstance(part, Document):
            return [self._document(part)]
        self.dropped["thinking" if isinstance(part, Thinking) else "tool_use"] = None
        return []

    def _image(self, part: Image) -> Block:
        if part.detail not in {"", "auto"}:
            self.dropped["messages.content.image_url.detail"] = None
        if not part.url:
            return {"inlineData": {"mimeType": part.media_type, "data": part.data}}
        ending = part.url.partition("?")[0].rpartition(".")[2].lower()
        kind = KINDS.get(ending, OTHER_IMAGE)
        return {"fileData": {"mimeType": part.media_type or kind, "fileUri": part.url}}

    def _document(self, part: Document) -> Block:
        if part.name:
            self.dropped["document.name"] = None
        kind = part.media_type or PDF
        if part.url:
            return {"fileData": {"mimeType": kind, "fileUri": part.url}}
        return {"inlineData": {"mimeType": kind, "data": part.data}}


def _is_call(parts: Sequence[Part], at: int) -> bool:
    return 0 <= at < len(parts) and isinstance(parts[at], ToolUse)


def _run(parts: Sequence[Part], at: int) -> int:
    """Return how many calls follow one another from here."""
    end = at
    while _is_call(parts, end):
        end += 1
    return end - at


def _keep_few(waiting: list[str], calls: int, blocks: list[Block]) -> None:
    """Leave a signature for each call at most; older ones are of words before them."""
    while len(waiting) > calls:
        _sign(blocks, waiting.pop(0))


def _sign(blocks: list[Block], signature: str) -> None:
    """Put a signature on the words that were said last, or on none."""
    if blocks and "text" in blocks[-1] and "thoughtSignature" not in blocks[-1]:
        blocks[-1]["thoughtSignature"] = signature
    else:
        blocks.append({"text": "", "thoughtSignature": signature})


def _told(block: Block) -> Block:
    """Return words of a later system prompt as a user's, saying what they are."""
    return {"text": f"<system>\n{block['text']}\n</system>"} if "text" in block else block


def _marks_cache(part: Part) -> bool:
    inner = part.parts if isinstance(part, ToolResult) else ()
    marked = not isinstance(part, Thinking) and part.cache
    return marked or any(item.cache for item in inner)
