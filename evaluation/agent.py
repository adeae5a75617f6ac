"""What real agents did, as the conversations that their calls would have carried."""

import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from switchgear.domain.turn import Conversation, Role, Text, Turn
from switchgear.wire.openai_chat.request import Message
from switchgear.wire.openai_chat.turn import read_turns

HERE = Path(__file__).parent / "runs"


class Run(msgspec.Struct, frozen=True):
    """One run of one agent with tools, and a simulated human."""

    number: int
    success: bool
    turns: tuple[Turn, ...]

    def cuts(self) -> list[int]:
        """Return how many turns each of its calls carried."""
        turns = self.turns
        return [at for at, turn in enumerate(turns) if turn.role is Role.ASSISTANT] + [len(turns)]


class Saying(msgspec.Struct, frozen=True):
    """What one of several agents said."""

    agent: str
    turn: Turn


class Team(msgspec.Struct, frozen=True):
    """One failed run of several agents."""

    number: int
    source: str
    sayings: tuple[Saying, ...]
    mistake: int
    """The step that people hold to be the mistake."""


def runs() -> list[Run]:
    """Return the runs of tau-bench's airline."""
    return [
        Run(number, row["reward"] == 1, _turns(row["messages"]))
        for number, row in enumerate(_rows("tau_bench_airline"))
    ]


def teams() -> list[Team]:
    """Return the runs of Who&When."""
    return [
        Team(
            number,
            row["source"],
            tuple(_saying(each) for each in row["history"]),
            int(row["mistake_step"]),
        )
        for number, row in enumerate(_rows("who_and_when"))
    ]


def talk_of(turns: Sequence[Turn]) -> Conversation:
    """Return the request that carries these turns."""
    return Conversation(model="m", turns=tuple(turns))


def _rows(name: str) -> Iterator[dict[str, Any]]:
    with gzip.open(HERE / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _turns(messages: list[dict[str, Any]]) -> tuple[Turn, ...]:
    kept = [{key: value for key, value in each.items() if value is not None} for each in messages]
    return read_turns(msgspec.convert(kept, list[Message]), [])


def _saying(row: dict[str, Any]) -> Saying:
    name = str(row.get("name") or row.get("role") or "").partition(" (")[0]
    outside = name in {"human", "user", "Computer_terminal"}
    role = Role.USER if outside else Role.ASSISTANT
    return Saying(name, Turn(role, (Text(str(row.get("content") or "")),)))
