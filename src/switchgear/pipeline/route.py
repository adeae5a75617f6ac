"""Decide where a call goes, and try the plan in order until a target commits."""

import asyncio

from switchgear.config.setup import Setup
from switchgear.domain.ask import Ask
from switchgear.domain.call import Call
from switchgear.domain.caller import Key, Mode
from switchgear.domain.decision import Decision, Reason
from switchgear.domain.errors import (
    NotAllowed,
    NoTarget,
    NothingFits,
    SwitchgearError,
    UnknownModel,
    UpstreamError,
)
from switchgear.domain.fact import Committed, Decided, Skipped
from switchgear.domain.target import Target
from switchgear.domain.turn import Conversation
from switchgear.domain.units import NanoUsd, Seconds
from switchgear.engine.asking import Chances, ask_of
from switchgear.engine.cost import expected_cost, expected_output
from switchgear.engine.decide import decide
from switchgear.engine.features import last_results
from switchgear.engine.name import nearest, resolve, stand_in
from switchgear.engine.policy import Policy
from switchgear.engine.retry import Next, after
from switchgear.engine.toolinput import find_arguments
from switchgear.pipeline.attempt import Leave, Means, Try
from switchgear.ports.chance import Chance
from switchgear.ports.handler import Head, Reply, Trail
from switchgear.ports.upstream import Order

PAUSE = Seconds(0.2)
"""The longest pause before the same target is tried again; the draw makes it shorter."""
HOPELESS = frozenset({Reason.INCAPABLE, Reason.TOO_SMALL, Reason.BAD_INPUT})
"""Reasons that waiting does not cure."""
LONGEST = 100
"""Letters of a model's name that an error repeats."""
OUTSIDE = frozenset({Reason.NOT_ASKED, Reason.RULED_OUT})


class Router:
    """The innermost handler, for one version of the config."""

    def __init__(self, setup: Setup, means: Means, chance: Chance) -> None:
        """Take the rules, and what the attempts work with."""
        self._setup = setup
        self._means = means
        self._chance = chance
        self._targets = {target.id: target for target in setup.policy.targets}

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
        plan = self._plan(decided)
        if not plan:
            raise _nobody(decided.decision)
        return await _Journey(call, trail, decided, self._means).go(plan, self._chance)

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
        ask = ask_of(body, call.caller, policy.metadata, self._chances(call, talk))
        situation = self._means.health.situation()
        decision = decide(ask, situation, policy, self._setup.conditions)
        mode = Mode.OBSERVE if Mode.OBSERVE in (key.mode, self._setup.mode) else Mode.ROUTE
        baseline = self._baseline(ask) if mode is Mode.OBSERVE else None
        return Decided(
            ask=ask, situation=situation, decision=decision, mode=mode, baseline=baseline
        )

    def _chances(self, call: Call, talk: Conversation) -> Chances:
        results = last_results(talk)
        held = self._means.holds.find(call.caller.key.id, results) if results else ""
        problems = []
        for name, tool in self._setup.tools.items():
            found = find_arguments(talk, tool)
            if isinstance(found, str):
                problems.append((name, found))
        return Chances(held=held, unfit=tuple(problems), draw=self._chance.draw())

    def _plan(self, decided: Decided) -> tuple[Target, ...]:
        """Return the targets to try; in observe mode those that the caller would have had."""
        names = decided.decision.plan
        if decided.mode is Mode.OBSERVE:
            asked = stand_in(decided.ask.model, self._setup.policy)
            if asked:
                names = (asked, *self._targets[asked].fallback)
        return tuple(self._targets[name] for name in names)

    def _baseline(self, ask: Ask) -> NanoUsd | None:
        target = self._targets.get(stand_in(ask.model, self._setup.policy))
        return expected_cost(target, ask, expected_output(ask)) if target else None


class _Journey:
    """One call on its way through the plan."""

    __slots__ = ("_call", "_cost", "_decided", "_means", "_trail", "_tries", "_waited")

    def __init__(self, call: Call, trail: Trail, decided: Decided, means: Means) -> None:
        self._call = call
        self._trail = trail
        self._decided = decided
        self._means = means
        self._tries = 0
        self._waited = 0.0
        """For targets, and between two tries: not our own time."""
        self._cost = 0

    async def go(self, plan: tuple[Target, ...], chance: Chance) -> Reply:
        """Return the first reply that commits, or raise the last failure."""
        failure: SwitchgearError | None = None
        for target in plan:
            for tries in (1, 2):
                attempt = self._attempt(target)
                if attempt is None:
                    break
                try:
                    return await self._reply(target, attempt)
                except UpstreamError as error:
                    failure = error
                    what = after(error, sent=attempt.answer.sent, tries=tries)
                if what is Next.STOP:
                    raise failure
                if what is Next.ANOTHER:
                    break
                await self._pause(chance)
        raise failure or _nobody(self._decided.decision)

    def _attempt(self, target: Target) -> Try | None:
        permit = self._means.health.admit(target.id)
        if permit is None:
            self._trail.add(Skipped(target.id))
            return None
        self._tries += 1
        leave = Leave(
            target=target,
            permit=permit,
            key=self._call.caller.key.id,
            began=self._call.began,
            input_tokens=self._decided.ask.input_tokens,
        )
        order = Order(target=target, body=self._call.body, headers=self._call.headers)
        return Try(leave, order, self._means, self._trail)

    async def _pause(self, chance: Chance) -> None:
        began = self._means.clock.now()
        await asyncio.sleep(PAUSE * chance.draw())
        self._waited += self._means.clock.now() - began

    async def _reply(self, target: Target, attempt: Try) -> Reply:
        began = self._means.clock.now()
        try:
            await attempt.commit()
        finally:
            now = self._means.clock.now()
            self._waited += now - began
            self._cost += attempt.cost
        own = Seconds(now - self._call.began - self._waited)
        self._trail.add(Committed(target=target.id, own=own))
        reply = Reply(self._head(target, attempt, own), attempt.read)
        reply.at_close(attempt.close)
        return reply

    def _head(self, target: Target, attempt: Try, own: Seconds) -> Head:
        answer = attempt.answer
        return Head(
            target=target.id,
            model=target.model,
            dialect=answer.dialect,
            stream=answer.stream,
            tier=target.tier.name.lower(),
            reason=_reason(self._decided, target.id),
            attempts=self._tries,
            dropped=answer.dropped,
            own=own,
            cost=None if answer.stream else NanoUsd(self._cost),
        )


def _reason(decided: Decided, target: str) -> str:
    decision = decided.decision
    if decided.mode is Mode.OBSERVE:
        return f"observing; would choose {decision.winner or 'nobody'}"
    rule = f"rule {decision.rule}: " if decision.rule else ""
    if target == decision.winner:
        return rule + decision.why
    return f"{rule}fallback after {decision.winner}"


def _unknown(name: str, policy: Policy, key: Key) -> str:
    near = nearest(name, policy, frozenset(key.models))
    meant = f"; did you mean {near!r}?" if near else "."
    return f"Nothing here goes by the name {name!r}{meant} GET /v1/models lists what does."


def _nobody(decision: Decision) -> SwitchgearError:
    """Return why nobody could be called: for good, or for now."""
    inside = [each for each in decision.verdicts if each.reason not in OUTSIDE]
    reasons = "; ".join(
        f"{each.target}: {each.reason.name.lower()}" + (f" ({each.detail})" if each.detail else "")
        for each in inside[:5]
    )
    if inside and all(each.reason in HOPELESS for each in inside):
        return NothingFits(f"no target here can ever serve this call: {reasons}")
    return NoTarget(f"no target may serve this call now: {reasons or 'none is configured for it'}")
