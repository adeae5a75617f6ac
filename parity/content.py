"""What calls and answers say: every feature, as far as the two dialects have words for it."""

from collections.abc import Awaitable, Callable, Iterable, Sequence

from parity.cell import ImpossibleError, require
from parity.client import Seen
from parity.provider import DECISION, says
from parity.stage import Stage

from switchgear.domain.event import Event
from switchgear.wire.carriage import (
    Carriage,
    Fate,
    carry_answer,
    carry_request,
    heard,
    spoken,
)
from switchgear.wire.registry import TONGUES
from switchgear.wire.specimen import SPECIMENS, Specimen
from switchgear.wire.utterance import UTTERANCES, Utterance

ASKED = {each.name: each for each in SPECIMENS}
SAID = {each.name: each for each in UTTERANCES}


def asking(*names: str) -> Callable[[Stage], Awaitable[None]]:
    """Return an act that asks with each of these features."""

    async def act(stage: Stage) -> None:
        fates = []
        async with stage.gateway():
            for specimen in (ASKED[name] for name in names):
                fates.append(found := _request_fate(stage, specimen))
                if found.fate is not Fate.ABSENT:
                    await _ask(stage, specimen, found)
        _nothing_to_say(stage.column.caller.value, fates)

    return act


def saying(*names: str) -> Callable[[Stage], Awaitable[None]]:
    """Return an act in which the target's answer has each of these features."""

    async def act(stage: Stage) -> None:
        fates = []
        async with stage.gateway():
            for each in (SAID[name] for name in names):
                fates.append(found := _answer_fate(stage, each))
                if found.fate is not Fate.ABSENT:
                    await _say(stage, each, found)
        _nothing_to_say(stage.column.target.value, fates)

    return act


def _nothing_to_say(dialect: str, fates: Iterable[Carriage]) -> None:
    if all(each.fate is Fate.ABSENT for each in fates):
        raise ImpossibleError(f"{dialect} has no words for it")


def _request_fate(stage: Stage, specimen: Specimen) -> Carriage:
    column = stage.column
    return carry_request(specimen, TONGUES[column.caller], TONGUES[column.target])


async def _ask(stage: Stage, specimen: Specimen, fate: Carriage) -> None:
    column = stage.column
    asked = heard(specimen, TONGUES[column.caller], TONGUES[column.target])
    if asked is None:
        return
    seen = await stage.good(stage.body(asked))
    got = specimen.look(stage.scene.heard[-1].conversation)
    if not column.crosses or fate.fate is Fate.CARRIED:
        wanted = specimen.look(TONGUES[column.caller].parse(stage.body(asked)).conversation)
        require(got == wanted, f"{specimen.name}: {wanted!r} became {got!r}")
        return
    require(fate.fate is not Fate.LOST, f"{specimen.name} is lost: {fate.how}")
    named(stage, seen, specimen.name, fate)


def named(stage: Stage, seen: Seen, feature: str, fate: Carriage) -> None:
    """Check that the header names what was dropped; let the cell say it."""
    stage.note(f"{feature} is {fate.fate.value}: {fate.how}")
    if fate.fate is Fate.DROPPED:
        missing = [name for name in fate.how.split(", ") if name not in seen.dropped]
        require(not missing, f"{feature}: x-switchgear-dropped is {seen.dropped!r}")


def _answer_fate(stage: Stage, each: Utterance) -> Carriage:
    column = stage.column
    target, caller = TONGUES[column.target], TONGUES[column.caller]
    return carry_answer(each, target, caller, stream=column.streams)


async def _say(stage: Stage, each: Utterance, fate: Carriage) -> None:
    stage.scene.play(says(each.events))
    seen = await stage.good(TOOLED.ask)
    got = each.look(seen.events)
    if fate.fate is Fate.CARRIED:
        wanted = each.look(spoken_by(stage, each.events))
        require(got == wanted, f"{each.name}: {wanted!r} became {got!r}")
        return
    require(fate.fate is not Fate.LOST, f"{each.name} is lost: {fate.how}")
    stage.note(f"{each.name} is {fate.fate.value}: {fate.how}")


def spoken_by(stage: Stage, events: Sequence[Event]) -> Sequence[Event]:
    """Return what is left of an answer once the target's dialect has said it."""
    column = stage.column
    return spoken(events, TONGUES[column.target], stream=column.streams, decision=DECISION)


TOOLED = ASKED["tools"]
"""What every answer that calls tools is an answer to."""
