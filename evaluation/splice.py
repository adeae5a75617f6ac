"""Loops of every kind, as an agent would go on with from a random turn of a real run."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random

import msgspec

from switchgear.domain.turn import Role, Text, ToolResult, ToolUse, Turn

THOUGHTS = (
    *("Let me check that once more.", "I should look at this again.", "Hmm, one more try."),
    *("Perhaps this time it works.", "I will verify it first.", "Let me see.", ""),
    *("The user needs this, so I look it up.", "To be sure, I ask again.", "Next step:"),
)
REASONS = (
    *("the customer asks about a refund", "this is about an invoice", "not my department"),
    *("they know more about it", "a change of plans", "needs another look", "billing matter"),
)
IDS = ("fresh", "constant", "missing")
"""How a client names its tool calls."""

Event = tuple[Turn, ...]
"""One round of a loop: what the assistant does, and what comes back."""


class Call(msgspec.Struct, frozen=True):
    """A tool call of the run, and its result."""

    tool: str
    arguments: dict[str, object]
    result: str


class Hand:
    """Writes the rounds of one loop, each a little different in what does not matter."""

    def __init__(self, turns: Sequence[Turn], rng: Random) -> None:
        """Take calls from the turns of a run."""
        self.rng = rng
        self.calls = _calls(turns)
        self._ids = rng.choice(IDS)
        self._stamped = rng.random() < 0.5
        self._second = 0

    def call(self, tool: str, arguments: Mapping[str, object], result: str) -> Event:
        """Return one tool call, with another thought, id and time than the last."""
        rng = self.rng
        self._second += rng.randint(1, 900)
        name = {"fresh": f"call_{rng.getrandbits(64):x}", "constant": "call_0", "missing": ""}
        keys = list(arguments)
        rng.shuffle(keys)
        written = {key: arguments[key] for key in keys}
        if self._stamped:
            written["request_id"] = f"{rng.getrandbits(64):x}"
            result = self._dated(result)
        use = ToolUse(
            id=name[self._ids],
            name=tool,
            arguments=json.dumps(written, indent=rng.choice((None, 1))),
        )
        thought = rng.choice(THOUGHTS)
        said = (Text(f"{thought} ({self._second})"),) if thought else ()
        answer = ToolResult(id=use.id, parts=(Text(result),))
        return Turn(Role.ASSISTANT, (*said, use)), Turn(Role.USER, (answer,))

    def say(self, text: str) -> Event:
        """Return one text, and an answer that is always the same."""
        return Turn(Role.ASSISTANT, (Text(text),)), Turn(Role.USER, (Text("Please go on."),))

    def some(self, count: int) -> list[Call]:
        """Return different calls of the run, and others where it has too few."""
        rng = self.rng
        found = rng.sample(self.calls, min(count, len(self.calls)))
        return found + [
            Call(f"look_up_{place}", {"page": place}, f"Page {place} has nothing of interest.")
            for place in range(count - len(found))
        ]

    def _dated(self, result: str) -> str:
        hour, rest = divmod(self._second, 3600)
        time = f"2026-05-20T{hour % 24:02}:{rest // 60:02}:{rest % 60:02}Z"
        if result.startswith("{") and result.endswith("}") and len(result) > len("{}"):
            return f'{{"checked_at": "{time}", {result[1:]}'
        return f"[{time}] {result}\n(took {self.rng.randint(1, 999)} ms)"


def exact_repeat(hand: Hand) -> Iterator[Event]:
    """Make one call again and again."""
    one = hand.some(1)[0]
    while True:
        yield hand.call(one.tool, one.arguments, one.result)


def cycle(hand: Hand, period: int) -> Iterator[Event]:
    """Make a few calls in turn."""
    some = hand.some(period)
    while True:
        for one in some:
            yield hand.call(one.tool, one.arguments, one.result)


def same_error(hand: Hand) -> Iterator[Event]:
    """Get the same error, whatever the arguments."""
    while True:
        number = hand.rng.randint(1000, 9999)
        error = f"Error: payment method card_{number} not found for /data/users/{number}.json"
        yield hand.call("book_reservation", {"payment_id": f"card_{number}"}, error)


def error_streak(hand: Hand) -> Iterator[Event]:
    """Get one error after the other, from one tool after the other."""
    words = ("seat", "fare", "gate", "crew", "meal", "route", "bag", "visa", "lounge", "crate")
    while True:
        for word in words:
            error = json.dumps({"error": f"the {word} service does not answer"})
            yield hand.call(f"find_{word}", {"n": hand.rng.random()}, error)


def ping_pong(hand: Hand) -> Iterator[Event]:
    """Hand over and back, each time for another reason."""
    while True:
        for agent in ("billing", "sales"):
            reason = f"{hand.rng.choice(REASONS)} {hand.rng.random():.3f}"
            yield hand.call(f"transfer_to_{agent}", {"reason": reason}, f"You are {agent} now.")


def chain(hand: Hand) -> Iterator[Event]:
    """Hand over to one agent after the other."""
    number = 0
    while True:
        number += 1
        task = {"agent": f"expert_{number}", "message": hand.rng.choice(REASONS)}
        yield hand.call("handoff", task, "done")


def repeated_text(hand: Hand) -> Iterator[Event]:
    """Say the same."""
    while True:
        yield hand.say("I am looking into your request and will be back with you shortly.")


def near_text(hand: Hand) -> Iterator[Event]:
    """Say nearly the same."""
    while True:
        words = " ".join(f"point {place} of the plan stays as it is," for place in range(20))
        yield hand.say(f"As said, {words} and this is version {hand.rng.random():.6f}.")


def nothing_new(hand: Hand) -> Iterator[Event]:
    """Look here and there, and find nothing."""
    while True:
        page = {"query": f"flights {hand.rng.random():.6f}"}
        yield hand.call("search", page, hand.rng.choice(("[]", "No results found.", "null")))


def polling(hand: Hand) -> Iterator[Event]:
    """Wait for something that does not come."""
    while True:
        yield hand.call("get_job_status", {"job": 7}, '{"state": "still running"}')


KINDS: tuple[tuple[str, str, int, Callable[[Hand], Iterator[Event]]], ...] = (
    ("one call", "exact_repeat", 4, exact_repeat),
    *(
        (f"cycle of {period}", "cycle", 3 * period, lambda hand, period=period: cycle(hand, period))
        for period in range(2, 7)
    ),
    ("one error", "same_error", 5, same_error),
    ("any errors", "same_error", 8, error_streak),
    ("there and back", "ping_pong", 6, ping_pong),
    ("ever further", "ping_pong", 9, chain),
    ("one text", "repeated_text", 3, repeated_text),
    ("polling", "exact_repeat", 8, polling),
    ("near texts", "near_text", 3, near_text),
    ("empty results", "no_new_information", 8, nothing_new),
)
"""What it is called, the signal that is due, after how many events, and what makes it."""


def _calls(turns: Sequence[Turn]) -> list[Call]:
    """Return the calls of a run that changed nothing and went well, each one once."""
    uses: dict[str, ToolUse] = {}
    found: dict[str, Call] = {}
    for turn in turns:
        for part in turn.parts:
            if isinstance(part, ToolUse):
                uses[part.id] = part
            elif isinstance(part, ToolResult) and part.id in uses:
                use = uses[part.id]
                text = "".join([each.text for each in part.parts if isinstance(each, Text)])
                if use.name.startswith(("get_", "search_", "list_")) and text[:5] != "Error":
                    arguments = json.loads(use.arguments)
                    found[use.name + use.arguments] = Call(use.name, arguments, text)
    return list(found.values())
