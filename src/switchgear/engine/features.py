"""Read from a conversation what choosing a target needs: counts and digests, never the text."""

from collections.abc import Sequence
from hashlib import blake2b

from switchgear.domain.ask import Shape, Step
from switchgear.domain.target import Capability
from switchgear.domain.turn import (
    Conversation,
    Document,
    Image,
    Part,
    Role,
    Text,
    Thinking,
    Tool,
    ToolResult,
    ToolUse,
    Turn,
)
from switchgear.domain.units import Tokens
from switchgear.engine.census import census
from switchgear.engine.estimate import TOKENS_PER_DOCUMENT, TOKENS_PER_IMAGE

MOST_READ = 400
"""Characters of the last user turn that are looked at, half from its start and half from its end,
where instructions stand; more would cost time and change little."""

CHARS_PER_TOKEN = 4.0
"""English text and code in the tokenizers of 2023 to 2026: 3.6 to 4.4."""
WIDE_CHARS_PER_TOKEN = 1.5
"""Text that is not ASCII, where a token is often one or two characters."""
MOSTLY_WIDE = 1.5
"""Bytes of UTF-8 for each character, above which a text counts as not ASCII."""
TOKENS_PER_TURN = 4
"""Role and separators around each turn."""

CODE_MARKS = ("```", "def ", "();", "#include")
MATHS_MARKS = ("\\", "^2", "equation")
OBLIGATIONS = frozenset({
    "must", "only", "exactly", "without", "unless", "except",
    "never", "always", "least", "most", "every", "each", "ensure",
})  # fmt: skip
SEQUENCE = frozenset({
    "first", "second", "third", "then", "next", "finally", "after", "before", "step", "steps",
})  # fmt: skip
SIGNS = OBLIGATIONS | SEQUENCE
NOT_DIGITS = bytes(set(range(256)) - set(b"0123456789"))
NOTHING: frozenset[Capability] = frozenset()
DIGEST_BYTES = 8


def survey(conversation: Conversation) -> Shape:
    """Return what can be counted in a conversation; the work grows with its length alone."""
    chars = system_chars = images = documents = 0
    texts: list[str] = []
    for turn in conversation.turns:
        before = chars
        for part in turn.parts:
            if type(part) is Text:
                texts.append(part.text)
                chars += len(part.text)
            else:
                more = _measure(part, texts)
                chars, images, documents = chars + more[0], images + more[1], documents + more[2]
        if turn.role is Role.SYSTEM:
            system_chars += chars - before
    text = _glance(conversation)
    letters = text.encode(errors="replace")
    signs = SIGNS.intersection(text.lower().split())
    tool_chars = sum([_tool_chars(tool) for tool in conversation.tools])
    return Shape(
        chars=chars + tool_chars,
        turns=len(conversation.turns),
        tools=len(conversation.tools),
        images=images,
        documents=documents,
        last_chars=_last_chars(conversation.turns),
        system_chars=system_chars,
        code=_has(text, CODE_MARKS),
        maths=_has(text, MATHS_MARKS),
        digits=len(letters.translate(None, NOT_DIGITS)),
        constraints=len(OBLIGATIONS & signs) if signs else 0,
        questions=text.count("?"),
        steps=text.count("\n- ") + (len(SEQUENCE & signs) if signs else 0),
        wide=len(letters) > MOSTLY_WIDE * len(text),
        counts=census(texts, chars, tool_chars),
    )


def step_of(conversation: Conversation) -> Step:
    """Return what the agent is doing: the last turn tells."""
    if conversation.turns and conversation.turns[-1].role is Role.ASSISTANT:
        return Step.CONTINUATION
    return Step.TOOL_RESULT if last_results(conversation) else Step.USER_TURN


def needs_of(conversation: Conversation, shape: Shape) -> frozenset[Capability]:
    """Return what a target must be able to do to serve this conversation at all."""
    asked = conversation.format
    wanted = (
        (Capability.TOOLS, shape.tools),
        (Capability.IMAGES, shape.images),
        (Capability.DOCUMENTS, shape.documents),
        (Capability.JSON_SCHEMA, asked is not None and asked.schema is not None),
        (Capability.THINKING, conversation.thinking_budget),
    )
    needs = [capability for capability, needed in wanted if needed]
    return conversation.needs.union(needs) if needs or conversation.needs else NOTHING


def input_tokens(shape: Shape) -> Tokens:
    """Estimate the input from the number of its characters alone; ``estimate`` knows more."""
    ratio = WIDE_CHARS_PER_TOKEN if shape.wide else CHARS_PER_TOKEN
    extras = (
        shape.turns * TOKENS_PER_TURN
        + shape.images * TOKENS_PER_IMAGE
        + shape.documents * TOKENS_PER_DOCUMENT
    )
    return Tokens(int(shape.chars / ratio) + 1 + extras)


def system_digest(conversation: Conversation) -> str:
    """Return a digest of the system turns, by which the calls of one agent know each other."""
    texts = [
        part.text
        for turn in conversation.turns
        if turn.role is Role.SYSTEM
        for part in turn.parts
        if type(part) is Text
    ]
    return _digest("\n".join(texts).encode(errors="replace")) if texts else ""


def tools_digest(conversation: Conversation) -> str:
    """Return a digest of the tools offered, in the caller's order."""
    if not conversation.tools:
        return ""
    return _digest(
        b"\n".join(tool.name.encode() + bytes(tool.schema) for tool in conversation.tools)
    )


def last_text(conversation: Conversation) -> str:
    """Return the text of the last user turn that says something itself."""
    for turn in reversed(conversation.turns):
        if turn.role is Role.USER:
            texts = [part.text for part in turn.parts if type(part) is Text]
            if texts:
                return texts[0] if len(texts) == 1 else "\n".join(texts)
    return ""


def last_results(conversation: Conversation) -> list[str]:
    """Return the ids of the tool calls that the last turn answers."""
    last = conversation.turns[-1:]  # there is none where nothing of a request can be read
    return [part.id for turn in last for part in turn.parts if type(part) is ToolResult]


def _measure(part: Part, texts: list[str]) -> tuple[int, int, int]:
    """Return the characters, images and documents in one part, and add its texts to ``texts``."""
    match part:
        case Text() | Thinking():
            texts.append(part.text)
            return len(part.text), 0, 0
        case ToolUse():
            texts += (part.name, part.arguments)
            return len(part.name) + len(part.arguments), 0, 0
        case ToolResult():
            inner = [_measure(each, texts) for each in part.parts]
            return sum(i[0] for i in inner), sum(i[1] for i in inner), sum(i[2] for i in inner)
        case Image():
            return 0, 1, 0
        case Document():
            return 0, 0, 1


def _last_chars(turns: Sequence[Turn]) -> int:
    for turn in reversed(turns):
        if turn.role is Role.USER:
            return sum([len(part.text) for part in turn.parts if type(part) is Text])
    return 0


def _has(text: str, marks: Sequence[str]) -> bool:
    for mark in marks:  # noqa: SIM110  (any() with a generator takes three times as long)
        if mark in text:
            return True
    return False


def _tool_chars(tool: Tool) -> int:
    return len(tool.name) + len(tool.description) + len(bytes(tool.schema))


def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=DIGEST_BYTES).hexdigest()


def _glance(conversation: Conversation) -> str:
    text = last_text(conversation)
    half = MOST_READ // 2
    return text if len(text) <= MOST_READ else f"{text[:half]} {text[-half:]}"
