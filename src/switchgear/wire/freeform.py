"""Tools that take plain text, where tools take JSON: the text is the member ``input``.

OpenAI calls such tools ``custom``. What shape their text must have, a grammar, is told in words in
the schema, and read from there again.
"""

import re

import msgspec

from switchgear.domain.turn import Conversation

OPENING = '{"input":"'
CLOSING = '"}'
HEAD = re.compile(r'\s*\{\s*"input"\s*:\s*"')
TEXT = re.compile(
    r'(?:[^"\\]++|\\[^u]|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}'
    r"|\\u(?![dD][89abAB])[0-9a-fA-F]{4})*+"
)
"""As much of a JSON string as can be read by itself: no half escape, no half character."""
SYNTAX = re.compile(r"\w+")
GRAMMAR = "Text in this {} grammar:\n"
TOLD = re.compile(r"Text in this (\w+) grammar:\n")

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class Grammar(msgspec.Struct, frozen=True):
    """What the text must be."""

    syntax: str
    """``lark`` or ``regex``."""
    definition: str


class _Input(msgspec.Struct, frozen=True):
    description: str = ""


class _Properties(msgspec.Struct, frozen=True):
    input: _Input = _Input()


class _Schema(msgspec.Struct, frozen=True):
    properties: _Properties = _Properties()


_read_schema = msgspec.json.Decoder(_Schema).decode


def schema(grammar: Grammar | None = None) -> msgspec.Raw:
    """Return the JSON Schema of such a tool's arguments."""
    text = {"type": "string"}
    if grammar:
        text["description"] = GRAMMAR.format(grammar.syntax) + grammar.definition
    return msgspec.Raw(
        _encode(
            {
                "type": "object",
                "properties": {"input": text},
                "required": ["input"],
                "additionalProperties": False,
            }
        )
    )


def read_grammar(said: object) -> Grammar | None:
    """Return the grammar that an object with ``syntax`` and ``definition`` is."""
    found = said if isinstance(said, dict) else {}
    syntax, definition = found.get("syntax"), found.get("definition")
    known = isinstance(syntax, str) and isinstance(definition, str) and SYNTAX.fullmatch(syntax)
    return Grammar(str(syntax), str(definition)) if known else None


def grammar(schema: msgspec.Raw) -> Grammar | None:
    """Return the grammar that a schema tells of."""
    try:
        told = _read_schema(schema).properties.input.description
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    match = TOLD.match(told)
    return Grammar(match[1], told[match.end() :]) if match else None


def names(conversation: Conversation | None) -> frozenset[str]:
    """Return the names of such tools in a conversation."""
    tools = conversation.tools if conversation else ()
    return frozenset([tool.name for tool in tools if tool.freeform])


def wrap(text: str) -> str:
    """Return a text as arguments."""
    return OPENING + escaped(text) + CLOSING


def escaped(text: str) -> str:
    """Return a part of a text as it stands within ``OPENING`` and ``CLOSING``."""
    return _encode(text).decode()[1:-1]


def unwrap(arguments: str) -> str:
    """Return the text that arguments hold; what is no such arguments is taken for the text."""
    try:
        found = _decode(arguments)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return arguments
    text = found.get("input") if isinstance(found, dict) else None
    return text if isinstance(text, str) else arguments


class Wrapping:
    """Takes a text as it comes, and gives it as arguments."""

    __slots__ = ("_begun",)

    def __init__(self) -> None:
        """Start before the first word."""
        self._begun = False

    def feed(self, more: str) -> str:
        """Return more of the arguments."""
        opening = "" if self._begun else OPENING
        self._begun = True
        return opening + escaped(more)

    def end(self) -> str:
        """Return the end of the arguments."""
        return self.feed("") + CLOSING


class Unwrapping:
    """Takes arguments as they come, and gives their text as early as it can be told."""

    __slots__ = ("_held", "_inside", "over")

    def __init__(self) -> None:
        """Start before the first."""
        self._held = ""
        self._inside = False
        self.over = False
        """The text has ended."""

    def feed(self, more: str) -> str:
        """Return what more of the text is known now."""
        self._held += more
        if not self._inside:
            head = HEAD.match(self._held)
            if head is None:
                return ""
            self._inside, self._held = True, self._held[head.end() :]
        if self.over:
            return ""
        found = TEXT.match(self._held)
        end = found.end() if found else 0
        text, self._held = self._held[:end], self._held[end:]
        self.over = self._held.startswith('"')
        return _plain(text)

    def end(self) -> str:
        """Return what is left when no more comes: all of it, if it was no such arguments."""
        return "" if self._inside else unwrap(self._held)


def _plain(text: str) -> str:
    try:
        return str(_decode(f'"{text}"'))
    except (msgspec.DecodeError, ValueError):  # a control character as it is, or a false escape
        return text
