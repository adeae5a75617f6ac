"""Put together what the engine may know of one call."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet

import msgspec

from switchgear.domain.ask import Ask, Shape
from switchgear.domain.body import Body
from switchgear.domain.caller import Caller
from switchgear.domain.mandate import NO_MANDATE, Mandate
from switchgear.domain.target import Tier
from switchgear.domain.turn import Conversation
from switchgear.domain.units import Tokens
from switchgear.engine import features
from switchgear.engine.addition import widened
from switchgear.engine.gram import grams_of


class Chances(msgspec.Struct, frozen=True, kw_only=True):
    """What the route layer adds that is not in the body."""

    held: str = ""
    """Target that holds the tool loop, or what was said so far."""
    warm: str = ""
    """Target that served the conversation so far."""
    unfit: tuple[tuple[str, str], ...] = ()
    """Tool targets whose arguments are missing or wrong."""
    draw: float = 0.0
    mandate: Mandate = NO_MANDATE
    """What its task demands."""
    count: Callable[[Shape], Tokens] = features.input_tokens
    """What estimates the input."""
    grams: bool = False
    """Hashes of its words are wanted, to learn from."""


def ask_of(body: Body, caller: Caller, known: AbstractSet[str], chances: Chances) -> Ask:
    """Return the facts of one call.

    Shapes: ``known`` names the metadata that some condition reads; no other is kept.
    """
    talk = body.conversation
    shape = features.survey(talk)
    key, wishes, mandate = caller.key, caller.wishes, chances.mandate
    if mandate.edits:
        shape = widened(shape, mandate.edits)
    identity = mandate.identity
    return Ask(
        model=body.model,
        dialect=body.dialect,
        stream=body.stream,
        step=features.step_of(talk),
        shape=shape,
        input_tokens=chances.count(shape),
        max_output=None if talk.max_output is None else Tokens(talk.max_output),
        needs=features.needs_of(talk, shape),
        system_digest=features.system_digest(talk),
        tools_digest=features.tools_digest(talk),
        held=chances.held,
        warm=chances.warm,
        floor=_higher(wishes.floor, mandate.floor),
        ceiling=mandate.ceiling,
        first=mandate.first,
        beyond=mandate.beyond,
        key=key.id,
        tenant=key.tenant,
        agent=identity.agent or wishes.agent,
        task=identity.task,
        task_name=identity.name or wishes.task,
        task_step=mandate.step,
        metadata=_metadata(talk, caller, known) if known else (),
        regions=key.regions,
        sensitivity=key.sensitivity,
        allow=key.targets,
        tiers=key.tiers,
        unfit=chances.unfit,
        draw=chances.draw,
        service=talk.service,
        grams=grams_of(features.last_text(talk)) if chances.grams else b"",
    )


def _higher(one: Tier | None, other: Tier | None) -> Tier | None:
    if one is None or other is None:
        return other if one is None else one
    return max(one, other)


def _metadata(
    talk: Conversation, caller: Caller, known: AbstractSet[str]
) -> tuple[tuple[str, str], ...]:
    said = dict(talk.metadata)
    if talk.end_user:
        said.setdefault("user_id", talk.end_user)
    said.update(caller.key.metadata)
    return tuple(sorted((name, value) for name, value in said.items() if name in known))
