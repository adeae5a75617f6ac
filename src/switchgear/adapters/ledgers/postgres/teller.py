"""Does what is asked of the accounts: what has gathered goes in one transaction."""

from collections.abc import Sequence

from switchgear.adapters.ledgers.postgres.account import Accounts
from switchgear.adapters.ledgers.postgres.fault import down
from switchgear.adapters.ledgers.postgres.job import Gatherer, Job, Outcome
from switchgear.adapters.ledgers.postgres.line import Connection, Line
from switchgear.adapters.ledgers.postgres.writer import AGAIN, HANDLED, TWICE, may_go_well
from switchgear.adapters.ledgers.verb import Answer, Expire, Reserve, Verb
from switchgear.domain.account import Shortfall
from switchgear.domain.errors import LedgerDown
from switchgear.domain.units import UnixMs
from switchgear.ports.clock import Clock

MOST_TOGETHER = 256
FAILED = "The budgets cannot be asked"


class Teller(Gatherer[Verb]):
    """The one task that reserves, renews and gives back through one connection."""

    def __init__(self, line: Line, accounts: Accounts, clock: Clock) -> None:
        """Take the connection; the clock tells what may be given back when money falls short."""
        super().__init__(self._settle, MOST_TOGETHER)
        self._line = line
        self._accounts = accounts
        self._clock = clock

    async def _settle(self, jobs: Sequence[Job[Verb]]) -> Sequence[Outcome]:
        wanted = [job for job in jobs if not (job.left and isinstance(job.thing, Reserve))]
        try:
            answers = await self._act([job.thing for job in wanted])
        except HANDLED as error:
            why = down(FAILED, error)
            return [LedgerDown(why.message) for _ in jobs]
        found = dict(zip(map(id, wanted), answers, strict=True))
        return [found.get(id(job)) for job in jobs]

    async def _act(self, verbs: list[Verb]) -> list[Answer]:
        answers = await self._surely(verbs)
        short = [place for place, it in enumerate(answers) if isinstance(it, Shortfall)]
        now = self._clock.date()
        if short and await self._given_back(now):
            again = await self._surely([verbs[place] for place in short])
            for place, answer in zip(short, again, strict=True):
                answers[place] = answer
        return answers

    async def _given_back(self, now: UnixMs) -> bool:
        """End what is open beyond its time, if anything is."""
        async with self._line.taken() as connection:
            if not await self._accounts.due(connection, now):
                return False
        return bool((await self._surely([Expire(now)]))[0])

    async def _surely(self, verbs: list[Verb]) -> list[Answer]:
        """Do them; again where it is known that this helps: each can be done twice."""
        for left in reversed(range(AGAIN)):
            try:
                return await self._once(verbs)
            except TWICE as error:
                if not (left and may_go_well(error)):
                    raise
        return []

    async def _once(self, verbs: list[Verb]) -> list[Answer]:
        async with self._line.taken() as connection:
            due = await self._due(connection, verbs)
            await self._accounts.learn(connection, (), verbs)
            async with connection.transaction():
                return await self._accounts.act(connection, (), verbs, due)

    async def _due(self, connection: Connection, verbs: Sequence[Verb]) -> Sequence[str]:
        latest = max([verb.now for verb in verbs if isinstance(verb, Expire)], default=None)
        return () if latest is None else await self._accounts.due(connection, latest)
