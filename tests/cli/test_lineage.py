"""Where values came from, drawn for people."""

from rich.console import Console

from support.ancestry import call, log_of
from switchgear.cli.lineage import MOST_LETTERS, draw_lineage
from switchgear.domain.entry import Entry
from switchgear.domain.target import Sensitivity
from switchgear.engine.lineage import Books, trace


def drawn(entry: Entry, *asked: dict[str, object], sensitivity: int = 3) -> str:
    books = Books({"sg_gone": None}, {"tk_1": log_of(*asked)})
    console = Console(width=300)
    with console.capture() as captured:
        console.print(draw_lineage(trace(entry, books, Sensitivity(sensitivity)).reading))
    return captured.get()


def test_a_value_is_told_with_who_wrote_it_what_it_was_and_what_it_is_now() -> None:
    told = drawn(
        call("sg_b", ("a", 2), step=7),
        {"key": "a", "value": "old"},
        {"key": "a", "value": "wrong", "agent": "reader", "source": "tool", "decision": "sg_gone"},
        {"key": "a", "value": "right"},
        {"key": "a", "op": "delete"},
    )
    for words in (
        "sg_b, step 7, agent agent-7",
        'a  revision 2  "wrong"',
        "set by reader at 1970-01-01",
        "source tool, trust tool",
        'before that, at revision 1: "old"',
        "it has another value since revision 3; it is gone now",
        "from the answer sg_gone, which this ledger has not",
    ):
        assert words in told


def test_long_and_hidden_values_and_those_of_no_log_are_told_as_such() -> None:
    told = drawn(
        call("sg_b", ("a", 1), ("b", 2), ("a", 1), ("c", 9)),
        {"key": "a", "value": "x" * 999},
        {"key": "b", "value": "iban", "sensitivity": "restricted"},
        sensitivity=0,
    )
    assert "x" * MOST_LETTERS not in told
    assert "…" in told
    assert "iban" not in told
    for words in ("(withheld)", "(see the same above or below)", "(not on the log)"):
        assert words in told


def test_nothing_in_a_value_steers_the_terminal() -> None:
    told = drawn(call("sg_b", ("a", 1)), {"key": "a", "value": "\x1b[2J\nx"})
    assert "\x1b[2J" not in told
    assert "\\u001b" in told
