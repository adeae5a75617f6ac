"""What meters in memory do beside what all meters do."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchgear.adapters.meters import memory
from switchgear.adapters.meters.memory import MemoryMeters
from switchgear.domain.rate import Rates
from switchgear.domain.units import Seconds, Tokens, UnixMs
from switchgear.ports.meter import LetIn, Metered, NoRoom


class ManualClock:
    def __init__(self) -> None:
        self.time = 1000.0

    def now(self) -> Seconds:
        return Seconds(self.time)

    def date(self) -> UnixMs:
        return UnixMs(0)


def test_what_is_full_again_is_forgotten_and_what_is_not_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "SWEEP", 10)

    async def life() -> None:
        clock = ManualClock()
        meters = MemoryMeters(clock)
        rates = Rates(requests=2, tokens=Tokens(100), concurrent=1)
        await meters.take("held", [Metered("held", rates)], Tokens(1))
        await meters.take("owing", [Metered("owing", rates)], Tokens(1))
        meters.settle("owing", Tokens(100_000))
        clock.time += 120
        for at in range(100):
            take = f"t{at}"
            await meters.take(take, [Metered(take, rates)], Tokens(1))
            meters.settle(take, None)
            clock.time += 10
        assert meters.known <= 25
        assert isinstance(await meters.take("x", [Metered("held", rates)], Tokens(1)), NoRoom)
        refused = await meters.take("y", [Metered("owing", rates)], Tokens(1))
        assert isinstance(refused, NoRoom)
        assert refused.what == "tokens"

    asyncio.run(life())


Step = tuple[float, int, int, bool]


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.floats(0, 30), st.integers(0, 120), st.integers(0, 200), st.booleans()),
        max_size=20,
    )
)
def test_no_window_of_a_minute_sees_more_than_two_limits_whatever_is_asked(
    steps: list[Step],
) -> None:
    """Twice, because what was left over from before the window counts too."""
    rates = Rates(requests=10, tokens=Tokens(100), concurrent=3)

    async def life() -> None:
        clock = ManualClock()
        meters = MemoryMeters(clock)
        both = [Metered("key/a", rates), Metered("tenant/x", rates)]
        let_in: list[float] = []
        tokens: list[tuple[float, int]] = []
        under_way: list[str] = []
        for at, (pause, wanted, _, ends) in enumerate(steps):
            clock.time += pause
            found = await meters.take(f"t{at}", both, Tokens(wanted))
            if isinstance(found, LetIn):
                let_in.append(clock.time)
                tokens.append((clock.time, wanted))
                under_way.append(f"t{at}")
            if ends and under_way:
                meters.settle(under_way.pop(0), None)
            assert len(under_way) <= 3
        for began in let_in:
            assert sum(began <= each < began + 60 for each in let_in) <= 20
            assert sum(many for each, many in tokens if began <= each < began + 60) <= 200

    asyncio.run(life())
