"""What the HTTP surface needs of whoever asks humans."""

from typing import Protocol

from switchgear.domain.caller import Key
from switchgear.domain.ticket import Question, Ruling, Ticket
from switchgear.domain.units import Seconds
from switchgear.ports.papers import Sought


class Tickets(Protocol):
    """Keeps tickets for the key that asks. All verbs raise LedgerDown where the store is away."""

    async def ask(self, question: Question, by: Key, *, pauses: bool) -> Ticket:
        """Open a ticket.

        Raises:
            MalformedBody: it cannot be asked.
            UnknownTask: there is no such task of the asker's.
            TaskConflict: the task does not run, so it cannot be paused.
            Overloaded: as many of the asker's are open as there may be.
        """
        ...

    async def list(self, sought: Sought, by: Key) -> tuple[Ticket, ...]:
        """Return the tickets that fit and that the asker may know of, newest first."""
        ...

    async def wait(self, name: str, by: Key, span: Seconds) -> Ticket:
        """Return a ticket when it is decided, or when ``span`` is over.

        Raises:
            UnknownTicket: there is none of that id that is the asker's to know.
            Overloaded: as many wait as may.
        """
        ...

    async def decide(self, name: str, ruling: Ruling, by: Key) -> Ticket:
        """Decide a ticket, once.

        Raises:
            UnknownTicket: as above.
            NotAllowed: the key may not decide.
            MalformedBody: that cannot be said to a ticket of its kind.
            TicketDecided: it was decided before.
        """
        ...

    async def claim(self, name: str, action: str, by: Key) -> Ticket:
        """Begin what was approved, once.

        Raises:
            UnknownTicket: as above.
            NotAllowed: the ticket is another's, or its action another.
            UnknownTask: the task is no longer the asker's.
            TaskConflict: the task does not run.
            TicketDecided: it was not approved, or claimed before.
        """
        ...
