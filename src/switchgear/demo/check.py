"""Whether what the demo shows is true: its own counts against the gateway's and the providers'."""

import msgspec

from switchgear.demo.agent import Errand
from switchgear.demo.errand import AMOUNT
from switchgear.demo.traffic import OK, Served
from switchgear.engine.task import looks_minted

LEAST_STEPS = 6
LEAST_TARGETS = 2
CENT_OF_CENT = 0.0001
"""US dollars: how far two sums of rounded costs may be apart."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """All counts that must agree."""

    served: tuple[Served, ...]
    errand: Errand
    rows: tuple[str, ...]
    """Decision ids on the ledger."""
    answered: int
    """By all providers together."""
    victim: str
    """The provider that failed in the middle of the errand."""
    usd: float
    """Our sum, from tokens and prices."""
    told_usd: float
    """The gateway's."""


def untrue(seen: Seen) -> list[str]:
    """Return a sentence for everything that is not as it should be; nothing when all is well."""
    return [*_lost(seen), *_miscounted(seen), *_unfinished(seen.errand, seen.victim)]


def _lost(seen: Seen) -> list[str]:
    bad = [one for one in seen.served if one.status != OK]
    said = [f"{len(bad)} prompts got no answer; the first: {bad[0].words}"] if bad else []
    ids = _ids(seen)
    if len(set(ids)) != len(ids) or "" in ids:
        said.append("some calls carry no decision id of their own")
    return said


def _miscounted(seen: Seen) -> list[str]:
    ids = _ids(seen)
    said = []
    if sorted(seen.rows) != sorted(ids):
        said.append(f"the ledger has {len(seen.rows)} rows for {len(ids)} calls")
    if seen.answered != len(ids):
        said.append(f"the providers answered {seen.answered} times to {len(ids)} calls")
    if abs(seen.usd - seen.told_usd) > CENT_OF_CENT:
        said.append(f"the gateway says {seen.told_usd:.6f} USD, the tokens say {seen.usd:.6f}")
    return said


def _unfinished(errand: Errand, victim: str) -> list[str]:
    steps = errand.steps
    said = []
    if not errand.finished or AMOUNT not in errand.words:
        bad = [step.what for step in steps if step.status != OK] or [errand.words]
        said.append(f"the agent did not finish: {bad[0]}")
    if len(steps) < LEAST_STEPS or len({step.target for step in steps}) < LEAST_TARGETS:
        said.append("the agent took too few steps, or they all went to one target")
    if not victim or not any(step.attempts > 1 for step in steps):
        said.append("no provider failed in the middle, so no fallback was shown")
    tasks = {step.task for step in steps}
    if len(tasks) != 1 or not all(map(looks_minted, tasks)):
        said.append("the gateway did not take the agent's steps for one task")
    return said


def _ids(seen: Seen) -> list[str]:
    prompts = [one.decision for one in seen.served]
    return prompts + [step.decision for step in seen.errand.steps]
