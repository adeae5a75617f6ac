"""One thing that happened in a task: digests and names, never what was said."""

from enum import Enum

import msgspec


class Kind(Enum):
    """What happened."""

    CALL = "call"
    """A tool was called, and gave back a result."""
    TEXT = "text"
    """The assistant said something."""
    HUMAN = "human"
    """Somebody else said something that is not a tool's result."""
    HANDOFF = "handoff"
    """One agent handed over to another."""
    REFUSAL = "refusal"
    """We refused a request."""
    RETRY = "retry"
    """A request came again that we had refused."""
    CUT = "cut"
    """The client sent less of its history than before."""


class Move(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One thing that happened."""

    kind: Kind
    turn: int = 0
    """Which turn of the assistant's it belongs to, counted over the task; parallel tool calls are
    in one."""
    agent: str = ""
    """Who acted, as far as that is known; of a hand-off, who handed over."""
    mark: bytes = b""
    """Digest of the turn that it was read from and of the one before, by which the turn is known
    again."""
    place: int = 0
    """Where in the client's list that turn stood."""
    chars: int = 0
    """Characters of the list up to there."""
    id: bytes = b""
    """Digest of the call's id, tool, arguments and result, or of the text."""
    tool: str = ""
    ask: bytes = b""
    """Digest of the tool and its canonical arguments."""
    result: bytes = b""
    """Digest of the normalised result, or text, or of a request that was refused."""
    error: bytes = b""
    """Digest of the normalised error; empty where it is none."""
    empty: bool = False
    """The result says nothing."""
    waiting: bool = False
    """The result says that something is not ready yet."""
    to: str = ""
    """Of a hand-off: who took over."""
    gist: frozenset[int] = frozenset()
    """Of a text: hashes of its five-word sequences, the smallest of them."""
