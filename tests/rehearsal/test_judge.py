from typing import Any

import pytest

from switchgear.domain.decision import Rescue
from switchgear.rehearsal.act.framing import SMUGGLED
from switchgear.rehearsal.catalogue import BY_NAME
from switchgear.rehearsal.fault import Form
from switchgear.rehearsal.judge import Case, is_good, judge, lost, truncated
from switchgear.rehearsal.seen import Seen
from switchgear.rehearsal.voice import TEXT

ERROR: dict[str, Any] = {"code": "upstream_failed", "message": "m", "type": "t"}
TOO_LONG = ERROR | {"code": "context_too_long"}


def good(**more: Any) -> Seen:
    told: dict[str, Any] = {"status": 200, "text": TEXT, "ended": True, "stop": "stop"}
    return Seen(**(told | more))


def error(**more: Any) -> Seen:
    told: dict[str, Any] = {"status": 502, "errors": [ERROR]}
    return Seen(**(told | more))


def half(**more: Any) -> Seen:
    told: dict[str, Any] = {"status": 200, "text": TEXT[:20], "errors": [ERROR]}
    return Seen(**(told | more))


def case(fault: str, *, fallback: bool = True, **more: Any) -> Case:
    return Case(fault=BY_NAME[fault], form=Form.STREAM, fallback=fallback, **more)


HELD = [
    (case("healthy"), good()),
    (case("503"), good()),
    (case("503", fallback=False), error()),
    (case("500-once", fallback=False), good()),
    (case("reset-mid-stream"), good()),
    (case("reset-mid-stream", rescue=Rescue.ERROR), half()),
    (case("reset-mid-stream", fallback=False), half()),
    (case("reset-mid-stream", fallback=False, rescue=Rescue.HOLD), error()),
    (
        case("context-too-long", fallback=False),
        error(errors=[TOO_LONG]),
    ),
    (case("content-filter"), error(status=400)),
    (case("content-filter-finish"), good(text="I cannot", stop="refusal")),
    (case("tool-none"), good()),
    (case("endless"), half()),
]


@pytest.mark.parametrize(("case", "seen"), HELD)
def test_what_the_table_promises_holds(case: Case, seen: Seen) -> None:
    assert judge(case, seen, 1) == []


BROKEN = [
    (case("healthy"), good(text=TEXT[:20])),
    (case("healthy"), good(text=TEXT + TEXT)),
    (case("healthy"), good(text=SMUGGLED)),
    (case("healthy"), good(seconds=99.0)),
    (case("healthy"), good(flaws=["odd"])),
    (case("healthy"), good(errors=[ERROR])),
    (case("503"), error()),
    (case("503"), good(ended=False)),
    (case("503", fallback=False), error(errors=[])),
    (case("503", fallback=False), error(errors=[ERROR, ERROR])),
    (case("503", fallback=False), error(errors=[{"message": "m"}])),
    (case("503", fallback=False), half()),
    (case("reset-mid-stream"), half()),
    (case("reset-mid-stream", rescue=Rescue.ERROR), good(text=TEXT[:20])),
    (case("reset-mid-stream", rescue=Rescue.ERROR), half(text="two")),
    (case("reset-mid-stream", fallback=False, rescue=Rescue.HOLD), half()),
    (case("context-too-long", fallback=False), error()),
    (case("content-filter"), good()),
    (case("content-filter"), error(status=502)),
    (case("content-filter-finish"), good()),
    (case("tool-none"), Seen()),
    (case("endless"), Seen(status=200)),
]


@pytest.mark.parametrize(("case", "seen"), BROKEN)
def test_what_the_table_does_not_promise_is_found(case: Case, seen: Seen) -> None:
    assert judge(case, seen, 1)


def test_too_many_attempts_are_found() -> None:
    assert judge(case("503"), good(), 5)
    assert not judge(case("503"), good(), 4)


def test_a_call_is_lost_when_somebody_could_have_answered_it() -> None:
    assert lost(case("503"), error())
    assert not lost(case("503", fallback=False), error())
    assert not lost(case("content-filter"), error())
    assert not lost(case("reset-mid-stream", rescue=Rescue.ERROR), half())
    assert not lost(case("503"), good())


def test_a_part_with_an_end_is_truncated() -> None:
    assert truncated(case("reset-mid-stream"), good(text=TEXT[:20]))
    assert not truncated(case("reset-mid-stream"), half())
    assert not truncated(case("content-filter-finish"), good(text="I cannot"))


def test_a_good_answer_is_whole_and_has_no_error() -> None:
    assert is_good(good())
    assert not is_good(good(status=201))
