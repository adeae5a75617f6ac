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
    """We refused a request for good."""
    RETRY = "retry"
    """A request came again that we had refused."""
    CUT = "cut"
    """The client sent less of its history than before."""


class Move(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One thing that happened."""

    kind: Kind
    turn: int = 0
    """Which turn of the assistant's it belongs to, counted over the task; tool calls that were
    made at once are in one."""
    agent: str = ""
    """Who acted, as far as that is known: the answer to a call is its caller's."""
    caller: str = ""
    """In whose call it was read."""
    mark: bytes = b""
    """Of the turn that it was read from, by which that is known again; empty if it was not read."""
    place: int = 0
    """Where in the client's list that turn stood."""
    chars: int = 0
    """Characters of the list, up to and with that turn."""
    id: bytes = b""
    """Digest of a call's id, tool, arguments and result together, or of a text."""
    tool: str = ""
    ask: bytes = b""
    """Digest of a call's tool and canonical arguments."""
    result: bytes = b""
    """Digest of a call's normalised result, of a text, or of a request that was refused."""
    error: bytes = b""
    """Digest of the normalised error; empty where a call went well."""
    new: bool = False
    """The result, or what the human says, is not empty and was not in the ring before."""
    telling: bool = False
    """Of a text: it is long, and was not said before, so that it may be the fruit of some work."""
    unready: bool = False
    """The result says that something is not done yet."""
    giver: str = ""
    """Of a hand-off: who handed over."""
    to: str = ""
    """Of a hand-off: who took over."""
    gist: bytes = b""
    """Of a text: what tells another that is nearly the same."""
