"""What detectors look at: the moves since a human last said something new."""

from functools import lru_cache
from itertools import groupby
from operator import attrgetter

import msgspec

from switchgear.engine.loop.move import Kind, Move
from switchgear.engine.loop.ring import Ring

POLLING = frozenset({
    *("wait", "sleep", "poll", "status", "check", "progress", "monitor", "watch", "await", "ping"),
    *("pending", "heartbeat", "health", "until", "tail"),
})  # fmt: skip
"""Words in the names of tools that are meant to be called again and again."""
WRITING = frozenset({
    *("write", "edit", "create", "update", "delete", "insert", "append", "save", "send", "book"),
    *("cancel", "set", "put", "post", "add", "remove", "replace", "patch", "commit", "push"),
    *("upload", "submit", "apply", "make", "rename", "install", "publish", "pay", "upsert"),
    *("move", "order"),
})  # fmt: skip
"""Words in the names of tools that change something."""
LONGEST_NAME = 64

_turn = attrgetter("turn")


class Scene(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The moves that may be parts of a loop."""

    ring: Ring
    agent: str
    now: int
    """The newest turn."""
    mine: tuple[Move, ...]
    """Of the agent that moved last, since a human last told it something new; oldest first."""
    calls: tuple[Move, ...]
    """Those of them that are tool calls."""

    def newest(self) -> list[Move]:
        """Return the tool calls of the newest turn, each one once."""
        found: dict[bytes, Move] = {}
        for call in reversed(self.calls):
            if call.turn != self.now:
                break
            found.setdefault(call.ask, call)
        return list(found.values())

    def turns(self) -> list[list[Move]]:
        """Return the tool calls, turn by turn."""
        return [list(group) for _, group in groupby(self.calls, _turn)]


def scene_of(ring: Ring) -> Scene:
    """Return what is to be looked at."""
    agent = next(
        (move.agent for move in reversed(ring.moves) if move.kind is not Kind.HANDOFF),
        ring.moves[-1].agent,
    )
    mine: list[Move] = []
    for move in reversed(ring.moves):
        if move.agent == agent:
            if move.kind is Kind.HUMAN and move.new:
                break
            mine.append(move)
    mine.reverse()
    calls = tuple([move for move in mine if move.kind is Kind.CALL])
    return Scene(ring=ring, agent=agent, now=ring.moves[-1].turn, mine=tuple(mine), calls=calls)


def is_polling(call: Move, poll_tools: frozenset[str]) -> bool:
    """Whether a call may well be made again and again: it waits, or asks how something is."""
    return call.unready or call.tool in poll_tools or not POLLING.isdisjoint(words_of(call.tool))


def is_writing(call: Move) -> bool:
    """Whether a call changed something, as far as its tool's name tells."""
    return not call.error and not WRITING.isdisjoint(words_of(call.tool))


@lru_cache(maxsize=1_024)  # each tool is asked for again and again
def words_of(tool: str) -> tuple[str, ...]:
    """Return the words of a tool's name, in whatever manner it is written."""
    apart = "".join([f"_{each}" if each.isupper() else each for each in tool[:LONGEST_NAME]])
    if tool.isupper():
        apart = tool
    return tuple(apart.lower().replace("-", "_").replace(".", "_").split("_"))


def times(count: int) -> str:
    """Return a count as words say it."""
    return "once" if count == 1 else "twice" if count == 2 else f"{count} times"  # noqa: PLR2004  (words)
