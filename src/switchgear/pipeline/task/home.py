"""Where a task is at home: the target that serves it when all is well."""

import msgspec

from switchgear.domain.ask import Step
from switchgear.domain.mandate import Mandate
from switchgear.domain.target import Tier
from switchgear.domain.turn import Conversation
from switchgear.engine.features import step_of
from switchgear.pipeline.task.live import Live
from switchgear.ports.handler import Head

TIERS = {tier.name.lower(): tier for tier in Tier}


def home_for(live: Live, talk: Conversation) -> str:
    """Return the target that a call goes home to; empty where it is there, or in a tool loop.

    A task that was never displaced is not held anywhere by it.
    """
    away = live.course.away and step_of(talk) is Step.USER_TURN
    return live.task.home if away else ""


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
