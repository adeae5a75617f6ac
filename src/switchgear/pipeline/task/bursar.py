"""What tasks may use and have used, and what of it their children are promised."""

from collections.abc import Iterable, Sequence

import msgspec

from switchgear.config.setup import Supervision
from switchgear.domain.account import Amount, Bound
from switchgear.domain.caller import Key, Right
from switchgear.domain.errors import NotAllowed
from switchgear.domain.supervision import OverTaskCap, TaskSpent
from switchgear.domain.task import NO_CAPS, Caps, Child, Task
from switchgear.domain.units import UnixMs
from switchgear.engine.cap import (
    ANYTHING,
    MOST_CHILDREN,
    NOTHING,
    Hold,
    account_of,
    bound_of,
    hold_of,
    is_open,
    lowered,
    together,
    too_deep,
    unspent,
    wider,
)
from switchgear.engine.spent import too_deep as too_deep_below
from switchgear.engine.spent import too_little, too_many
from switchgear.engine.task import account_name, lapsed
from switchgear.pipeline.task.registry import Live, Tasks
from switchgear.ports.budget import Budgets, Level
from switchgear.ports.clock import Clock

UNBORN_MS = 60_000
"""After so long, a child that nobody knows will not come any more."""
MOST_UNBORN = 10_000
SAID = {"steps": "steps", "tokens": "tokens", "money": "usd", "wall": "wall_s"}


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """How a task stands with its caps."""

    caps: Caps
    """In force."""
    spent: Amount = NOTHING
    held: Amount = NOTHING
    """Set aside for calls under way."""
    promised: Amount = NOTHING
    """To children that are open, and not spent by them."""
    left: Bound = ANYTHING
    """For its own calls; None where nothing bounds it."""
    due: UnixMs | None = None
    """When its time is up."""


class Bursar:
    """Knows the caps of all tasks; it outlives a reload."""

    def __init__(self, tasks: Tasks, budgets: Budgets, clock: Clock) -> None:
        """Take who knows the tasks, and where their accounts are."""
        self.settings = Supervision()
        """Of the config in force."""
        self._tasks = tasks
        self._budgets = budgets
        self._clock = clock
        self._unborn: set[str] = set()
        """Children that were let in, and never came."""

    def hold(self, live: Live, settings: Supervision) -> Hold:
        """Return what one task may use; the same again until it, or the config, changes."""
        hold = live.hold
        if hold.task is not live.task or hold.owner is not settings.caps:
            hold = live.hold = hold_of(live.task, settings.caps, settings.reserve)
        return hold

    async def holds(self, live: Live, settings: Supervision) -> tuple[Hold, ...]:
        """Return what a task and its ancestors may use, itself first.

        Raises:
            LedgerDown: it is not known.
        """
        return tuple([self.hold(each, settings) for each in await self._tasks.chain(live)])

    def promised(self, hold: Hold, path: Iterable[str] = ()) -> Amount:
        """Return what is promised to a task's children beside ``path``, and not spent by them.

        Nobody is asked: what a child has spent may be more by now, so this is never too little.
        """
        now = self._clock.date()
        return together(
            [
                self._unspent(each)
                for each in hold.promised
                if each.id not in path and self._counts(each, now)
            ]
        )

    async def look(self, holds: Sequence[Hold], path: Iterable[str]) -> bool:
        """Look what children have spent of their promises; whether anything came back by that.

        Raises:
            LedgerDown: it is not known.
        """
        before, now = [self.promised(each, path) for each in holds], self._clock.date()
        children = [it for hold in holds for it in hold.promised if it.id not in path]
        found = [await self._born(each, now) for each in children]
        lives = [each for each in found if each is not None]
        levels = await self._budgets.levels([account_of(each.task) for each in lives])
        for live, level in zip(lives, levels, strict=True):
            live.paid = level.account.name, level.spent
        return before != [self.promised(each, path) for each in holds]

    async def level(self, hold: Hold) -> Level:
        """Return how a task's account stands.

        Raises:
            LedgerDown: it is not known.
        """
        (found,) = await self._budgets.levels([account_of(hold.task)])
        return found

    async def standing(self, live: Live) -> Usage:
        """Return how a task stands with its caps; what no cap counts, is not counted here.

        Raises:
            LedgerDown: it is not known.
        """
        hold = self.hold(live, self.settings)
        if hold.budget is None:
            return Usage(caps=hold.caps, due=hold.due)
        await self.look((hold,), ())
        level, promised = await self.level(hold), self.promised(hold)
        used = together((level.spent, level.held, promised))
        return Usage(
            caps=hold.caps,
            spent=level.spent,
            held=level.held,
            promised=promised,
            left=lowered(hold.budget.most, used),
            due=hold.due,
        )

    def check(self, caps: Caps, key: Key) -> None:
        """Check that a key may give a task such caps.

        Raises:
            NotAllowed: they are more than the owner allows each task.
        """
        more = () if Right.ADMIN in key.rights else wider(caps, self.settings.caps)
        if more:
            names = ", ".join([f"caps.{SAID.get(each, each)}" for each in more])
            raise NotAllowed(
                f"The owner allows each task less: {names}. Ask for less, or with a key that has"
                " the right admin."
            )

    async def admit(self, parent: Live, child: str, caps: Caps = NO_CAPS) -> None:
        """Let a task be opened below another, with a part of its caps where it asks for one.

        Raises:
            TaskSpent: it would be too deep, one too many, or asks for more steps than are left.
            OverTaskCap: it asks for more tokens or money than are left.
            LedgerDown: it is not known.
        """
        settings = self.settings
        holds = await self.holds(parent, settings)
        deep = too_deep(holds)
        if deep is not None:
            raise too_deep_below(*deep)
        most = holds[0].caps.fan_out
        if most is None and bound_of(caps) == ANYTHING:
            return
        closed = await self._closed(parent)
        counted = [each for each in holds if each.budget is not None]
        used = {} if bound_of(caps) == ANYTHING else await self._used(counted, holds, child)
        for each in used:
            _check(each, caps, used[each])
        known, entry = parent.task.children, Child(id=child, at=self._clock.date(), caps=caps)

        def let_in(task: Task) -> Task:
            others = [it for it in task.children if it.id not in {child, *closed}]
            limit = MOST_CHILDREN if most is None else min(most, MOST_CHILDREN)
            if len(others) >= limit:
                raise too_many(holds[0], limit)
            if holds[0] in used:  # others may have been promised something meanwhile
                late = [unspent(it.caps, NOTHING) for it in others if it not in known]
                _check(holds[0], caps, together((used[holds[0]], *late)))
            return msgspec.structs.replace(task, children=(*others, entry))

        await self._tasks.change(parent.task.id, let_in, "child")
        if holds[0] in used:
            await self._confirm(parent, entry, holds)

    async def _confirm(self, parent: Live, child: Child, holds: Sequence[Hold]) -> None:
        """Take a promise back that the parent's other callers were quicker than.

        Raises:
            TaskSpent, OverTaskCap: they were.
        """
        hold = self.hold(parent, self.settings)
        others = {child.id, *[each.task.id for each in holds]}
        level = await self.level(hold)
        try:
            _check(
                hold, child.caps, together((level.spent, level.held, self.promised(hold, others)))
            )
        except (TaskSpent, OverTaskCap):
            await self._tasks.change(parent.task.id, lambda task: _without(task, child), "no child")
            raise

    async def _used(
        self, counted: Sequence[Hold], holds: Sequence[Hold], child: str
    ) -> dict[Hold, Amount]:
        """Return what cannot be promised of each, as it is spent, set aside, or promised.

        What the child was promised before, it gives back.
        """
        path = {child, *[each.task.id for each in holds]}
        await self.look(counted, path)
        found = {}
        for each in counted:
            level = await self.level(each)
            found[each] = together((level.spent, level.held, self.promised(each, path)))
        return found

    async def _closed(self, parent: Live) -> frozenset[str]:
        """Return the children that count no more."""
        now = self._clock.date()
        for each in parent.task.children:
            await self._born(each, now)
        return frozenset([it.id for it in parent.task.children if not self._counts(it, now)])

    async def _born(self, child: Child, now: UnixMs) -> Live | None:
        """Return a child as the store knows it; one that never came is not waited for."""
        live = await self._tasks.find(child.id)
        if live is None and now - child.at > UNBORN_MS:
            if len(self._unborn) >= MOST_UNBORN:
                self._unborn.clear()
            self._unborn.add(child.id)
        return live

    def _counts(self, child: Child, now: UnixMs) -> bool:
        """Whether a child counts: it is open, or nobody here knows that it is not."""
        live = self._tasks.known(child.id)
        if live is None:
            return child.id not in self._unborn
        return is_open(live.task) and not lapsed(live.task, live.seen, now, self._tasks.lifetime)

    def _unspent(self, child: Child) -> Amount:
        live = self._tasks.known(child.id)
        if live is None or live.paid[0] != account_name(live.task):
            return unspent(child.caps, NOTHING)
        return unspent(child.caps, live.paid[1])


def _without(task: Task, child: Child) -> Task:
    rest = tuple([each for each in task.children if each != child])
    return msgspec.structs.replace(task, children=rest)


def _check(hold: Hold, caps: Caps, used: Amount) -> None:
    """Check that so much is left.

    Raises:
        TaskSpent, OverTaskCap: it is not.
    """
    most = ANYTHING if hold.budget is None else hold.budget.most
    left = lowered(most, used)
    for name, there in (("steps", left.calls), ("tokens", left.tokens), ("money", left.money)):
        wish = getattr(caps, name)
        if wish is not None and there is not None and wish > there:
            raise too_little(hold, name, wish, there)
