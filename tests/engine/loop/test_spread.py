from switchgear.domain.units import Seconds
from switchgear.engine.loop.spread import Spread, fan_out
from switchgear.engine.loop.tolerance import Tolerance

TOLERANCE = Tolerance(children=4, generations=3, births=5)
NOW = Seconds(100.0)


def evidence(spread: Spread) -> str:
    signals = fan_out(spread, TOLERANCE, NOW)
    return signals[0].evidence if signals else ""


def test_children_beyond_the_bound_are_a_signal() -> None:
    assert not evidence(Spread(children=4))
    assert evidence(Spread(children=5)) == "5 children are open at once"


def test_generations_beyond_the_bound_are_a_signal() -> None:
    assert not evidence(Spread(depth=3))
    assert "4 generations deep" in evidence(Spread(depth=4))


def test_only_young_children_count_for_the_rate() -> None:
    old = tuple(Seconds(float(second)) for second in range(6))
    assert not evidence(Spread(births=old))
    young = tuple(Seconds(90.0 + second) for second in range(6))
    assert evidence(Spread(births=young)) == "6 children were opened within 60 s"


def test_each_child_more_is_a_new_occurrence() -> None:
    one, other = (fan_out(Spread(children=9, opened=n), TOLERANCE, NOW)[0] for n in (9, 10))
    assert one.act
    assert one.occurrence != other.occurrence


def test_what_is_switched_off_is_not_looked_for() -> None:
    assert not fan_out(Spread(children=9), Tolerance(children=4, watched=frozenset()), NOW)
