"""Hold the caps of tasks: calls pay what is counted, and at a cap what is declared is done."""

from collections.abc import Sequence
from functools import partial

import msgspec

from switchgear.config.setup import Supervision
from switchgear.domain.account import Amount, Budget, Shortfall
from switchgear.domain.call import Call
from switchgear.domain.caller import Caller
from switchgear.domain.edit import Append, ChooseTool, Edit
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.errors import (
    LedgerDown,
    MalformedBody,
    NoTarget,
    NothingFits,
    Overloaded,
    Refusal,
    SwitchgearError,
)
from switchgear.domain.fact import Capped
from switchgear.domain.mandate import Mandate
from switchgear.domain.supervision import OverTaskCap, TaskConflict, TaskSpent, UnknownTask
from switchgear.domain.target import Target, Tier
from switchgear.domain.task import AtCap, Status, Task
from switchgear.domain.ticket import Question, TicketKind, Verdict
from switchgear.domain.turn import Choice, Role, Text, ToolChoice, Turn
from switchgear.domain.units import Seconds, Tokens
from switchgear.engine.cap import Hold, gone, lowered
from switchgear.engine.cost import worst_cost
from switchgear.engine.spent import (
    Spent,
    cap_short,
    final,
    held_by_others,
    paused,
    question,
    stopped,
)
from switchgear.pipeline.task.bursar import Bursar
from switchgear.pipeline.task.live import Live
from switchgear.pipeline.task.registry import Tasks
from switchgear.pipeline.task.ticket import Tickets
from switchgear.ports.clock import Clock
from switchgear.ports.handler import Handler, Layer, Reply, Trail
from switchgear.ports.nursery import Nursery

LOWER = (Tier.MID, Tier.SMALL)
"""Ceilings that are tried one after the other, where cheaper targets are to serve."""
ONE = Tokens(1)
NO_TOOLS = ChooseTool(ToolChoice(choice=Choice.NONE))
FIGURES = {"steps": "calls"}
"""What amounts call a cap, where that is another word."""
NOBODY = (NoTarget, NothingFits)
"""Errors that say that on these terms there is nobody to ask."""


class Treasury(msgspec.Struct, frozen=True, kw_only=True):
    """What the layer works with."""

    bursar: Bursar
    tasks: Tasks
    tickets: Tickets
    clock: Clock
    nursery: Nursery
    settings: Supervision = Supervision()
    tool: Target | None = None
    """It answers at a cap, where that is declared."""


def cap(treasury: Treasury) -> Layer:
    """Return the layer that lets a call pay for its task, and acts where that comes to a cap.

    What is not surely a task's is never refused for its caps, so it does not pay either.
    """
    tasks, bursar, settings = treasury.tasks, treasury.bursar, treasury.settings
    owner = settings.caps

    def alone(live: Live) -> bool:
        """Whether what the task may use is worked out, and it is part of no other."""
        hold = live.hold
        return hold.task is live.task and hold.owner is owner and not live.task.ancestors

    def layer(inner: Handler) -> Handler:
        async def handle(call: Call, trail: Trail) -> Reply:
            identity = call.mandate.identity
            if not (identity.task and identity.sure):
                return await inner(call, trail)
            live = tasks.known(identity.task) or await tasks.find(identity.task)
            if live is None:
                return await inner(call, trail)
            holds = (live.hold,) if alone(live) else await bursar.holds(live, settings)
            if all([each.free for each in holds]):  # noqa: C419  (quicker, and on every call)
                return await inner(call, trail)
            return await Errand(treasury, inner, call, trail, holds).run()

        return handle

    return layer


class Want(msgspec.Struct, frozen=True):
    """What an attempt was refused for: an account of a task has not enough for it."""

    short: Shortfall
    wanted: Amount


class Errand:
    """One call on its way past the caps of its task, and of those that this is part of."""

    __slots__ = ("_call", "_holds", "_inner", "_sent", "_trail", "_treasury")

    def __init__(
        self,
        treasury: Treasury,
        inner: Handler,
        call: Call,
        trail: Trail,
        holds: Sequence[Hold],
    ) -> None:
        """Take a call with nothing sent yet; ``holds`` are of its task first, then above it."""
        self._treasury = treasury
        self._inner = inner
        self._call = call
        self._trail = trail
        self._holds = holds
        self._sent = 0

    async def run(self) -> Reply:
        """Answer the call, or do what is declared for a cap.

        Raises:
            OverTaskCap, TaskSpent: a cap forbids it.
            TaskPaused: so it does, and the task waits for more.
        """
        late = self._late(last=False)
        if late is not None:
            return await self._act(late, others=False)
        found = await self._send(self._usual())
        if not isinstance(found, Reply) and await self._came_back():
            found = await self._send(self._usual())
        if isinstance(found, Reply):
            return found
        spent, others = await self._spent(found)
        return await self._act(spent, others=others)

    async def _send(self, mandate: Mandate) -> Reply | Want:
        """Send the call on such terms; return what a task's account is short of."""
        if self._sent:
            mandate = msgspec.structs.replace(mandate, again=self._sent)
        self._sent += 1
        call = msgspec.structs.replace(self._call, mandate=mandate, caller=self._in_time())
        try:
            return await self._inner(call, self._trail)
        except (OverTaskCap, TaskSpent) as error:
            if error.short is None:
                raise
            return Want(error.short, error.wanted)

    def _in_time(self) -> Caller:
        """Return the caller, who waits no longer for content than there is time."""
        caller, ends = self._call.caller, [it.due for it in self._holds if it.due is not None]
        if not ends:
            return caller
        left = Seconds(max(0.0, (min(ends) - self._call.at) / 1000))
        patience = caller.wishes.patience
        if patience is not None and patience <= left:
            return caller
        wishes = msgspec.structs.replace(caller.wishes, patience=left)
        return msgspec.structs.replace(caller, wishes=wishes)

    def _usual(self) -> Mandate:
        return msgspec.structs.replace(self._call.mandate, budgets=self._budgets())

    def _budgets(self, *, last: bool = False) -> tuple[Budget, ...]:
        """Return what the call pays from; ``last`` lets it have what is kept for the final one."""
        found = []
        for hold in self._holds:
            budget = hold.budget if last else hold.usual
            if budget is not None and hold.promised:
                most = lowered(budget.most, self._promised(hold))
                budget = msgspec.structs.replace(budget, most=most)
            if budget is not None:
                found.append(budget)
        return tuple(found)

    @property
    def _path(self) -> list[str]:
        return [each.task.id for each in self._holds]

    def _promised(self, hold: Hold) -> Amount:
        return self._treasury.bursar.promised(hold, self._path)

    async def _came_back(self) -> bool:
        """Whether children have spent more of their promises than was known."""
        promising = [each for each in self._holds if each.promised]
        return bool(promising) and await self._treasury.bursar.look(promising, self._path)

    def _late(self, *, last: bool) -> Spent | None:
        """Return whose time is up; ``last`` is the final call, for which some is kept."""
        for hold in self._holds:
            if hold.due is not None and gone(hold, self._treasury.clock.date(), last=last):
                at = hold.task.deadline is not None and hold.due == hold.task.deadline
                return Spent(hold=hold, cap="deadline" if at else "wall")
        return None

    async def _spent(self, want: Want) -> tuple[Spent, bool]:
        """Return the cap that an account is short of, and whether others hold some of it."""
        hold = next(it for it in self._holds if _names(it, want.short.account.name))
        cap = cap_short(want.short, want.wanted)
        figure = FIGURES.get(cap, cap)
        level = await self._treasury.bursar.level(hold)
        there = [getattr(it, figure) for it in (level.held, self._promised(hold), level.spent)]
        spent = Spent(hold=hold, cap=cap, used=sum(there), wanted=getattr(want.wanted, figure))
        return spent, any(there[:2])

    async def _act(self, spent: Spent, *, others: bool) -> Reply:
        """Do what is declared for a cap.

        Raises:
            OverTaskCap, TaskSpent, TaskPaused: as ``run``.
        """
        reply = None
        if self._call.endpoint is Endpoint.ANSWER:
            match spent.hold.caps.at_cap:
                case AtCap.WRAP_UP if not (others and spent.paid):
                    reply = await self._wrap_up(spent)
                case AtCap.DOWNGRADE:
                    reply = await self._downgrade(spent)
                case AtCap.TOOL:
                    reply = await self._tool(spent)
        if reply is None:
            raise await self._refused(spent, others=others)
        return reply

    async def _wrap_up(self, spent: Spent) -> Reply | None:
        """Let the model give its final answer, out of what is kept for it; then it is over."""
        if self._late(last=True) is not None:
            return None
        tools = (NO_TOOLS,) if self._call.body.conversation.tools else ()
        words = Append((Turn(Role.USER, (Text(final(spent)),)),))
        edits: tuple[Edit, ...] = (*self._call.mandate.edits, *tools, words)
        terms = msgspec.structs.replace(
            self._call.mandate, edits=edits, budgets=self._budgets(last=True)
        )
        self._trail.add(Capped(AtCap.WRAP_UP, spent.why))
        found = await self._send(terms)
        if not isinstance(found, Reply):
            return None
        found.at_close(partial(self._over, spent))
        return found

    async def _downgrade(self, spent: Spent) -> Reply | None:
        """Let cheaper targets serve it, as long as there is something left for these."""
        if not spent.paid:
            return None
        self._trail.add(Capped(AtCap.DOWNGRADE, spent.why))
        for tier in LOWER:
            try:
                found = await self._send(msgspec.structs.replace(self._usual(), ceiling=tier))
            except NOBODY:
                continue
            if isinstance(found, Reply):
                return found
        return None

    async def _tool(self, spent: Spent) -> Reply | None:
        """Let the declared tool answer."""
        tool = self._treasury.tool
        if tool is None:
            return None
        dear = worst_cost(tool.price, length=ONE, output=ONE) > 0
        budgets = self._budgets(last=True) if dear else ()
        terms = msgspec.structs.replace(
            self._call.mandate,
            budgets=tuple([_any_steps(each) for each in budgets]),
            first=(tool.id,),
            beyond=True,
            ceiling=Tier.TOOL,
        )
        self._trail.add(Capped(AtCap.TOOL, spent.why))
        try:
            found = await self._send(terms)
        except NOBODY:
            return None
        return found if isinstance(found, Reply) else None

    async def _refused(self, spent: Spent, *, others: bool) -> SwitchgearError:
        """Return what the caller is told, and let the task wait or end, as is declared.

        It goes on where calls under way hold what is left: some of that may come back.
        """
        own = self._call.mandate.identity.task
        if others:
            return held_by_others(spent, own) if spent.paid else stopped(spent, own)
        match spent.hold.caps.at_cap:
            case AtCap.PAUSE:
                await self._halt(spent, Status.PAUSED)
                return paused(spent, own)
            case AtCap.TICKET:
                return await self._asked(spent, own)
            case _:
                await self._halt(spent, Status.STOPPED)
                return stopped(spent, own)

    async def _asked(self, spent: Spent, own: str) -> Refusal:
        """Ask a human for more, and let the task wait for that."""
        asked = Question(
            kind=TicketKind.INPUT,
            text=question(spent),
            task=spent.hold.task.id,
            agent=self._call.mandate.identity.agent,
            default=Verdict.DENY,
            code=spent.code,
        )
        try:
            ticket = await self._treasury.tickets.ask(asked, pauses=True)
        except (TaskConflict, UnknownTask):  # somebody was quicker
            return stopped(spent, own)
        except (MalformedBody, Overloaded, LedgerDown):
            await self._halt(spent, Status.PAUSED)
            return paused(spent, own)
        return paused(spent, own, ticket.id)

    def _over(self, spent: Spent) -> None:
        self._treasury.nursery.spawn(self._halt(spent, Status.STOPPED))

    async def _halt(self, spent: Spent, status: Status) -> None:
        """Keep that a task waits, or is over, unless it was given more meanwhile."""
        before = spent.hold.task

        def halted(task: Task) -> Task:
            same = task.caps == before.caps and task.run == before.run
            if task.status is not Status.RUNNING or not same:
                return task
            return msgspec.structs.replace(task, status=status, why=spent.why, code=spent.code)

        try:
            await self._treasury.tasks.change(before.id, halted, f"{status.value} at a cap")
        except (LedgerDown, UnknownTask):
            return  # its accounts hold all the same


def _names(hold: Hold, account: str) -> bool:
    return hold.budget is not None and hold.budget.name == account


def _any_steps(budget: Budget) -> Budget:
    return msgspec.structs.replace(budget, most=msgspec.structs.replace(budget.most, calls=None))
