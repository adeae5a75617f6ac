from switchgear.domain.looping import Looping, Stance
from switchgear.engine.loop.signal import CODES, OBSERVED
from switchgear.engine.loop.tolerance import Tolerance, tolerance_of


def test_by_default_some_signals_are_acted_on_and_others_written_down() -> None:
    assert tolerance_of(Looping()) == Tolerance()
    assert Tolerance().acting == set(CODES) - OBSERVED


def test_an_owner_says_otherwise_for_each_signal() -> None:
    looping = Looping(signals=(("cycle", Stance.OFF), ("growth", Stance.ACT)))
    found = tolerance_of(looping)
    assert "cycle" not in found.watched
    assert "growth" in found.acting


def test_no_signal_does_more_than_all_of_them_may() -> None:
    observing = tolerance_of(Looping(stance=Stance.OBSERVE, signals=(("growth", Stance.ACT),)))
    assert (observing.acting, observing.watched) == (frozenset(), frozenset(CODES))
    assert not tolerance_of(Looping(stance=Stance.OFF)).watched
