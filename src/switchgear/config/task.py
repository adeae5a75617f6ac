"""What the config says of tasks, as their layers take it."""

import msgspec

from switchgear.config.price import nano
from switchgear.config.setup import Contexts, Supervision, Ticketing
from switchgear.config.supervision import CapsEntry, LoopsEntry, TasksEntry
from switchgear.domain.looping import Looping, Stance
from switchgear.domain.task import AtCap, Caps
from switchgear.domain.units import Seconds, Tokens


def supervision_of(entry: TasksEntry) -> Supervision:
    """Return what holds for every task."""
    return Supervision(
        lifetime=Seconds(entry.lifetime_h * 3600),
        caps=caps_of(entry.caps),
        tool=entry.tool,
        reserve=entry.reserve,
        loops=_looping(entry.loops),
        context=Contexts(insert=entry.context.insert, tokens=Tokens(entry.context.tokens)),
        tickets=Ticketing(
            deadline=Seconds(entry.tickets.deadline_s), default=entry.tickets.default
        ),
    )


def caps_of(entry: CapsEntry) -> Caps:
    """Return what each task may use; the action at a cap is always said."""
    return Caps(
        steps=entry.steps,
        depth=entry.depth,
        fan_out=entry.fan_out,
        tokens=None if entry.tokens is None else Tokens(entry.tokens),
        money=None if entry.usd is None else nano(entry.usd),
        wall=None if entry.wall_s is None else Seconds(entry.wall_s),
        at_cap=entry.at_cap or AtCap.STOP,
    )


def _looping(entry: LoopsEntry) -> Looping:
    said = msgspec.structs.asdict(entry.signals)
    return Looping(
        stance=Stance(entry.mode),
        highest=entry.highest,
        patience=entry.patience,
        final=entry.final,
        escalate_to=entry.escalate_to,
        poll_tools=entry.poll_tools,
        signals=tuple((code, Stance(name)) for code, name in said.items() if name is not None),
    )
