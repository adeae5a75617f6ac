"""What targets say that they still take, counted down."""

import msgspec
import pytest

from support.cast import MID, SMALL
from switchgear.adapters.chance import SeededChance
from switchgear.domain.rate import Level, Quota
from switchgear.domain.situation import Availability, Fault, Reading, Situation
from switchgear.domain.units import Seconds, Tokens, UnixMs
from switchgear.pipeline.quota import Need, Quotas

NEED = Need(Tokens(100), Tokens(50))
TWIN = msgspec.structs.replace(SMALL, id="twin")


class ManualClock:
    def __init__(self) -> None:
        self.time = 1000.0

    def now(self) -> Seconds:
        return Seconds(self.time)

    def date(self) -> UnixMs:
        return UnixMs(int(self.time * 1000))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def quotas(clock: ManualClock) -> Quotas:
    found = Quotas(clock, SeededChance())
    found.expect([SMALL, MID, TWIN])
    return found


def level(left: int, reset: float = 10.0, limit: int = 1000) -> Level:
    return Level(limit=limit, left=left, reset=Seconds(reset))


def told(quotas: Quotas, quota: Quota) -> None:
    quotas.hear(SMALL, quotas.send(SMALL, NEED), quota)


def test_until_a_target_says_something_it_takes_everything(quotas: Quotas) -> None:
    for _ in range(1000):
        quotas.send(SMALL, NEED)
    assert not quotas.wait_for(SMALL, NEED)
    assert quotas.marked(Situation()) == Situation()


def test_what_goes_out_is_counted_until_nothing_is_left(quotas: Quotas, clock: ManualClock) -> None:
    told(quotas, Quota(requests=level(2)))
    for _ in range(2):
        assert not quotas.wait_for(SMALL, NEED)
        quotas.send(SMALL, NEED)
    assert 10 < quotas.wait_for(SMALL, NEED) < 10.01
    clock.time += quotas.wait_for(SMALL, NEED)
    assert not quotas.wait_for(SMALL, NEED)


@pytest.mark.parametrize(
    ("quota", "fits"),
    [
        (Quota(tokens=level(150)), True),
        (Quota(tokens=level(149)), False),
        (Quota(input=level(100)), True),
        (Quota(input=level(99)), False),
        (Quota(output=level(50)), True),
        (Quota(output=level(49)), False),
        (Quota(requests=level(1), tokens=level(149)), False),
        (Quota(tokens=level(20, limit=20)), True),
    ],
)
def test_a_call_fits_where_there_is_room_for_all_that_it_is_expected_to_take(
    quotas: Quotas, quota: Quota, *, fits: bool
) -> None:
    told(quotas, quota)
    assert (not quotas.wait_for(SMALL, NEED)) is fits


def test_what_went_out_since_was_not_known_when_the_answer_began(quotas: Quotas) -> None:
    first, second, third = [quotas.send(SMALL, NEED) for _ in range(3)]
    quotas.hear(SMALL, first, Quota(requests=level(3)))  # of which two have gone out since
    assert not quotas.wait_for(SMALL, NEED)
    quotas.send(SMALL, NEED)
    assert quotas.wait_for(SMALL, NEED) > 0
    quotas.hear(SMALL, third, Quota(requests=level(2)))  # it knows of all but the last
    assert not quotas.wait_for(SMALL, NEED)
    quotas.hear(SMALL, second, Quota(requests=level(0)))  # an older answer says nothing new
    assert not quotas.wait_for(SMALL, NEED)


def test_one_model_of_one_provider_has_one_quota_under_all_its_names(quotas: Quotas) -> None:
    told(quotas, Quota(requests=level(0)))
    assert quotas.wait_for(TWIN, NEED) > 0
    assert not quotas.wait_for(MID, NEED)


def test_when_it_is_new_no_more_go_out_at_once_than_there_may(
    quotas: Quotas, clock: ManualClock
) -> None:
    told(quotas, Quota(requests=level(0, limit=3)))
    clock.time += 11
    for _ in range(3):
        assert not quotas.wait_for(SMALL, NEED)
        quotas.send(SMALL, NEED)
    assert quotas.wait_for(SMALL, NEED) > 0


def test_who_has_nothing_left_is_marked_until_its_limit_is_new(
    quotas: Quotas, clock: ManualClock
) -> None:
    told(quotas, Quota(requests=level(0)))
    plain = Situation(id="s1", readings={"mid": Reading(in_flight=8)})
    marked = quotas.marked(plain)
    assert marked.id not in {"", "s1"}
    assert marked.readings["mid"] == plain.readings["mid"]
    for name in ("small", "twin"):
        reading = marked.readings[name]
        assert reading.availability is Availability.REFUSING
        assert reading.fault is Fault.SPENT
        assert reading.until == 1_011_000
    clock.time += 0.1
    assert quotas.marked(plain) is marked
    clock.time += 10
    assert quotas.marked(plain) is plain


def test_who_refuses_already_keeps_its_reason(quotas: Quotas) -> None:
    told(quotas, Quota(requests=level(0)))
    refuses = Reading(availability=Availability.REFUSING, fault=Fault.DENIED, until=UnixMs(5))
    marked = quotas.marked(Situation(id="s1", readings={"small": refuses}))
    assert marked.readings["small"] == refuses


def test_a_reload_forgets_those_that_are_gone_and_keeps_the_others(quotas: Quotas) -> None:
    told(quotas, Quota(requests=level(0)))
    gone = quotas.send(MID, NEED)
    quotas.expect([SMALL])
    assert quotas.wait_for(SMALL, NEED) > 0
    quotas.hear(MID, gone, Quota(requests=level(0)))
    quotas.end(MID, gone)
    assert not quotas.wait_for(MID, NEED)
    assert quotas.send(MID, NEED) == 0


def test_calls_that_end_unheard_leave_nothing_behind(quotas: Quotas) -> None:
    for _ in range(100):
        quotas.end(SMALL, quotas.send(SMALL, NEED))
    told(quotas, Quota(requests=level(1)))
    assert not quotas.wait_for(SMALL, NEED)
