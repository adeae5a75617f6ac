"""Looks at whole answers before anything of them goes on, and asks a stronger target for a better.

An attempt whose answer is whole has given everything back; only its pieces are held. So the best of
several can be kept, and whatever becomes of the others, there is an answer.
"""

import msgspec

from switchgear.config.setup import Setup
from switchgear.domain.attempt import Role
from switchgear.domain.denial import Stopped
from switchgear.domain.edit import CapOutput
from switchgear.domain.errors import OutOfTime, SwitchgearError, UpstreamError
from switchgear.domain.escalation import UNSURE
from switchgear.domain.event import Event, Stop, ToolDelta, ToolStarted
from switchgear.domain.fact import Doubted, Skipped
from switchgear.domain.supervision import TaskPaused, TaskStopped
from switchgear.domain.units import NanoUsd, Tokens
from switchgear.engine.cascade import SPEAKING, Above, Ascent, above, badness, most_written
from switchgear.engine.charge import Demand, with_margin
from switchgear.engine.validate.finding import Heard, found, heard
from switchgear.engine.validate.margin import mean_margin
from switchgear.pipeline.attempt import Means, Try
from switchgear.pipeline.journey import Journey
from switchgear.pipeline.leave import Aim, Gate
from switchgear.pipeline.purse import for_an_hour, most_output
from switchgear.ports.opinion import Viewed

TOO_DEAR = "escalation_budget"
"""Stands beside a target that was passed over because the call's dollars do not reach."""
HALTING = (Stopped, TaskStopped, TaskPaused)
"""Somebody wants the call to end: then there is no answer, whatever there was."""
CUT_SHORT = 3.0
"""How little is left of an answer that our own bound has cut, or of JSON that any bound has."""


class View(msgspec.Struct, frozen=True, kw_only=True):
    """One whole answer, and what is thought of it."""

    attempt: Try
    flaw: str
    badness: float
    wrote: Tokens
    """What its target says that it has written."""


class Cascade:
    """Lets answers go up, for one version of the config."""

    def __init__(self, setup: Setup, means: Means) -> None:
        """Take the rules, and what attempts work with."""
        self._policy = setup.policy
        self._spending = setup.spending
        self._means = means

    async def best(self, journey: Journey, attempt: Try) -> Try:
        """Return whose answer is delivered: the first that is good enough, else the best there is.

        Raises:
            Stopped, TaskStopped, TaskPaused: somebody has ended the call.
        """
        ascent = journey.trip.ascent
        if ascent is None or not attempt.whole or not (attempt.flaw or ascent.deep):
            return attempt
        if attempt.target.kind not in SPEAKING:
            return attempt
        view = best = await self._view(journey, ascent, attempt)
        tried = {attempt.target.id}
        while view.badness and _may_go_up(journey, ascent):
            other = await self._up(journey, ascent, view, tried)
            if other is None:
                break
            if not other.whole:  # too long to be held: it goes on as it comes
                view = best = View(attempt=other, flaw="", badness=0.0, wrote=Tokens(0))
            else:
                view = await self._view(journey, ascent, other)
                best, worse = (view, best) if view.badness < best.badness else (best, view)
                worse.attempt.forget()
        if best.attempt is not attempt:
            journey.came_from = f"{attempt.target.id}: {self._flaw_of(journey, attempt)}"
        return best.attempt

    async def _up(
        self, journey: Journey, ascent: Ascent, view: View, tried: set[str]
    ) -> Try | None:
        """Return the next attempt that comes to its end; None where nobody is left to be asked."""
        decision = journey.trip.decided.decision
        for each in above(self._policy, decision, view.attempt.target, tried):
            if not _may_go_up(journey, ascent):
                break
            tried.add(each.target.id)
            aim = self._aim(journey, ascent, view, each)
            if aim is None:
                continue
            attempt, others = await _raised(journey, aim)
            if attempt is not None or not others:
                return attempt
        return None

    def _aim(self, journey: Journey, ascent: Ascent, view: View, up: Above) -> Aim | None:
        """Return how a target is asked; None where there is no time, or not enough money."""
        trip, target = journey.trip, up.target
        talk = trip.call.body.conversation
        if self._means.clock.now() + up.latency >= trip.until:
            trip.trail.add(Skipped(target.id, OutOfTime.code))
            return None
        expected = journey.expected(target)
        demand = Demand(
            price=target.price,
            input=with_margin(expected, self._spending.margin),
            output=most_output(talk, target, self._spending),
            choices=talk.choices,
            service=talk.service,
            hour=for_an_hour(trip.call.body.raw),
        )
        spent = sum([each.cost for each in journey.begun(Role.ESCALATION)])
        left = NanoUsd(ascent.money - spent)
        written = most_written(demand, left, view.wrote, self._spending.least_output)
        if written is None:
            trip.trail.add(Skipped(target.id, TOO_DEAR))
            return None
        return Aim(
            target=target,
            role=Role.ESCALATION,
            edits=(CapOutput(written),) if written < demand.output else (),
            gate=Gate.WHOLE,
            budgets=(ascent.budget,),
            most_output=written,
        )

    async def _view(self, journey: Journey, ascent: Ascent, attempt: Try) -> View:
        """Look at an answer, and write down what is wrong with it."""
        trip = journey.trip
        events = [event for piece in attempt.held for event in piece.seen]
        said = heard(events, attempt.flaw)
        if said is None:
            return View(attempt=attempt, flaw="", badness=0.0, wrote=Tokens(0))
        said = msgspec.structs.replace(
            said, most_output=attempt.most_output, margin=_margin(ascent, attempt)
        )
        flaw, opinion = found(said, trip.call.body.conversation, ascent.when, ascent.margin), 0.0
        if not flaw and not said.refused and ascent.functions:
            flaw, opinion = await self._opinion(journey, ascent, said, events)
        if flaw and not attempt.flaw:
            trip.trail.add(Doubted(attempt.target.id, attempt.began, flaw))
        usage = said.end.usage
        return View(
            attempt=attempt,
            flaw=flaw,
            badness=max(badness(flaw, opinion), _cut_short(journey, attempt, said)),
            wrote=Tokens(0) if usage is None else usage.output,
        )

    async def _opinion(
        self, journey: Journey, ascent: Ascent, said: Heard, events: list[Event]
    ) -> tuple[str, float]:
        """Return the first function of the owner's that finds an answer too poor, and its word."""
        trip = journey.trip
        ask = trip.decided.ask
        viewed = Viewed(
            text=said.text,
            calls=_calls(events),
            talk=trip.call.body.conversation,
            facts={
                "model": ask.model,
                "agent": ask.agent,
                "task": ask.task_name,
                "metadata": dict(ask.metadata),
                "stop": said.end.stop.value,
            },
        )
        for name in ascent.functions:
            opinion = await self._means.opinions.ask(name, viewed)
            if opinion is not None and opinion < ascent.least:
                return name, opinion
        return "", 0.0

    @staticmethod
    def _flaw_of(journey: Journey, attempt: Try) -> str:
        if attempt.flaw:
            return attempt.flaw
        facts = [each for each in journey.trip.trail.facts if isinstance(each, Doubted)]
        return next((each.flaw for each in facts if each.target == attempt.target.id), "")


def _may_go_up(journey: Journey, ascent: Ascent) -> bool:
    return len(journey.begun(Role.ESCALATION)) < ascent.most


async def _raised(journey: Journey, aim: Aim) -> tuple[Try | None, bool]:
    """Return the attempt, if it commits, and else whether others may be asked."""
    try:
        return await journey.raised(aim), True
    except HALTING:
        raise
    except UpstreamError as error:
        return None, error.another
    except SwitchgearError:
        return None, False


def _margin(ascent: Ascent, attempt: Try) -> float | None:
    """Return how sure its target was, where somebody wants to know."""
    if UNSURE not in ascent.when:
        return None
    raw = b"".join([each.raw or b"" for each in attempt.held])
    return mean_margin(attempt.answer.drawn(raw))


def _cut_short(journey: Journey, attempt: Try, said: Heard) -> float:
    """Return what is wrong with a stronger target's answer that was cut, whoever set the bound."""
    if attempt.role is not Role.ESCALATION or said.end.stop is not Stop.LENGTH:
        return 0.0
    talk = journey.trip.call.body.conversation
    allowed, ours = talk.max_output, attempt.most_output
    by_us = ours is not None and (allowed is None or ours < allowed * talk.choices)
    return CUT_SHORT if by_us or talk.format is not None or talk.tools else 0.0


def _calls(events: list[Event]) -> tuple[tuple[str, str], ...]:
    names = {each.index: each.name for each in events if isinstance(each, ToolStarted)}
    arguments = dict.fromkeys(names, "")
    for each in events:
        if isinstance(each, ToolDelta):
            arguments[each.index] = arguments.get(each.index, "") + each.json
    return tuple([(name, arguments[index]) for index, name in names.items()])
