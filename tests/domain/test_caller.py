"""Whose call it is."""

import pytest

from switchgear.domain.caller import Caller, Key, Wishes
from switchgear.domain.priority import Priority


@pytest.mark.parametrize("most", Priority)
@pytest.mark.parametrize("wish", [None, *Priority])
def test_a_call_has_the_lane_that_it_asks_for_and_never_a_higher_one_than_its_key(
    most: Priority, wish: Priority | None
) -> None:
    found = Caller(key=Key(priority=most), wishes=Wishes(priority=wish)).priority
    assert found == (most if wish is None else min(most, wish))
