"""Where a task is at home: the target that serves it when all is well."""

import msgspec

from switchgear.domain.ask import Step
from switchgear.domain.mandate import Mandate
from switchgear.domain.target import Tier
from switchgear.domain.turn import Conversation, Role
from switchgear.engine.features import step_of
from switchgear.pipeline.task.live import Live
from switchgear.ports.handler import Head

TIERS = {tier.name.lower(): tier for tier in Tier}


def at_home(mandate: Mandate, live: Live, talk: Conversation) -> Mandate:
    """Return the mandate with where the task is at home, where its user speaks anew.

    A task that was displaced is held there, so that it goes home. One that was not is held nowhere,
    but whoever served it so far may have what was said in its prompt cache.
    """
    home = live.task.home
    if not home or step_of(talk) is not Step.USER_TURN:
        return mandate
    if live.course.away:
        return msgspec.structs.replace(mandate, home=home)
    if any(turn.role is Role.ASSISTANT for turn in talk.turns):
        return msgspec.structs.replace(mandate, warm=home)
    return mandate


def learn(live: Live, mandate: Mandate, head: Head) -> None:
    """Take note of who serves a task, and whether that is where it is at home."""
    course = live.course
    course.tier = TIERS.get(head.tier, course.tier)
    home = live.task.home
    if course.away:
        course.away = head.target != home
    elif mandate.first or head.instead:
        home = home or head.instead
        course.away = home not in {"", head.target}
    else:
        home = head.target
    if home != live.task.home:
        live.task = msgspec.structs.replace(live.task, home=home)
        live.dirty = True
