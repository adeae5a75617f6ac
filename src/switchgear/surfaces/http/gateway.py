"""What the HTTP surface needs of the app behind it."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import msgspec

from switchgear.config.grant import Grant, NewGrant
from switchgear.config.setup import Server
from switchgear.domain.call import Call
from switchgear.domain.caller import Caller, Key
from switchgear.domain.goal import Goals
from switchgear.domain.halt import Halt
from switchgear.domain.secret import Secret
from switchgear.domain.target import Capability
from switchgear.engine.figure.report import Report
from switchgear.ports.board import Said
from switchgear.ports.clock import Clock
from switchgear.ports.handler import Handler
from switchgear.ports.keyring import Kept, Shown
from switchgear.ports.ledger import Query
from switchgear.ports.nursery import Nursery
from switchgear.ports.recollection import Recollection
from switchgear.surfaces.http.counter import Counter
from switchgear.surfaces.http.document import Contexts
from switchgear.surfaces.http.handover import Handoffs
from switchgear.surfaces.http.human import Tickets
from switchgear.surfaces.http.keeper import Outcomes


class ModelCard(msgspec.Struct, frozen=True, kw_only=True):
    """One name that a caller may ask for."""

    id: str
    owner: str = "switchgear"
    """The provider, or ourselves for an alias."""
    created: int = 0
    """Unix seconds; 0 when nobody knows."""
    kind: str = "alias"
    """That, or the kind of the target."""
    tier: str = ""
    """Of the target, or the least of the alias; empty where the call's complexity decides."""
    capabilities: frozenset[Capability] = frozenset()
    """Of the target, or of all that the alias may mean: a call is sent to who can serve it."""
    window: int = 0
    """Most tokens of input and output together; for an alias that of the largest. 0 for any."""
    max_output: int = 0
    """Most tokens of one answer, likewise."""
    targets: tuple[str, ...] = ()
    """What an alias may mean, for this key."""


class Keys(Protocol):
    """Manages keys for the key that asks. All verbs raise LedgerDown where the store is away."""

    async def all(self, by: Key | None) -> Sequence[Shown]:
        """Return all that are the asker's to know."""
        ...

    async def find(self, name: str, by: Key | None) -> Shown:
        """Return one.

        Raises:
            UnknownKeyId: there is none of that id that is the asker's to know.
        """
        ...

    async def history(self, name: str, by: Key | None) -> Sequence[Kept]:
        """Return what was done to one, oldest first.

        Raises:
            UnknownKeyId: as ``find``.
        """
        ...

    async def make(self, grant: NewGrant, by: Key | None) -> tuple[Shown, Secret]:
        """Make one.

        Raises:
            MalformedBody: what is said cannot be.
            WiderThanMaker: it could do more than the asker.
            KeyConflict: the id is taken.
        """
        ...

    async def change(
        self, name: str, grant: Grant, by: Key | None, revision: int | None = None
    ) -> Shown:
        """Change what one may do; all that follow raise the same.

        Raises:
            MalformedBody, WiderThanMaker, UnknownKeyId: as above.
            KeyConflict: it is not in the state, or the revision, that this needs.
        """
        ...

    async def rotate(
        self, name: str, by: Key | None, revision: int | None = None
    ) -> tuple[Shown, Secret]:
        """Give one a second secret."""
        ...

    async def promote(self, name: str, by: Key | None, revision: int | None = None) -> Shown:
        """Drop the old secret."""
        ...

    async def rollback(self, name: str, by: Key | None, revision: int | None = None) -> Shown:
        """Drop the new secret."""
        ...

    async def revoke(self, name: str, by: Key | None, revision: int | None = None) -> Shown:
        """End one for good."""
        ...


class Gateway(Protocol):
    """One version of everything; a request sees exactly one."""

    @property
    def handler(self) -> Handler:
        """Answers calls.

        A call that was refused before it was read comes here too, so that it is written down:
        the ``conversation`` of its body raises the reason (see ``unread.Unread``).
        """
        ...

    @property
    def count(self) -> Handler:
        """Answers how many tokens a call's input has, in the usage of its last event."""
        ...

    @property
    def passage(self) -> Handler:
        """Passes calls through; their bodies are ``Passed``, or not to be read."""
        ...

    @property
    def most_passed(self) -> int:
        """Bytes of the body of one call that is passed through, at most."""
        ...

    @property
    def clock(self) -> Clock:
        """Tells the time."""
        ...

    @property
    def nursery(self) -> Nursery:
        """Keeps work that must end even if its call is cancelled."""
        ...

    @property
    def aside(self) -> asyncio.Lock:
        """Held by the one large body that is being read."""
        ...

    @property
    def server(self) -> Server:
        """The limits for what comes in."""
        ...

    def full(self, caller: Caller) -> bool:
        """Whether a call of this caller's that came now would be refused, whatever it asks."""
        ...

    @property
    def over(self) -> bool:
        """Whether the server's grace is over: whose answer is cancelled now, did not leave."""
        ...

    def new_id(self) -> str:
        """Return a new decision id."""
        ...

    @property
    def keys(self) -> Keys:
        """Manages keys."""
        ...

    @property
    def contexts(self) -> Contexts:
        """Reads and changes the contexts of tasks."""
        ...

    @property
    def handoffs(self) -> Handoffs:
        """Hands tasks over."""
        ...

    @property
    def outcomes(self) -> Outcomes:
        """Keeps what is said of decisions."""
        ...

    @property
    def goals(self) -> Goals:
        """What the owner wants of the figures."""
        ...

    async def figures(self, tenant: str) -> Report:
        """Return how routing does, of one tenant's calls where one is named.

        Raises:
            LedgerDown: it cannot be told now.
        """
        ...

    @property
    def tasks(self) -> Counter:
        """Opens, shows and halts tasks."""
        ...

    @property
    def tickets(self) -> Tickets:
        """Asks humans."""
        ...

    def authenticate(self, authorization: str | None, x_api_key: str | None) -> Key:
        """Return the rights of the credential in the two headers.

        Raises:
            UnknownKey: it is not good here, or there is none.
            ConflictingCredentials: the headers hold different ones.
            NotAllowed: it may do nothing.
            LedgerDown: nobody can tell now.
        """
        ...

    async def preview(self, call: Call) -> object:
        """Return the decision on a call, as JSON-able values; nothing is sent."""
        ...

    async def decision(self, decision: str, key: Key) -> object | None:
        """Return one decision, as JSON-able values; None if the key has none of that id."""
        ...

    async def decisions(self, query: Query, key: Key) -> list[object]:
        """Return the decisions that fit and that the key may see, as JSON-able values."""
        ...

    async def recollection(self, name: str, key: Key) -> Recollection | None:
        """Return an answer that is kept for the key; None if it has none of that id."""
        ...

    async def forget(self, name: str, key: Key) -> bool:
        """Forget an answer that is kept for the key; False if it has none of that id."""
        ...

    async def budgets(self, key: Key) -> list[object]:
        """Return how the budgets stand that the key may know of, as JSON-able values.

        Raises:
            LedgerDown: it is not known.
        """
        ...

    def halts(self) -> tuple[Halt, ...]:
        """Return what is stopped by the kill switch."""
        ...

    async def say(self, halt: Halt) -> Said:
        """Stop something by the kill switch, or let it go again.

        Raises:
            MalformedRequest: too much is stopped one by one.
        """
        ...

    def models(self, key: Key) -> tuple[ModelCard, ...]:
        """Return what the key may ask for."""
        ...

    def ready(self) -> str:
        """Return why calls cannot be served now; empty when they can."""
        ...

    def metrics(self) -> bytes:
        """Return the metrics in Prometheus' text format."""
        ...
