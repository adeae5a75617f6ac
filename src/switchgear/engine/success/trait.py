"""What of a call the success model looks at: its groups, its counts, and hashes of its words."""

import msgspec

from switchgear.domain.ask import Ask, Step


class Traits(msgspec.Struct, frozen=True, gc=False):
    """One call, as the model sees it."""

    cells: tuple[str, ...]
    """Keys of the groups that it belongs to, from the most general to the most special."""
    dense: tuple[float, ...]
    """Its counts, scaled."""
    grams: bytes
    """Hashes of its words and pairs of words, two bytes each."""
    step: Step = Step.USER_TURN


def traits_of(ask: Ask) -> Traits:
    """Return what the model looks at; pure arithmetic on what the ask holds already."""
    step = ask.step.value
    route = f"{ask.model}|{step}"
    agent = f"{ask.model}|{ask.agent}|{step}"
    special = f"{ask.model}|{ask.agent}|{ask.tools_digest}|{ask.system_digest}|{step}"
    chain = dict.fromkeys(("", step, route, agent, special))
    return Traits(tuple(chain), (), ask.grams, ask.step)
