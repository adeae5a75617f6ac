"""Read from a conversation what choosing a target needs: counts and digests, never the text."""

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

MOST_READ = 800
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
TOKENS_PER_IMAGE = 1_000
"""A picture of about a megapixel."""
TOKENS_PER_DOCUMENT = 3_000
"""A few pages."""

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
DIGEST_BYTES = 8


def survey(conversation: Conversation) -> Shape:
    """Return what can be counted in a conversation; the work grows with its length alone."""
    tally = _Tally()
    for turn in conversation.turns:
        tally.count(turn)
    text = _glance(conversation)
    letters = text.encode(errors="replace")
    signs = SIGNS.intersection(text.lower().split())
    return Shape(
        chars=tally.chars + sum(_tool_chars(tool) for tool in conversation.tools),
        turns=len(conversation.turns),
        tools=len(conversation.tools),
        images=tally.images,
        documents=tally.documents,
        last_chars=tally.last_chars,
        system_chars=tally.system_chars,
        code=any(mark in text for mark in CODE_MARKS),
        maths=any(mark in text for mark in MATHS_MARKS),
        digits=len(letters.translate(None, NOT_DIGITS)),
        constraints=len(OBLIGATIONS & signs),
        questions=text.count("?"),
        steps=len(SEQUENCE & signs) + text.count("\n- "),
        wide=len(letters) > MOSTLY_WIDE * len(text),
    )


def step_of(conversation: Conversation) -> Step:
    """Return what the agent is doing: the last turn tells."""
    last = conversation.turns[-1]
    if last.role is Role.ASSISTANT:
        return Step.CONTINUATION
    if any(isinstance(part, ToolResult) for part in last.parts):
        return Step.TOOL_RESULT
    return Step.USER_TURN


def needs_of(conversation: Conversation, shape: Shape) -> frozenset[Capability]:
    """Return what a target must be able to do to serve this conversation at all."""
    needs = []
    if shape.tools:
        needs.append(Capability.TOOLS)
    if shape.images:
        needs.append(Capability.IMAGES)
    if shape.documents:
        needs.append(Capability.DOCUMENTS)
    if conversation.format is not None and conversation.format.schema is not None:
        needs.append(Capability.JSON_SCHEMA)
    if conversation.thinking_budget:
        needs.append(Capability.THINKING)
    return frozenset(needs)


def input_tokens(shape: Shape) -> Tokens:
    """Estimate the input from its characters."""
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
        if isinstance(part, Text)
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
            texts = [part.text for part in turn.parts if isinstance(part, Text)]
            if texts:
                return texts[0] if len(texts) == 1 else "\n".join(texts)
    return ""


def last_results(conversation: Conversation) -> tuple[str, ...]:
    """Return the ids of the tool calls that the last turn answers."""
    return tuple(part.id for part in conversation.turns[-1].parts if isinstance(part, ToolResult))


class _Tally:
    """Running sums over the turns."""

    __slots__ = ("chars", "documents", "images", "last_chars", "system_chars")

    def __init__(self) -> None:
        self.chars = self.images = self.documents = self.system_chars = self.last_chars = 0

    def count(self, turn: Turn) -> None:
        before = self.chars
        for part in turn.parts:
            self._part(part)
        if turn.role is Role.SYSTEM:
            self.system_chars += self.chars - before
        elif turn.role is Role.USER:
            self.last_chars = sum(len(p.text) for p in turn.parts if isinstance(p, Text))

    def _part(self, part: Part) -> None:
        match part:
            case Text() | Thinking():
                self.chars += len(part.text)
            case ToolUse():
                self.chars += len(part.name) + len(part.arguments)
            case ToolResult():
                for inner in part.parts:
                    self._part(inner)
            case Image():
                self.images += 1
            case Document():
                self.documents += 1


def _tool_chars(tool: Tool) -> int:
    return len(tool.name) + len(tool.description) + len(bytes(tool.schema))


def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=DIGEST_BYTES).hexdigest()


def _glance(conversation: Conversation) -> str:
    text = last_text(conversation)
    half = MOST_READ // 2
    return text if len(text) <= MOST_READ else f"{text[:half]} {text[-half:]}"
