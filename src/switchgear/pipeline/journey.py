"""One call on its way through its plan, until a target commits."""

from collections import deque
from collections.abc import Callable, Sequence
from itertools import count

from switchgear.domain.attempt import Role
from switchgear.domain.call import Call
from switchgear.domain.edit import Edit
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.errors import (
    ContextTooLong,
    SwitchgearError,
    UpstreamBusy,
    UpstreamDenied,
    UpstreamError,
    UpstreamForgot,
    UpstreamLost,
)
from switchgear.domain.fact import Skipped
from switchgear.domain.target import Target
from switchgear.domain.units import NanoUsd, Seconds, Tokens
from switchgear.engine.cascade import SPEAKING
from switchgear.engine.flaw import route_of
from switchgear.engine.retry import Next, after, pause
from switchgear.pipeline.attempt import Means, Try
from switchgear.pipeline.entrance import Bid, Taken
from switchgear.pipeline.leave import ANY_TIME, Aim, Leave
from switchgear.pipeline.race import Race
from switchgear.pipeline.recall import retold
from switchgear.pipeline.trip import Trip
from switchgear.ports.chance import Chance
from switchgear.ports.upstream import Order

COARSE = 1.1
"""The percentiles are that coarse: a target that is always equally fast must not seem late."""
LEAST_WAIT = Seconds(0.01)
"""That a wait for room counts as, so that there is an end to them."""
SOON = Seconds(0.25)
"""Between two looks at a target that another call probes."""
RESTING = (UpstreamBusy, UpstreamDenied)
"""After these a target is left alone at once; where it does not say for how long, we do."""
ROUND = 1000
"""Bids of a call that is sent again have other numbers: what was set aside for the first may just
be on its way back."""


class Journey:
    """The way of one call. It never leaves the plan."""

    __slots__ = (
        "_begun",
        "_bids",
        "_busy",
        "_chance",
        "_due",
        "_failure",
        "_forgetful",
        "_left",
        "_means",
        "_paused",
        "_repeated",
        "came_from",
        "refusal",
        "trip",
        "waited",
    )

    def __init__(self, trip: Trip, plan: Sequence[Target], means: Means, chance: Chance) -> None:
        """Stand before the first target of the plan."""
        self.trip = trip
        self._means = means
        self._chance = chance
        self._left = deque(plan)
        self._begun: list[Try] = []
        self._bids = ROUND * trip.call.mandate.again
        self.refusal: SwitchgearError | None = None
        """Why the first target that had no room, or was too dear, was passed over."""
        self._failure: UpstreamError | None = None
        self._busy: list[Target] = []
        self._due: dict[str, Seconds] = {}
        """When there will be room at those that had none by their own limits, or the owner's."""
        self._forgetful: set[str] = set()
        """Providers that no longer hold what was said before the call."""
        self._paused = Seconds(0.0)
        self._repeated = False
        """The target that broke off was asked to go on itself: that is done once."""
        self.came_from = ""
        """Whose answer was not good enough, and why; empty where the first one was."""
        self.waited = Seconds(0.0)
        """For targets, and between two tries: not our own time."""

    @property
    def tries(self) -> int:
        """How many attempts were begun."""
        return len(self._begun)

    @property
    def cost(self) -> NanoUsd:
        """What the attempts that have ended cost."""
        return NanoUsd(sum([each.cost for each in self._begun]))

    def begun(self, role: Role) -> tuple[Try, ...]:
        """Return the attempts of one role."""
        return tuple([each for each in self._begun if each.role is role])

    async def committed(self) -> Try | None:
        """Return the first attempt that commits; None if no target may be called now.

        Raises:
            UpstreamError: all that were called failed; it is the last one's error.
        """
        while self._left:
            attempt = await self._at(self._left.popleft())
            if attempt is not None:
                return attempt
        attempt = await self._where_room_was_short()
        if attempt is None and self._failure is not None:
            raise self._failure
        return attempt

    async def resumed(self, broken: Target, edits: Callable[[Target], tuple[Edit, ...]]) -> Try:
        """Return an attempt that goes on with an answer that ``broken`` broke off.

        The rest of the plan is tried in its order, and where nothing is left, the same target once
        more.

        Raises:
            UpstreamError: nobody could.
        """
        left = deque([each for each in self._left if each.kind in SPEAKING])
        if not left and not self._repeated and self._may_spend(broken):
            self._repeated = True
            left.append(broken)
        self._left = left
        failure: SwitchgearError = UpstreamLost()
        while left:
            target = left.popleft()
            aim = Aim(target=target, role=Role.RESCUE, edits=edits(target))
            attempt = await self._begin(aim)
            if attempt is None:
                continue
            try:
                await attempt.commit()
            except SwitchgearError as error:
                failure = error
            else:
                return attempt
        raise failure

    async def raised(self, aim: Aim) -> Try | None:
        """Return an attempt that has committed; None if its target may not be called now.

        Raises:
            UpstreamError: it failed; everything is given back.
        """
        attempt = await self._begin(aim)
        if attempt is None:
            return None
        began = self._means.clock.now()
        try:
            await attempt.commit()
        finally:
            self.waited = Seconds(self.waited + self._means.clock.now() - began)
        return attempt

    async def _at(self, target: Target) -> Try | None:
        """Return the attempt at this target that commits; None when the next is to be tried."""
        role = Role.FALLBACK if self._begun else Role.FIRST
        for tries in count(1):
            attempt = await self._begin(Aim(target=target, role=role))
            if attempt is None:
                break
            try:
                return await self._commit(attempt, target)
            except UpstreamError as error:
                self._note(target, error)
                if self._must_be_told(target, error):
                    role = Role.RETRY
                    continue
                what = after(error, sent=attempt.answer.sent, tries=tries)
                if what is Next.STOP:
                    raise
            if what is Next.ANOTHER or not await self._may_repeat(target):
                break
            role = Role.RETRY
        return None

    def _must_be_told(self, target: Target, error: UpstreamError) -> bool:
        """Whether a target is to be asked at once again, and told all that was said before."""
        if not isinstance(error, UpstreamForgot) or target.provider in self._forgetful:
            return False
        self._forgetful.add(target.provider)
        return bool(retold(self.trip.call, target, self._forgetful))

    def _note(self, target: Target, error: UpstreamError) -> None:
        self._failure = error
        if isinstance(error, RESTING) and error.retry_after is None:
            error.retry_after = self._means.health.wait_for(target.id)
        if isinstance(error, UpstreamBusy):
            self._busy.append(target)
        elif isinstance(error, ContextTooLong):  # only a larger window can help
            self._left = deque([each for each in self._left if each.window > target.window])

    async def _where_room_was_short(self) -> Try | None:
        """Wait for the target that will have room first, if there is time; nobody else is left.

        Others may wait for the same room, and be quicker: then it is waited for again.
        """
        left = longest = self._means.retry.longest_wait
        paid = False
        while self._busy:
            waits = [(self._wait_for(at), at) for at in self._busy]
            span, target = min(waits, key=lambda each: each[0])
            again = any(each.target is target for each in self._begun)
            if span > left or (again and not paid and not self._may_spend(target)):
                return None
            paid, span = paid or again, min(max(span, LEAST_WAIT), longest)
            if not await self._sleep(span):
                return None
            left, self.refusal = Seconds(left - span), None
            role = Role.RETRY if again else Role.FIRST
            attempt = await self._begin(Aim(target=target, role=role))
            if attempt is not None:
                return await self._last(attempt, target)
            if not (self.refusal is None or isinstance(self.refusal, UpstreamBusy)):
                return None
            if self.refusal is None:  # another sees just now whether there is room again
                longest = SOON
        return None

    async def _last(self, attempt: Try, target: Target) -> Try | None:
        """Return the last attempt there is, if it commits."""
        try:
            return await self._commit(attempt, target)
        except UpstreamError as error:
            self._note(target, error)
        return None

    def _wait_for(self, target: Target) -> Seconds:
        due = self._due.get(target.id, Seconds(0.0))
        return max(self._means.health.wait_for(target.id), Seconds(due - self._means.clock.now()))

    async def _may_repeat(self, target: Target) -> bool:
        """Pause before the same target is tried again; False if there is no leave or no time."""
        if not self._may_spend(target):
            return False
        self._paused = pause(self._paused, self._chance.draw())
        return await self._sleep(self._paused)

    def _may_spend(self, target: Target) -> bool:
        return self._means.allowances.spend(target.id, self._means.retry.limits)

    async def _sleep(self, span: Seconds) -> bool:
        began = self._means.clock.now()
        if began + span >= self.trip.until:
            return False
        await self._means.halts.sleep(self.trip.call, span)
        self.waited = Seconds(self.waited + self._means.clock.now() - began)
        return True

    async def _commit(self, attempt: Try, target: Target) -> Try:
        """Return the attempt that commits: this one, or its hedge."""
        began = self._means.clock.now()
        try:
            delay = self._hedge_after(target) if self.trip.protection.hedge else None
            if delay is not None:
                return await Race(attempt).run(delay, lambda: self._hedge(target))
            await attempt.commit()
            return attempt
        finally:
            self.waited = Seconds(self.waited + self._means.clock.now() - began)

    def _hedge_after(self, target: Target) -> Seconds | None:
        """Return how long the target nearly always needs; None while that is not known."""
        reading = self.trip.decided.situation.readings.get(target.id)
        measured = reading.first_content if reading else None
        return Seconds(measured.p95 * COARSE) if measured else None

    async def _hedge(self, slow: Target) -> Try | None:
        """Return the attempt beside one that is slow: at the next target, or the same."""
        if not self._may_spend(slow):
            return None
        target = self._left[0] if self._left else slow
        try:
            attempt = await self._begin(Aim(target=target, role=Role.HEDGE))
        except SwitchgearError:  # what refuses a second try does not end the first
            return None
        if attempt is not None and target in self._left:
            self._left.remove(target)
        return attempt

    async def _begin(self, aim: Aim) -> Try | None:
        """Return an attempt with nothing sent yet; None if the target may not be called now.

        However short the time is, one attempt is made: there is nothing else to give the caller.
        """
        target, role = aim.target, aim.role
        in_time = role is Role.FIRST or role is Role.RESCUE or self._in_time(target)
        taken = Taken()
        try:
            refusal = await self._means.entrance.enter(self._bid(aim), taken) if in_time else None
            attempt = self._tried(aim, taken)
        except BaseException:
            taken.close()
            raise
        if attempt is None:
            taken.close()
            self.refusal = self.refusal or refusal
            if isinstance(refusal, UpstreamBusy):
                wait = refusal.retry_after or Seconds(0.0)
                self._due[target.id] = Seconds(self._means.clock.now() + wait)
                if target not in self._busy:
                    self._busy.append(target)
            self.trip.trail.add(Skipped(target.id, refusal.code if refusal else ""))
        return attempt

    def _bid(self, aim: Aim) -> Bid:
        trip, number = self.trip, self._bids
        self._bids += 1
        return Bid(
            id=f"{trip.call.id}.{number}",
            call=trip.call,
            trail=trip.trail,
            decided=trip.decided,
            target=aim.target,
            role=aim.role,
            number=len(self._begun),
            until=trip.until,
            expected_input=self.expected(aim.target),
            budgets=aim.budgets,
            most_output=aim.most_output,
        )

    def expected(self, target: Target) -> Tokens:
        """Return our estimate of the call's input as a target counts."""
        return self._means.estimates.input_tokens(self.trip.decided.ask.shape, target.model)

    def _tried(self, aim: Aim, taken: Taken) -> Try | None:
        """Return the attempt for which all has been taken; None without its permit."""
        if taken.permit is None:
            return None
        means, trip, target, role = self._means, self.trip, aim.target, aim.role
        means.allowances.sent(target.id)
        call, ask = trip.call, trip.decided.ask
        plain = role is not Role.RESCUE and call.endpoint is Endpoint.ANSWER
        leave = Leave(
            target=target,
            role=role,
            permit=taken.permit,
            taken=taken,
            key=call.caller.key.id,
            began=call.began,
            until=ANY_TIME if role is Role.RESCUE else trip.until,
            gate=aim.gate or trip.gate,
            input_tokens=self.expected(target),
            shape=ask.shape if plain else None,
            service=ask.service,
            route=self._route(),
            most_output=taken.most_output or _together(aim, call),
        )
        edits = (*call.mandate.edits, *taken.edits, *aim.edits)
        order = Order(
            target=target,
            body=call.body,
            edits=(*retold(call, target, self._forgetful), *edits),
            endpoint=call.endpoint,
            headers=call.headers,
        )
        attempt = Try(leave, order, means, trip.trail)
        self._begun.append(attempt)
        return attempt

    def _route(self) -> str:
        """Return on which route an answer is judged; vectors are not."""
        call = self.trip.call
        if call.endpoint is not Endpoint.ANSWER:
            return ""
        return route_of(call.body.model, self.trip.decided.decision.rule)

    def _in_time(self, target: Target) -> bool:
        """Whether the target, if it is as fast as it mostly is, answers in the caller's time."""
        reading = self.trip.decided.situation.readings.get(target.id)
        measured = reading.first_content.p50 if reading and reading.first_content else None
        needs = target.first_content_s if measured is None else measured
        return self._means.clock.now() + needs < self.trip.until


def _together(aim: Aim, call: Call) -> Tokens | None:
    """Return what an attempt may write in all choices."""
    most = aim.most_output
    return None if most is None else Tokens(most * call.body.conversation.choices)
