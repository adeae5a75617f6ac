"""Long conversations over two models with a prompt cache each: what is read again, and paid."""

import gzip
import json
from collections import Counter
from collections.abc import Sequence
from enum import Enum
from random import Random

import msgspec
from evaluation.routing.asked import asked
from evaluation.routing.chooser import NOW, RULES, VERSION, policy_of
from evaluation.routing.item import DATA, MILLION
from evaluation.routing.target import CACHED, WRITTEN, target_of

from switchgear.domain.ask import Ask, Step
from switchgear.domain.odds import Chance, Odds
from switchgear.domain.situation import Availability, Fault, Reading, Situation
from switchgear.domain.units import Tokens
from switchgear.engine.decide import decide

BLOCK = 512
"""Tokens of a prompt that one id stands for."""
MINUTE_MS = 60_000
OUT_EVERY, OUT_FOR = 30, 1
"""Minutes: each model is out of order for so long, so often, at different times."""
SEED = 29
MOST_INPUT = 100_000
"""Tokens that both have room for; five requests in a thousand are longer."""
FIRST = 1
"""Blocks that all conversations share: a system prompt."""
WEAK, STRONG = "gemini-1.5-flash", "gemini-1.5-pro"
PRICES = {WEAK: (0.075, 0.3), STRONG: (3.5, 10.5)}
TARGETS = tuple(target_of(name, *price) for name, price in PRICES.items())


class Request(msgspec.Struct, frozen=True):
    """One request of the trace."""

    at_ms: int
    input: int
    output: int
    blocks: tuple[int, ...]
    """Each id stands for all of the prompt up to there."""


class Way(Enum):
    """How each request finds its model."""

    PINNED = "pinned"
    """Where the conversation began; nothing is ever out of order."""
    NAIVE = "naive"
    """By its own score."""
    RULED = "ruled"
    """As a turn of a user whose conversation some target served so far."""
    HELD = "held"
    """As a step of a loop that a target holds."""
    ALWAYS = "always"
    """The strong one."""


class Paid(msgspec.Struct, frozen=True):
    """What came of the whole trace."""

    tokens: int
    """Of all prompts."""
    read: int
    """Of them, those that were in no cache where they went."""
    usd: float
    switched: int
    """Requests that went elsewhere than the one before them in their conversation."""
    took: dict[str, int]


def requests(count: int = 0) -> list[Request]:
    """Return the trace, or so many of its first requests."""
    with gzip.open(DATA / "mooncake_conversation.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return [
        Request(row["timestamp"], row["input_length"], row["output_length"], tuple(row["hash_ids"]))
        for row in (rows[:count] if count else rows)
    ]


def parents(trace: Sequence[Request]) -> list[int | None]:
    """Return of each request the one that it goes on from: the last with the same beginning."""
    owners: dict[int, int] = {}
    found: list[int | None] = []
    for number, each in enumerate(trace):
        shared = 0
        while shared < len(each.blocks) and each.blocks[shared] in owners:
            shared += 1
        found.append(owners[each.blocks[shared - 1]] if shared > FIRST else None)
        owners.update(dict.fromkeys(each.blocks, number))
    return found


class Trip:
    """The whole trace, one way."""

    def __init__(self, way: Way, worth: float, said: Sequence[tuple[float, float]]) -> None:
        """Take how requests go, what a right answer is worth, and chances of weak and strong."""
        self._way, self._said, self._chance = way, said, Random(SEED)
        self._policy = policy_of(TARGETS, ["auto"], worth)
        self._ask = asked("Go on.")
        self._caches: dict[str, set[int]] = {each.id: set() for each in TARGETS}

    def run(self, trace: Sequence[Request]) -> Paid:
        """Route all requests."""
        came, went = parents(trace), list[str]()
        tokens = read = switched = 0
        usd = 0.0
        for each, parent in zip(trace, came, strict=True):
            before = "" if parent is None else went[parent]
            name = self._to(each, before)
            went.append(name)
            anew = self._read(each, name)
            tokens, read = tokens + each.input, read + anew
            switched += before not in {"", name}
            usd += _usd(each, name, anew)
        return Paid(tokens, read, usd, switched, dict(Counter(went)))

    def _to(self, each: Request, before: str) -> str:
        weak, strong = self._chance.choice(self._said)
        if self._way is Way.ALWAYS:
            return STRONG
        if self._way is Way.PINNED and before:
            return before
        chances = (Chance(WEAK, weak, 0.05, sure=True), Chance(STRONG, strong, 0.05, sure=True))
        ask = self._asked(each, before)
        now = NOW if self._way is Way.PINNED else _situation(each.at_ms)
        odds = Odds(version=VERSION, chances=chances)
        return decide(ask, now, self._policy, RULES, odds).winner

    def _asked(self, each: Request, before: str) -> Ask:
        held = before if self._way is Way.HELD else ""
        return msgspec.structs.replace(
            self._ask,
            input_tokens=Tokens(min(each.input, MOST_INPUT)),
            step=Step.TOOL_RESULT if held else Step.USER_TURN,
            held=held,
            warm=before if self._way is Way.RULED else "",
        )

    def _read(self, each: Request, name: str) -> int:
        """Return the tokens that are not in the cache there, and put them in."""
        cache = self._caches[name]
        known = 0
        while known < len(each.blocks) and each.blocks[known] in cache:
            known += 1
        cache.update(each.blocks)
        return each.input - min(each.input, known * BLOCK)


def more_read(ours: Paid, pinned: Paid) -> float:
    """Return by which share more of the prompts is read than where nothing ever switches."""
    return ours.read / pinned.read - 1


def _situation(at_ms: int) -> Situation:
    minute = at_ms // MINUTE_MS
    out = {
        each.id: Reading(availability=Availability.REFUSING, fault=Fault.FAILED)
        for number, each in enumerate(TARGETS)
        if (minute + number * OUT_EVERY // 2) % OUT_EVERY < OUT_FOR
    }
    return Situation(id=",".join(out), readings=out) if out else NOW


def _usd(each: Request, name: str, anew: int) -> float:
    price_in, price_out = PRICES[name]
    read = anew * WRITTEN + (each.input - anew) * CACHED
    return (read * price_in + each.output * price_out) / MILLION
