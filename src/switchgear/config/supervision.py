"""The part of the config file that says what tasks may use, and what is done about loops."""

from typing import Annotated, Literal

import msgspec

from switchgear.config.part import Entry, Share
from switchgear.config.spending import Few, Many, Usd
from switchgear.domain.looping import Final
from switchgear.domain.task import AtCap

StanceName = Literal["act", "observe", "off"]
RungName = Literal["observe", "nudge", "escalate", "restrict", "pause", "stop"]
Week = Annotated[float, msgspec.Meta(ge=0, le=604_800)]
Generations = Annotated[int, msgspec.Meta(ge=0, le=64)]


class CapsEntry(Entry, frozen=True, kw_only=True):
    """What each task may use in one life, its children included; 0 is nothing, not any."""

    steps: Many | None = None
    """Calls that reach a target. Default: any."""
    depth: Generations | None = None
    """Generations of tasks below it. Default: any."""
    fan_out: Few | None = None
    """Children that are open at once. Default: any."""
    tokens: Many | None = None
    """Tokens, input and output together. Default: any."""
    usd: Usd | None = None
    """US dollars. Default: any."""
    wall_s: Week | None = None
    """Seconds since it began. Default: any."""
    at_cap: AtCap | None = None
    """What happens there: ``wrap_up`` (tools off, one final answer), ``downgrade`` (cheaper targets
    serve what is left), ``tool`` (the target of ``tool`` answers), ``ticket`` (it is paused, and a
    human is asked for more), ``pause`` (until the cap is raised) or ``stop``. Default: ``stop``."""


class SignalsEntry(Entry, frozen=True, kw_only=True):
    """What is done about each signal: ``act``, ``observe`` (only written down) or ``off``."""

    exact_repeat: StanceName | None = None
    """The same tool, arguments and result again and again. Default: ``act``."""
    cycle: StanceName | None = None
    """The same few calls in turn. Default: ``act``."""
    same_error: StanceName | None = None
    """One tool, one error, whatever the arguments. Default: ``act``."""
    ping_pong: StanceName | None = None
    """Agents hand the task back and forth. Default: ``act``."""
    fan_out: StanceName | None = None
    """Children open too fast, too many, too deep. Default: ``act``."""
    futile_retry: StanceName | None = None
    """The same call again after our own refusal. Default: ``act``."""
    no_new_information: StanceName | None = None
    """Results that are empty or known, nothing written. Default: ``observe``."""
    repeated_text: StanceName | None = None
    """The assistant says the same again without a new result. Default: ``act``."""
    near_text: StanceName | None = None
    """The assistant says nearly the same again. Default: ``observe``."""
    growth: StanceName | None = None
    """The input grows, and there is no new result. Default: ``observe``."""


class LoopsEntry(Entry, frozen=True, kw_only=True):
    """How loops are looked for, and how far is gone against them."""

    mode: StanceName = "act"
    """``observe`` only writes down what is seen; ``off`` does not look. Default: ``act``."""
    highest: RungName = "stop"
    """The highest rung that is climbed. Default: ``stop``."""
    patience: Annotated[int, msgspec.Meta(ge=1, le=100)] = 2
    """A rung that was ignored so often is left for the next. Default: 2."""
    final: Final = Final.ERROR
    """How a client learns that its task was stopped: ``error`` (422), or ``message``, a final
    answer of ours. Default: ``error``."""
    escalate_to: tuple[str, ...] = ()
    """Target ids that a looping task is sent to. Default: stronger ones."""
    poll_tools: tuple[str, ...] = ()
    """Tools that are meant to be called again and again, beside those whose names say so, such as
    ``wait``. Default: none."""
    signals: SignalsEntry = SignalsEntry()
    """What is done about each signal."""


class ContextEntry(Entry, frozen=True, kw_only=True):
    """When the context of a task is put into its calls."""

    insert: bool = False
    """Into all calls of tasks that have one; else where a task says so. Default: false."""
    tokens: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 2000
    """Tokens that it may take. Default: 2,000."""


class TicketsEntry(Entry, frozen=True, kw_only=True):
    """How long humans may take to answer, and what holds when nobody does."""

    deadline_s: Annotated[float, msgspec.Meta(gt=0, le=31_536_000)] = 86_400.0
    """Seconds. Default: 86,400."""
    default: Literal["approve", "deny"] = "deny"
    """What is decided then. Default: ``deny``."""


class TasksEntry(Entry, frozen=True, kw_only=True):
    """What holds for every task: a piece of work that an agent does over many calls."""

    lifetime_h: Annotated[float, msgspec.Meta(gt=0, le=8760)] = 24.0
    """Hours without a call after which a task begins anew, its caps whole again. Default: 24."""
    caps: CapsEntry = CapsEntry()
    """What each may use. A task may be opened with less; more takes the right ``admin``."""
    tool: str = ""
    """Target id of the tool that answers for ``at_cap: tool``. Default: none."""
    reserve: Share = 0.05
    """Share of each cap that is kept for the final answer where the action is ``wrap_up``, of steps
    at least one. Default: 0.05."""
    loops: LoopsEntry = LoopsEntry()
    """What is done about loops."""
    context: ContextEntry = ContextEntry()
    """When their contexts are put into calls."""
    tickets: TicketsEntry = TicketsEntry()
    """How humans are waited for."""
