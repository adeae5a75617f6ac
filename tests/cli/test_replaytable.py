"""What is said of a replay, and when."""

from io import StringIO

import msgspec
from rich.console import Console

from support.pastime import drawer
from switchgear.cli.replaytable import ASKEW, FEW, UNDRAWN, draw, notes_of
from switchgear.cli.rerun import Replayed
from switchgear.domain.target import Tier
from switchgear.domain.units import UnixMs
from switchgear.engine.whatif.case import Case, Figure
from switchgear.engine.whatif.offpolicy import Drawn
from switchgear.engine.whatif.recount import Recount

FLAT = Figure(1.0, 1.0)


def replayed(calls: int, weight: float | None, **changes: object) -> Replayed:
    recount, chance = Recount(), drawer("table")
    for number in range(calls):
        drawn = None
        if weight is not None:
            drawn = Drawn(weight * (number % 2), chance(), 0.5, 0.4)
        figure = Figure(0.5, 0.4, drawn=drawn)
        plain = Case(
            route="auto",
            agent="\x1b[2Jred",
            step="user_turn",
            before="big",
            after="small",
            tiers=(Tier.MID, Tier.SMALL),
            observed=False,
            labelled=True,
            learnt=True,
            figures=(figure, FLAT, FLAT),
        )
        recount.add(msgspec.structs.replace(plain, **changes))
    return Replayed(
        version="v1", since=UnixMs(0), until=UnixMs(86_400_000), report=recount.report()
    )


def drawn_of(found: Replayed) -> str:
    out = StringIO()
    console = Console(width=140, file=out)
    for each in draw(found):
        console.print(each)
    return out.getvalue()


def test_draws_are_shown_where_they_tell() -> None:
    good = replayed(1000, 2.0)
    assert "doubly robust" in drawn_of(good)
    assert "1,000 drawn, worth 500" in drawn_of(good)
    assert notes_of(good) == []


def test_why_draws_do_not_tell_is_said() -> None:
    assert UNDRAWN in notes_of(replayed(10, None))
    assert FEW.format(20, 10.0) in notes_of(replayed(20, 2.0))
    askew = replayed(1000, 0.5)
    assert ASKEW.format(0.25) in notes_of(askew)
    assert "doubly robust" not in drawn_of(askew)


def test_names_cannot_steer_the_terminal() -> None:
    assert "\x1b[2J" not in drawn_of(replayed(3, None))
