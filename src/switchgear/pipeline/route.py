"""Decide where a call goes, and try the plan in order until a target commits."""

from functools import partial

import msgspec

from switchgear.config.setup import Setup
from switchgear.domain.ask import Ask
from switchgear.domain.attempt import Role
from switchgear.domain.body import Recalled
from switchgear.domain.call import Call
from switchgear.domain.caller import Key, Mode
from switchgear.domain.decision import Decision, Reason
from switchgear.domain.decision import Rescue as Mending
from switchgear.domain.denial import TargetStopped
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.errors import (
    NotAllowed,
    NoTarget,
    NothingFits,
    SwitchgearError,
    UnknownModel,
)
from switchgear.domain.fact import Committed, Decided
from switchgear.domain.learning import Use
from switchgear.domain.target import Target
from switchgear.domain.turn import Conversation
from switchgear.domain.units import NanoUsd, Seconds
from switchgear.engine.asking import Chances, ask_of
from switchgear.engine.cascade import Ascent, ascent_of
from switchgear.engine.cost import expected_cost, expected_output
from switchgear.engine.features import last_results
from switchgear.engine.fold import waited_of
from switchgear.engine.name import nearest, resolve, stand_in
from switchgear.engine.policy import Policy
from switchgear.engine.protection import Protection, protection_of
from switchgear.engine.right import allowed
from switchgear.engine.toolinput import find_arguments
from switchgear.pipeline.attempt import Means, Try
from switchgear.pipeline.cascade import Cascade
from switchgear.pipeline.journey import Journey
from switchgear.pipeline.judgement import Judge
from switchgear.pipeline.leave import ANY_TIME, Gate
from switchgear.pipeline.overhead import Turn
from switchgear.pipeline.rescue import Rescue
from switchgear.pipeline.trip import Trip
from switchgear.ports.chance import Chance
from switchgear.ports.handler import Head, Reply, Trail

HOPELESS = frozenset({Reason.INCAPABLE, Reason.TOO_SMALL, Reason.BAD_INPUT})
"""Reasons that waiting does not cure."""
LONGEST = 100
"""Letters of a model's name that an error repeats."""
SOON = Seconds(1.0)
"""The least that a caller is asked to wait: a probe that is out now may bring good news by then."""
PLANNED = (Reason.CHOSEN, Reason.FALLBACK)
MENDING = frozenset({*PLANNED, Reason.REFUSING, Reason.POOR, Reason.NOT_NEEDED})
"""Reasons of targets that may well serve the same call a little later."""
OUTSIDE = frozenset({Reason.NOT_ASKED, Reason.RULED_OUT})


class Router:
    """The innermost handler, for one version of the config."""

    def __init__(self, setup: Setup, means: Means, chance: Chance) -> None:
        """Take the rules, and what the attempts work with."""
        self._setup = setup
        self._means = means
        self._chance = chance
        self._judge = Judge(setup, means)
        self._cascade = Cascade(setup, means)
        self._targets = {target.id: target for target in setup.policy.targets}
        self._grams = setup.learning.use is not Use.OFF and setup.learning.grams

    async def __call__(self, call: Call, trail: Trail) -> Reply:
        """Answer from the first target in the plan that gives content.

        Raises:
            MalformedBody: the dialect demands a limit for the answer, and there is none.
            UnknownModel, NotAllowed, NothingFits, NoTarget: nobody was called.
            UpstreamError: all that were called failed; it is the last one's error.
        """
        call.body.require_limit()
        decided = self.decide(call)
        trail.add(decided)
        self._means.brain.chose(decided)
        journey = self.journey(call, trail, decided)
        attempt = await journey.committed()
        if attempt is None:
            raise journey.refusal or self.nobody(decided)
        return self._reply(journey, await self._cascade.best(journey, attempt))

    def decide(self, call: Call) -> Decided:
        """Return the decision for a call, with all it was made from; nothing is sent.

        Raises:
            UnknownModel: nothing goes by the name that was asked for.
            NotAllowed: the key may not ask for it.
        """
        policy, body = self._setup.policy, call.body
        key = call.caller.key
        talk = body.conversation  # raises what is wrong with a body that could not be read
        if resolve(body.model, policy) is None:
            raise UnknownModel(_unknown(body.model[:LONGEST], policy, key))
        if key.models and body.model not in key.models:
            asked = body.model[:LONGEST]
            raise NotAllowed(
                f"This key may not ask for {asked!r}. GET /v1/models lists what it may."
            )
        turn = self._judge.turn()
        ask = ask_of(body, call.caller, policy.metadata, self._chances(call, talk, turn))
        decided = self._judge.judged(ask, key, talk, turn)
        if decided.mode is not Mode.OBSERVE:
            return decided
        return msgspec.structs.replace(decided, baseline=self._baseline(ask))

    def _chances(self, call: Call, talk: Conversation, turn: Turn) -> Chances:
        results = last_results(talk)
        mandate = call.mandate
        held = self._means.holds.find(call.caller.key.id, results) if results else mandate.home
        if isinstance(call.body, Recalled) and call.body.target:
            held = call.body.target
        if mandate.free:
            held = ""
        problems = []
        for name, tool in self._setup.tools.items():
            found = find_arguments(talk, tool)
            if isinstance(found, str):
                problems.append((name, found))
        asked = self._targets.get(call.body.model)
        estimates = self._means.estimates
        return Chances(
            held=held,
            warm="" if held or mandate.free else mandate.warm,
            unfit=tuple(problems),
            draw=self._chance.draw(),
            mandate=mandate,
            count=partial(estimates.input_tokens, model=asked.model)
            if asked
            else estimates.input_tokens,
            grams=self._grams and turn is not Turn.SKIP,
        )

    def journey(self, call: Call, trail: Trail, decided: Decided) -> Journey:
        """Return the way of a call through its plan; nothing is sent yet."""
        decision = decided.decision
        protection = protection_of(self._setup.policy, call.body.model, decision.rule)
        ascent = self._ascent(call, decided)
        patience = min(self._means.patience.call, call.caller.wishes.patience or ANY_TIME)
        trip = Trip(
            call=call,
            trail=trail,
            decided=decided,
            protection=protection,
            gate=_gate(call, protection, ascent),
            ascent=ascent,
            until=Seconds(call.began + patience),
        )
        return Journey(trip, self._plan(decided, call.caller.key), self._means, self._chance)

    def _ascent(self, call: Call, decided: Decided) -> Ascent | None:
        """Return when the answer may go up; None where there is none, or it is only observed."""
        if call.endpoint is not Endpoint.ANSWER or decided.mode is Mode.OBSERVE:
            return None
        ascent = ascent_of(self._setup.policy, call.body.model, decided.decision.rule)
        return ascent if ascent.on else None

    def _reply(self, journey: Journey, attempt: Try) -> Reply:
        trip = journey.trip
        since = Seconds(self._means.clock.now() - trip.call.began)
        own = Seconds(since - journey.waited - waited_of(trip.trail.facts))
        target = attempt.target.id
        trip.trail.add(Committed(target=target, own=own, first_content=since))
        source: Try | Rescue = attempt
        if trip.gate is Gate.TOOLS:
            source = Rescue(journey, attempt, trip.call.body.conversation)
        reply = Reply(_head(attempt, journey, own), source.read)
        reply.at_close(source.close)
        return reply

    def nobody(self, decided: Decided) -> SwitchgearError:
        """Return why nobody could be called, and when somebody may be, where that is known."""
        error = _nobody(decided.decision)
        judged = decided.decision.verdicts
        resting = [each.target for each in judged if each.reason in {*PLANNED, Reason.REFUSING}]
        soonest = self._means.health.soonest(resting) if error.worth_retrying else None
        if soonest is not None:
            error.retry_after = max(SOON, soonest)
        return error

    def _plan(self, decided: Decided, key: Key) -> tuple[Target, ...]:
        """Return the targets to try; in observe mode those that the caller would have had.

        Raises:
            NotAllowed: its key may use none of these.
        """
        names = decided.decision.plan
        if decided.mode is Mode.OBSERVE:
            asked = stand_in(decided.ask.model, self._setup.policy)
            if asked:
                wanted = [self._targets[name] for name in (asked, *self._targets[asked].fallback)]
                found = tuple(target for target in wanted if allowed(target, key))
                if not found:
                    raise NotAllowed(f"This key may not use {asked}, nor what stands in for it.")
                return found
        return tuple(self._targets[name] for name in names)

    def _baseline(self, ask: Ask) -> NanoUsd | None:
        target = self._targets.get(stand_in(ask.model, self._setup.policy))
        return expected_cost(target, ask, expected_output(ask)) if target else None


def _gate(call: Call, protection: Protection, ascent: Ascent | None) -> Gate:
    """Return what of the answer is held back, so that it can be rescued, or go up as a whole.

    An answer that must be JSON is never gone on with in its middle: it is made anew.
    """
    if ascent is not None and ascent.hold and call.body.stream:
        return Gate.WHOLE
    if not call.body.stream or protection.rescue is Mending.ERROR:
        return Gate.OPEN
    if protection.rescue is Mending.HOLD or call.body.conversation.format is not None:
        return Gate.WHOLE
    return Gate.TOOLS


def _head(attempt: Try, journey: Journey, own: Seconds) -> Head:
    answer, target = attempt.answer, attempt.target
    return Head(
        target=target.id,
        model=target.model,
        dialect=answer.dialect,
        stream=answer.stream,
        tier=target.tier.name.lower(),
        reason=_reason(journey, attempt),
        attempts=journey.tries,
        instead=_instead(journey.trip.decided, attempt),
        dropped=answer.dropped,
        own=own,
        cost=None if answer.stream else journey.cost,
    )


def _instead(decided: Decided, attempt: Try) -> str:
    """Return who was to answer; empty where it did, or was only overtaken."""
    winner = decided.decision.winner
    late = attempt.role is Role.HEDGE or decided.mode is Mode.OBSERVE
    return "" if late or attempt.target.id == winner else winner


def _reason(journey: Journey, attempt: Try) -> str:
    decided = journey.trip.decided
    decision, target = decided.decision, attempt.target.id
    if decided.mode is Mode.OBSERVE:
        return f"observing; would choose {decision.winner or 'nobody'}"
    rule = f"rule {decision.rule}: " if decision.rule else ""
    if journey.came_from:
        return f"{rule}escalated from {journey.came_from}"
    if target == decision.winner:
        return rule + decision.why
    if attempt.role is Role.HEDGE:
        return f"{rule}answered before {decision.winner}"
    return f"{rule}fallback after {decision.winner}"


def _unknown(name: str, policy: Policy, key: Key) -> str:
    near = nearest(name, policy, frozenset(key.models))
    meant = f"; did you mean {near!r}?" if near else "."
    return f"Nothing here goes by the name {name!r}{meant} GET /v1/models lists what does."


def _nobody(decision: Decision) -> SwitchgearError:
    """Return why nobody could be called: for good, or for now."""
    inside = [each for each in decision.verdicts if each.reason not in OUTSIDE]
    reasons = "; ".join(
        f"{each.target}: {_said(each.reason)}" + (f" ({each.detail})" if each.detail else "")
        for each in inside[:5]
    )
    found = {each.reason for each in inside}
    if Reason.HALTED in found and MENDING.isdisjoint(found):
        return TargetStopped()
    if inside and found <= HOPELESS:
        return NothingFits(f"no target here can ever serve this call: {reasons}")
    return NoTarget(f"no target may serve this call now: {reasons or 'none is configured for it'}")


def _said(reason: Reason) -> str:
    """Return a reason in a word; one of the plan was not admitted when its turn came."""
    return "not admitted" if reason in PLANNED else reason.name.lower()
