"""A call as a queue sees it."""

from switchgear.domain.priority import Priority
from switchgear.domain.units import Tokens
from switchgear.engine.waiter import EVER, Standing, Waiter


def test_a_call_that_says_nothing_of_itself_is_small_interactive_and_in_no_hurry() -> None:
    waiter = Waiter("a", Tokens(10))
    assert (waiter.priority, waiter.heavy, waiter.weight) == (Priority.INTERACTIVE, False, 1.0)
    assert (waiter.until, waiter.standing) == (EVER, Standing.NEW)


def test_two_calls_that_are_alike_are_two() -> None:
    assert len({Waiter("a", Tokens(10)), Waiter("a", Tokens(10))}) == 2
