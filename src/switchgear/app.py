"""Floor 4. The roof: the one file that knows every room."""

from collections.abc import Callable, Sequence

import msgspec

from switchgear.config.setup import Setup
from switchgear.domain.call import Call
from switchgear.domain.caller import Caller, Key
from switchgear.domain.entry import Entry
from switchgear.domain.halt import Halt
from switchgear.domain.ids import CHANCE_BITS, mint
from switchgear.domain.target import Kind, Target
from switchgear.engine.explain import Explanation, explain, preview, to_json
from switchgear.engine.policy import Alias
from switchgear.engine.replay import explained
from switchgear.engine.right import allowed
from switchgear.engine.spoken import judged
from switchgear.house import House, put_right
from switchgear.pipeline.attempt import Means
from switchgear.pipeline.auth import Doorman
from switchgear.pipeline.count import Counter
from switchgear.pipeline.entrance import Entrance, Toll
from switchgear.pipeline.halt import stop
from switchgear.pipeline.idempotency import share
from switchgear.pipeline.lane import LaneToll
from switchgear.pipeline.limit import limit
from switchgear.pipeline.locksmith import Locksmith
from switchgear.pipeline.passage import Passer
from switchgear.pipeline.purse import Purse
from switchgear.pipeline.rate import rate
from switchgear.pipeline.recall import owner_of, recall, recalled
from switchgear.pipeline.record import Desk, record
from switchgear.pipeline.route import Router
from switchgear.pipeline.scope import scope
from switchgear.pipeline.stack import stack
from switchgear.pipeline.statement import accounts_of, budgets_in, statement
from switchgear.pipeline.task.cap import Treasury, cap
from switchgear.pipeline.task.halting import Halting
from switchgear.pipeline.task.handing import Giver, hand
from switchgear.pipeline.task.hearing import hear
from switchgear.pipeline.task.insertion import Inserter, context
from switchgear.pipeline.task.layer import Oversight, known, supervise
from switchgear.pipeline.throttle import Throttle
from switchgear.ports.board import Said
from switchgear.ports.handler import Handler
from switchgear.ports.ledger import Ledger, Query
from switchgear.ports.recollection import Recollection, Recollections
from switchgear.ports.upstream import Upstream
from switchgear.surfaces.http.gateway import ModelCard


def build(setup: Setup, house: House, upstream: Upstream) -> "Gateway":
    """Put every part of one version of the config in its place."""
    outside = house.outside
    put_right(setup, house)
    means = _means(setup, house, upstream)
    router = Router(setup, means, outside.chance)
    desk = _desk(setup, house)
    rates = rate(outside.meters, setup.tenants, house.refusals)
    recalling = recall(outside.recollections, _holders(setup))
    layers = [  # read it top to bottom and you have read the life of a call
        record(desk),
        scope,
        stop(house.halts),  # whose calls are stopped gets no answer at all, also no kept one
        share(house.answers, setup.idempotency),  # before the limit: reading along takes no slot
        hear(house.finder),
        supervise(_oversight(setup, house)),  # before the rates: a stopped task costs nobody
        rates,
        limit(house.slots, house.halts.waiting),
        recalling,
        cap(_treasury(setup, house)),  # outside of what is put in: each sending has that anew
        context(Inserter(house.contexts, house.tasks, setup.tasks.context, outside.clock)),
        hand(Giver(house.handoffs, house.tasks, outside.clock, house.nursery)),
    ]
    counted = [
        record(desk),
        scope,
        stop(house.halts),
        hear(house.finder),
        known(house.finder),
        rates,
        limit(house.slots, house.halts.waiting),
        recalling,
    ]
    return Gateway(
        setup,
        house,
        router,
        Handlers(
            answer=house.overhead.watched(layers, router),
            count=stack(counted, Counter(setup, router, means)),
            passage=stack(counted[:-1], Passer(setup, router, means)),
        ),
    )


def _means(setup: Setup, house: House, upstream: Upstream) -> Means:
    """Return what attempts are made with."""
    return Means(
        upstream=upstream,
        health=house.health,
        holds=house.holds,
        allowances=house.allowances,
        flaws=house.flaws,
        estimates=house.estimates,
        brain=house.brain,
        opinions=house.outside.opinions,
        overhead=house.overhead,
        quotas=house.quotas,
        halts=house.halts,
        patience=setup.patience,
        retry=setup.retry,
        watchdog=house.watchdog,
        clock=house.outside.clock,
        entrance=Entrance(house.health, tolls=_tolls(setup, house)),
    )


def _desk(setup: Setup, house: House) -> Desk:
    """Return what records are made with."""
    outside = house.outside
    return Desk(
        ledger=outside.ledger,
        signals=outside.signals,
        nursery=house.nursery,
        clock=outside.clock,
        bodies=setup.ledger.bodies,
        settled=house.claims.paid,
        heard=_hears(house),
        over=lambda: house.slots.over,
    )


def _hears(house: House) -> Callable[[Entry], None]:
    """Return what is told of every call that has ended."""
    learn, look = house.brain.hear, house.notices.hear

    def hear(entry: Entry) -> None:
        learn(entry)
        look(entry)

    return hear


def _tolls(setup: Setup, house: House) -> tuple[Toll, ...]:
    """Return what an attempt pays, in this order: money is not tied up while a call waits."""
    return (
        house.halts,
        house.cuts,
        LaneToll(house.lanes, house.health, setup.lanes, setup.tenants),
        Throttle(house.outside.meters, setup.target_rates, house.quotas, house.refusals),
        Purse(setup, house.claims, house.outside.clock),
    )


def _oversight(setup: Setup, house: House) -> Oversight:
    """Return what the layer of tasks works with."""
    return Oversight(
        tasks=house.tasks,
        finder=house.finder,
        halting=Halting(house.tasks, house.tickets, house.nursery),
        kept=house.outside.recollections,
        looping=setup.tasks.loops,
        targets=setup.policy.targets,
    )


def _treasury(setup: Setup, house: House) -> Treasury:
    """Return what the layer of caps works with."""
    return Treasury(
        bursar=house.bursar,
        tasks=house.tasks,
        tickets=house.tickets,
        clock=house.outside.clock,
        nursery=house.nursery,
        settings=setup.tasks,
        tool=next((each for each in setup.policy.targets if each.id == setup.tasks.tool), None),
    )


def _holders(setup: Setup) -> dict[str, str]:
    """Return the targets whose providers hold their answers, with those providers."""
    holding = {name for name, each in setup.providers.items() if each.holds_answers}
    return {it.id: it.provider for it in setup.policy.targets if it.provider in holding}


class Handlers(msgspec.Struct, frozen=True, kw_only=True):
    """What answers calls, by what is wanted."""

    answer: Handler
    """Words, or vectors."""
    count: Handler
    passage: Handler
    """What is passed through."""


class Gateway:
    """One version of everything, as the surfaces see it."""

    def __init__(self, setup: Setup, house: House, router: Router, handlers: Handlers) -> None:
        """Take the parts; ``build`` puts them together."""
        self.handler = handlers.answer
        self.count = handlers.count
        self.passage = handlers.passage
        self.most_passed = setup.passthrough.most
        self.setup = setup
        self.server = setup.server
        self.clock = house.outside.clock
        self.nursery = house.nursery
        self.aside = house.aside
        self._house = house
        self._router = router
        self.keys = Locksmith(
            house.ring,
            house.outside.keyring,
            house.outside.clock,
            house.outside.chance,
            policy=setup.policy,
        )
        self.tasks = house.desk
        self.tickets = house.tickets
        self.contexts = house.contexts
        self.handoffs = house.handoffs
        self.outcomes = house.outcomes
        self.goals = setup.learning.goals
        self.figures = house.figures.now
        self._doorman = Doorman(house.ring, house.outside.clock)

    def full(self, caller: Caller) -> bool:
        """Whether a call of this caller's that came now would be refused, whatever it asks."""
        return self._house.slots.full(caller.priority)

    @property
    def over(self) -> bool:
        """Whether calls that are cancelled now are cancelled by us."""
        return self._house.slots.over

    def new_id(self) -> str:
        """Return a new decision id."""
        outside = self._house.outside
        return mint(outside.clock.date(), outside.chance.bits(CHANCE_BITS))

    def authenticate(self, authorization: str | None, x_api_key: str | None) -> Key:
        """Return the rights of the credential that came; see ``Doorman.admit``."""
        return self._doorman.admit(authorization, x_api_key)

    async def preview(self, call: Call) -> object:
        """Return the decision on a call; nothing is sent, and nothing is recorded."""
        return to_json(self.foresee(await recalled(call, self._recollections)))

    def foresee(self, call: Call) -> Explanation:
        """Return the decision on a call, explained; nothing is sent, and nothing is recorded."""
        return preview(call, self._router.decide(call), self.setup.policy)

    async def decision(self, decision: str, key: Key) -> object | None:
        """Return one decision explained; None if the key has none of that id."""
        entry = await self._ledger.find(decision)
        if entry is None or not _may_see(key, entry):
            return None
        said, tiers = await self.outcomes.of(decision), await self.outcomes.tiers(entry)
        return {**await self._explained(entry), **judged(said, entry, tiers)}

    async def decisions(self, query: Query, key: Key) -> list[object]:
        """Return the decisions that fit and that the key may see, newest first."""
        if not key.debug:
            query = msgspec.structs.replace(query, key=key.id)
        elif key.tenant:
            query = msgspec.structs.replace(query, tenant=key.tenant)
        return [to_json(explain(entry, None, None)) for entry in await self._ledger.list(query)]

    async def recollection(self, name: str, key: Key) -> Recollection | None:
        """Return an answer that is kept for the key; None if it has none of that id."""
        return await self._recollections.find(owner_of(key), name)

    async def forget(self, name: str, key: Key) -> bool:
        """Forget an answer that is kept for the key; False if it has none of that id."""
        return await self._recollections.forget(owner_of(key), name)

    async def budgets(self, key: Key) -> list[object]:
        """Return how the budgets stand that the key may know of, as JSON-able values."""
        keys = [each.key for each in await self.keys.all(key)]
        found, now = budgets_in(self.setup, keys, key), self.clock.date()
        levels = await self._house.outside.budgets.levels(accounts_of(found, now))
        return [statement(one, level, now) for one, level in zip(found, levels, strict=True)]

    def halts(self) -> tuple[Halt, ...]:
        """Return what is stopped by the kill switch."""
        return self._house.halts.on

    async def say(self, halt: Halt) -> Said:
        """Stop something by the kill switch, or let it go again."""
        return await self._house.killswitch.say(halt)

    def models(self, key: Key) -> tuple[ModelCard, ...]:
        """Return the aliases, then the targets, that the key may ask for."""
        policy = self.setup.policy
        usable = [each for each in policy.targets if allowed(each, key)]
        cards = [_alias_card(alias, usable) for alias in policy.aliases.values()]
        cards += [_target_card(each) for each in usable]
        return tuple(card for card in cards if not key.models or card.id in key.models)

    def ready(self) -> str:
        """Return why calls cannot be served now; empty when they can."""
        return "draining" if self._house.slots.draining else ""

    def metrics(self) -> bytes:
        """Return the metrics in Prometheus' text format."""
        return self._house.outside.exposition()

    @property
    def _recollections(self) -> Recollections:
        return self._house.outside.recollections

    @property
    def _ledger(self) -> Ledger:
        return self._house.outside.ledger

    async def _explained(self, entry: Entry) -> dict[str, object]:
        document = None
        if entry.decision is not None:
            document = await self._ledger.find_policy(entry.decision.policy)
        return to_json(explained(entry, document))


def _alias_card(alias: Alias, usable: Sequence[Target]) -> ModelCard:
    """Return what an alias can do: all that any of its targets can, for those who may use them."""
    members = [each for each in usable if each.id in alias.targets]
    cards = [_target_card(each) for each in members]
    return ModelCard(
        id=alias.name,
        tier="" if alias.tier is None else alias.tier.name.lower(),
        capabilities=frozenset(each for card in cards for each in card.capabilities),
        window=max((card.window for card in cards), default=0),
        max_output=max((card.max_output for card in cards), default=0),
        targets=tuple(card.id for card in cards),
    )


def _target_card(target: Target) -> ModelCard:
    bounded = target.kind is not Kind.TOOL
    return ModelCard(
        id=target.id,
        owner=target.provider,
        kind=target.kind.value,
        tier=target.tier.name.lower(),
        capabilities=target.capabilities,
        window=target.window if bounded else 0,
        max_output=target.max_output if bounded else 0,
    )


def _may_see(key: Key, entry: Entry) -> bool:
    """Whether a key may read a decision: its own, or with the right to debug, its tenant's.

    One of no tenant may then read any.
    """
    if key.debug:
        return key.tenant in {"", entry.tenant}
    return key.id != "" and key.id == entry.key
