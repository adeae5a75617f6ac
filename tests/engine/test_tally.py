"""Counting over a rolling window."""

from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.situation import Fault
from switchgear.domain.units import Seconds
from switchgear.engine.tally import COUNTED, EMPTY, Tally, add, rolled, share_of

WINDOW = Seconds(30.0)

events = st.lists(st.tuples(st.floats(0, 20), st.none() | st.sampled_from(COUNTED)), max_size=60)


def counted(history: list[tuple[float, Fault | None]]) -> tuple[Tally, list[tuple[float, str]]]:
    tally, now, seen = EMPTY, 0.0, list[tuple[float, str]]()
    for span, fault in history:
        now += span
        tally = add(tally, fault, now=Seconds(now), window=WINDOW)
        seen.append((now, fault.value if fault else ""))
    return tally, seen


@given(events)
def test_it_holds_all_of_the_last_half_window_and_nothing_older_than_the_whole(
    history: list[tuple[float, Fault | None]],
) -> None:
    tally, seen = counted(history)
    now = seen[-1][0] if seen else 0.0
    answers = [at for at, fault in seen if fault != "slow"]
    held = tally.answers + tally.answers_before
    assert len([at for at in answers if now - at < WINDOW / 2]) <= held
    assert held <= len([at for at in answers if now - at <= WINDOW])


@given(events)
def test_each_class_is_counted_apart(history: list[tuple[float, Fault | None]]) -> None:
    tally, _ = counted([(0.0, fault) for _, fault in history])
    for fault, count in zip(COUNTED, tally.faults, strict=True):
        assert count == len([each for _, each in history if each is fault])


def test_the_share_is_of_answers_and_slowness_has_its_own() -> None:
    tally = EMPTY
    for fault in (None, None, Fault.LOST, Fault.FAILED, Fault.SLOW):
        tally = add(tally, fault, now=Seconds(0.0), window=WINDOW)
    assert share_of(tally, slow=False, least=4) == 0.5
    assert share_of(tally, slow=True, least=4) == 0.25
    assert share_of(tally, slow=False, least=5) == 0.0
    assert share_of(EMPTY, slow=False, least=0) == 0.0


def test_time_alone_empties_it() -> None:
    tally = add(EMPTY, Fault.LOST, now=Seconds(0.0), window=WINDOW)
    assert share_of(rolled(tally, now=Seconds(16.0), window=WINDOW), slow=False, least=1) == 1.0
    assert share_of(rolled(tally, now=Seconds(31.0), window=WINDOW), slow=False, least=1) == 0.0
