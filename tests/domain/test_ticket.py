"""A ticket says what was decided, by whomever."""

import msgspec

from switchgear.domain.ticket import (
    CLOSED,
    Decided,
    Question,
    Ruling,
    Ticket,
    TicketState,
    Verdict,
)
from switchgear.domain.units import UnixMs

OPEN = Ticket(
    id="ti_1", question=Question(text="May I?"), asked=UnixMs(1), deadline=UnixMs(2), key="agent"
)


def test_a_ticket_that_is_open_has_no_verdict() -> None:
    assert (OPEN.state, OPEN.verdict) == (TicketState.OPEN, None)


def test_a_ticket_has_the_verdict_of_its_ruling_and_is_read_as_it_was_written() -> None:
    ruling = Ruling(verdict=Verdict.DENY, note="no")
    done = msgspec.structs.replace(
        OPEN,
        state=TicketState.EXPIRED,
        decided=Decided(ruling=ruling, at=UnixMs(2), by_default=True),
    )
    assert done.verdict is Verdict.DENY
    assert msgspec.json.decode(msgspec.json.encode(done), type=Ticket) == done


def test_every_state_but_one_is_an_end() -> None:
    assert set(TicketState) - set(CLOSED) == {TicketState.OPEN}
