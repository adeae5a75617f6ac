"""One call on the ledger: a decision row and its attempts."""

from enum import Enum

import msgspec

from switchgear.domain.account import Charge
from switchgear.domain.ask import Ask
from switchgear.domain.attempt import Attempt
from switchgear.domain.caller import Mode
from switchgear.domain.decision import Decision
from switchgear.domain.dialect import Dialect
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.odds import NO_ODDS, Odds
from switchgear.domain.situation import Situation
from switchgear.domain.units import NanoUsd, Seconds, UnixMs


class End(Enum):
    """What became of a call."""

    ANSWERED = "answered"
    CUT = "cut"
    """The target broke off after content; the caller was told."""
    LEFT = "left"
    """The caller went away before the end."""
    FAILED = "failed"
    """The caller got an error."""


class Entry(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """All that is kept of one call. Content is here only as a digest, unless bodies are kept."""

    id: str
    at: UnixMs
    dialect: Dialect
    stream: bool
    endpoint: Endpoint = Endpoint.ANSWER
    """What was wanted."""
    model: str
    """What the caller asked for."""
    key: str = ""
    tenant: str = ""
    task: str = ""
    agent: str = ""
    task_name: str = ""
    """What the caller calls the task; ``task`` is its id."""
    task_source: str = ""
    """What told which task it is; see ``Identity``."""
    task_confidence: float = 0.0
    parent_task: str = ""
    """Id of the task that its task is part of."""
    step: int = 0
    """Which call of its task it is, from 1; 0 where no task is known."""
    rung: str = ""
    """What was done about a loop; empty for nothing."""
    signals: tuple[str, ...] = ()
    """Codes of what was seen of that."""
    evidence: str = ""
    """The same for people; never content."""
    given: tuple[tuple[str, int], ...] = ()
    """Entries of its task's context that were put into it, with their revisions."""
    handoff: str = ""
    """Id of the hand-off whose package was put into it."""
    mode: Mode = Mode.ROUTE
    end: End
    code: str = ""
    """Error code; empty when answered, ``client_left`` when the caller went away."""
    status: int
    """The HTTP status that the caller saw; 499 when it left."""
    target: str = ""
    """Who answered, or was cut; empty when nobody gave content."""
    cost: NanoUsd = NanoUsd(0)
    """Of all attempts."""
    first_content: Seconds | None = None
    """After arrival."""
    took: Seconds
    """From arrival to the end."""
    own: Seconds | None = None
    """Our part of the time to the first content."""
    baseline: NanoUsd | None = None
    """In observe mode: what the target that was asked for was expected to cost."""
    digest: str = ""
    """BLAKE2b-128 of the request body, hexadecimal."""
    ask: Ask | None = None
    """None when the call was refused before it was read."""
    situation: Situation | None = None
    decision: Decision | None = None
    odds: Odds = NO_ODDS
    """What was learnt, as far as the decision was made from it."""
    left_out: tuple[str, ...] = ()
    """Stages of ours that were skipped, because they would have cost more than they save."""
    attempts: tuple[Attempt, ...] = ()
    skipped: tuple[str, ...] = ()
    """Targets of the plan that were passed over, each with the code of what was in the way:
    ``small(over_budget)``. Without one, its breaker admitted no more, or time was up."""
    replayed: str = ""
    """The decision whose answer this call got; empty when it had its own."""
    bytes_in: int = 0
    """Of what is passed through: bytes of the request's body that came."""
    bytes_out: int = 0
    """And of the answer's body that went out."""
    waited: Seconds = Seconds(0.0)
    """For a place, in all."""
    charges: tuple[Charge, ...] = ()
    """What is settled in the same transaction that keeps this entry. They are not columns of it:
    the sum of their money is ``cost``."""
    request: bytes | None = None
    """The request body, only where the owner keeps bodies."""
