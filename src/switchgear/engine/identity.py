"""What a call says of the task that it belongs to: the first of many words that says something."""

from collections.abc import Callable, Mapping
from urllib.parse import unquote

import msgspec

from switchgear.domain.caller import Wishes
from switchgear.domain.turn import Conversation

MOST_LETTERS = 256
"""Of a word that tells a task; what is longer tells none."""

EXPLICIT = "x-switchgear-task"
CLAUDE_SESSION = "x-claude-code-session-id"
CLAUDE_AGENT = "x-claude-code-agent-id"
CLAUDE_PARENT = "x-claude-code-parent-agent-id"
THREAD, SESSION = "thread-id", "session-id"
OLD_THREAD, OLD_SESSION = "conversation_id", "session_id"
CODEX_PARENT = "x-codex-parent-thread-id"
CODEX_AGENT = "x-openai-subagent"
USER_AGENT = "user-agent"
CODEX = "codex"
"""What the user agents of all of Codex's programs begin with."""
PARENT_SESSION = "x-parent-session-id"
BAGGAGE, TRACE = "baggage", "traceparent"
PREVIOUS = "previous_response_id"

SESSIONS = (
    ("x-session-id", 0.95),
    ("x-session-affinity", 0.95),
    ("x-litellm-trace-id", 0.9),
    ("x-litellm-session-id", 0.95),
    ("helicone-session-id", 0.95),
    ("x-dynamo-session-id", 0.95),
)
"""Headers that are a session's name, first hit first, and how sure each is."""
CODEX_WORDS = ((THREAD, SESSION), (OLD_THREAD, OLD_SESSION))
"""A thread of Codex's, and the session that it is part of; the second pair is of before 2026."""

SAID = 1.0
CLIENT = 1.0
"""Of a client that names its session on every request."""
WRITTEN = 0.95
SHARED_KEY = 0.6
"""Of a prompt cache's key: several conversations may well share one."""
LOOSE_END = 0.5
"""Of an earlier answer that is not known here."""
VISIT = 0.7
"""Of a user's session, in which may be several pieces of work."""
ONE_TRACE = 0.5
"""Of a trace: many frameworks begin one with every request."""

CONSTANTS = frozenset(
    {"default", "none", "null", "nil", "undefined", "unknown", "anonymous", "string", "n/a"}
)
"""What programs say when they know nothing, so that all of them say the same."""
NOTHING = frozenset("0-")

MARKS = (
    CLAUDE_SESSION,
    CLAUDE_AGENT,
    CLAUDE_PARENT,
    THREAD,
    SESSION,
    OLD_THREAD,
    OLD_SESSION,
    CODEX_PARENT,
    CODEX_AGENT,
    *(name for name, _ in SESSIONS),
    PARENT_SESSION,
    BAGGAGE,
    TRACE,
)
"""All headers that tell something, beside those of ours; a user agent alone tells nothing."""


class Word(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What a caller calls a task."""

    name: str
    source: str
    confidence: float
    parent: str = ""
    """What it calls the task that this one is part of; empty where it does not say."""
    agent: str = ""
    parent_agent: str = ""


def said(wishes: Wishes) -> Word | None:
    """Return what the headers say that are there to name a task or a session."""
    if wishes.task:
        return Word(name=wishes.task, source=EXPLICIT, confidence=SAID)
    marks = dict(wishes.marks)
    if not marks:
        return None
    return _claude(marks) or _codex(marks) or _session(marks)


def written(talk: Conversation) -> Word | None:
    """Return what the body says, but for the earlier answer that it goes on from."""
    for name, value in talk.metadata:
        if name == "session_id" and tells(value):
            return Word(name=value, source="metadata.session_id", confidence=WRITTEN)
    if talk.end_user:
        session, parent = _within(talk.end_user)
        if tells(session):
            return Word(
                name=session,
                source="metadata.user_id",
                confidence=WRITTEN,
                parent=parent if tells(parent) else "",
            )
    if talk.cache_key and tells(talk.cache_key):
        return Word(name=talk.cache_key, source="prompt_cache_key", confidence=SHARED_KEY)
    return None


def traced(wishes: Wishes) -> Word | None:
    """Return what the headers of tracing say, which are there for something else."""
    if not wishes.marks:
        return None
    marks = dict(wishes.marks)
    session = _baggage(marks.get(BAGGAGE, ""))
    if tells(session):
        return Word(name=session, source="baggage", confidence=VISIT)
    trace = _trace(marks.get(TRACE, ""))
    if tells(trace):
        return Word(name=trace, source=TRACE, confidence=ONE_TRACE)
    return None


def tells(word: str) -> bool:
    """Whether a word can tell one task from another: what is the same for all does not."""
    return (
        0 < len(word) <= MOST_LETTERS
        and word.lower() not in CONSTANTS
        and not NOTHING.issuperset(word)
    )


def distinct(name: str) -> bool:
    """Whether a tool call's id is surely nobody else's: its end has letters and figures.

    Some targets count, ``call_0``, or say the tool's name.
    """
    end = name
    for mark in "_-:.":
        end = end.rpartition(mark)[2]
    return len(end) >= LEAST_DRAWN and not (end.isdigit() or end.isalpha())


LEAST_DRAWN = 8
"""Letters, as the shortest ids have that are drawn by chance; Mistral's have nine."""


def _claude(marks: Mapping[str, str]) -> Word | None:
    """Return what Claude Code says; each of its subagents has a task of its own, in its parent's.

    All agents say the session's id, only subagents their own, and only those that a subagent has
    sent say whose they are.
    """
    session = marks.get(CLAUDE_SESSION, "")
    if not tells(session):
        return None
    agent, sender = marks.get(CLAUDE_AGENT, ""), marks.get(CLAUDE_PARENT, "")
    if not agent:
        return Word(name=session, source=CLAUDE_SESSION, confidence=CLIENT)
    return Word(
        name=f"{session}/{agent}",
        source=CLAUDE_SESSION,
        confidence=CLIENT,
        parent=f"{session}/{sender}" if sender else session,
        agent=agent,
        parent_agent=sender,
    )


def _codex(marks: Mapping[str, str]) -> Word | None:
    """Return what Codex says: each thread is a task, the first one goes by the session's id."""
    if not marks.get(USER_AGENT, "").lower().startswith(CODEX):
        return None
    for kind, whole in CODEX_WORDS:
        thread, session = marks.get(kind, ""), marks.get(whole, "")
        name, source = (thread, kind) if tells(thread) else (session, whole)
        if tells(name):
            parent = marks.get(CODEX_PARENT, "") or session
            return Word(
                name=name,
                source=source,
                confidence=CLIENT,
                parent=parent if parent != name and tells(parent) else "",
                agent=marks.get(CODEX_AGENT, ""),
            )
    return None


def _session(marks: Mapping[str, str]) -> Word | None:
    for source, confidence in SESSIONS:
        name = marks.get(source, "")
        if tells(name):
            parent = marks.get(PARENT_SESSION, "")
            return Word(
                name=name,
                source=source,
                confidence=confidence,
                parent=parent if parent != name and tells(parent) else "",
            )
    return None


def _within(user: str) -> tuple[str, str]:
    """Return the session, and the one above it, in what Claude Code says of its user.

    It is either ``user_…_session_…`` or a JSON object with ``session_id``.
    """
    if user.startswith("{"):
        try:
            found = _decode_user(user)
        except msgspec.MsgspecError:
            return "", ""
        return found.session_id, found.parent_session_id
    return user.rpartition("_session_")[2] if "_session_" in user else "", ""


class _User(msgspec.Struct, frozen=True, gc=False):
    session_id: str = ""
    parent_session_id: str = ""


_decode_user: Callable[[str], _User] = msgspec.json.Decoder(_User).decode


def _baggage(value: str) -> str:
    """Return the session of a ``baggage`` header: W3C Baggage, 3.2."""
    if "session.id" not in value:
        return ""
    for member in value.split(","):
        name, _, rest = member.partition("=")
        if name.strip() == "session.id":
            return unquote(rest.partition(";")[0].strip())
    return ""


def _trace(value: str) -> str:
    """Return the trace id of a ``traceparent`` header: W3C Trace Context, 3.2."""
    parts = value.split("-")
    return parts[1] if len(parts) >= TRACE_PARTS and len(parts[1]) == TRACE_LETTERS else ""


TRACE_PARTS, TRACE_LETTERS = 4, 32
