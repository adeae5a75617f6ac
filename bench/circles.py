"""Measure what it costs to look for loops, on the CPU alone."""

import json
import time
from collections.abc import Callable

from switchgear.domain.turn import Conversation, Role, Text, ToolResult, ToolUse, Turn
from switchgear.engine.loop.detect import detect
from switchgear.engine.loop.read import moves_of
from switchgear.engine.loop.ring import EMPTY, Ring
from switchgear.engine.loop.tolerance import Tolerance

TOLERANCE = Tolerance()
MESSAGES = 200
FLIGHTS = 9
"""Rows in each result, so that all messages together are some 227 kB of JSON."""
BATCHES = 60
"""Of each round; the best one counts, to leave out what others did on the core."""


def figures(rounds: int) -> dict[str, list[float]]:
    """Return what each figure came to in every round."""
    long, small = _talk(MESSAGES), _talk(3)
    before = Conversation(model="m", turns=long.turns[:-2])
    known = EMPTY.add(moves_of(before, EMPTY))
    return {
        "loops_anew_ms": [best_of(lambda: _look(long, EMPTY), 5) * 1e3 for _ in range(rounds)],
        "loops_next_us": [best_of(lambda: _look(long, known), 20) * 1e6 for _ in range(rounds)],
        "loops_small_us": [best_of(lambda: _look(small, EMPTY), 50) * 1e6 for _ in range(rounds)],
    }


def _look(talk: Conversation, ring: Ring) -> object:
    return detect(ring.add(moves_of(talk, ring)), TOLERANCE)


def best_of(act: Callable[[], object], times: int) -> float:
    """Return the seconds that one turn of ``act`` takes in the best of many batches."""
    best = float("inf")
    for _ in range(BATCHES):
        began = time.perf_counter()
        for _ in range(times):
            act()
        best = min(best, time.perf_counter() - began)
    return best / times


def _talk(messages: int) -> Conversation:
    """Return a run of so many messages: an agent that looks for flights, ever others."""
    turns = [
        Turn(Role.SYSTEM, (Text("You are an airline's agent. " * 20),)),
        Turn(Role.USER, (Text("Find me a flight to Seattle, please."),)),
    ]
    for number in range(messages // 2 - 1):
        fields = {"origin": "JFK", "destination": "SEA", "day": number}
        use = ToolUse(id=f"call_{number}", name="search_flight", arguments=json.dumps(fields))
        said = Text(f"I look at day {number}, as the days before had nothing that fits.")
        result = ToolResult(id=use.id, parts=(Text(_flights(number)),))
        turns += [Turn(Role.ASSISTANT, (said, use)), Turn(Role.USER, (result,))]
    if messages % 2:
        turns.append(Turn(Role.ASSISTANT, (Text("Shall I book it?"),)))
    return Conversation(model="m", turns=tuple(turns))


def _flights(day: int) -> str:
    return json.dumps(
        [
            {
                "flight_number": f"HAT{day:03}{row}",
                "origin": "JFK",
                "destination": "SEA",
                "scheduled_departure_time_est": f"{row + 6:02}:00:00",
                "scheduled_arrival_time_est": f"{row + 12:02}:00:00",
                "available_seats": {"economy": row + day, "business": 3},
                "prices": {"economy": 121 + row, "business": 239 + day},
            }
            for row in range(FLIGHTS)
        ]
    )


if __name__ == "__main__":
    found = figures(3)
    print(json.dumps({name: [round(value, 2) for value in found[name]] for name in found}))
