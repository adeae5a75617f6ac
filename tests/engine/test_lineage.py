"""From a call back to where each value came from that it was given."""

from typing import Any

from support.ancestry import call, log_of
from switchgear.domain.context import Line
from switchgear.domain.entry import Entry
from switchgear.domain.target import Sensitivity
from switchgear.engine.lineage import MOST_DEPTH, MOST_VALUES, Books, Found, Value, to_json, trace


def traced(
    entry: Entry, log: list[Line], *calls: Entry, sensitivity: Sensitivity = Sensitivity.RESTRICTED
) -> Found:
    return trace(entry, Books({each.id: each for each in calls}, {"tk_1": log}), sensitivity)


def given(found: Found) -> list[Value]:
    return list(found.reading.given)


def test_what_is_missing_is_asked_for_and_then_told() -> None:
    log = log_of({"key": "a", "decision": "sg_a"})
    late = call("sg_b", ("a", 1), step=2)
    nothing = trace(late, Books({}, {}))
    assert (sorted(nothing.tasks), sorted(nothing.decisions)) == (["tk_1"], [])
    assert not given(nothing)[0].found
    some = trace(late, Books({}, {"tk_1": log}))
    assert (sorted(some.tasks), sorted(some.decisions)) == ([], ["sg_a"])
    whole = traced(late, log, call("sg_a"))
    assert not whole.tasks | whole.decisions
    (value,) = given(whole)
    assert value.call is not None
    assert (value.call.decision, value.call.agent) == ("sg_a", "agent-1")


def test_a_call_that_the_ledger_has_not_is_named_and_no_more() -> None:
    log = log_of({"key": "a", "decision": "sg_gone"})
    found = trace(call("sg_b", ("a", 1)), Books({"sg_gone": None}, {"tk_1": log}))
    assert not found.decisions
    assert (given(found)[0].decision, given(found)[0].call) == ("sg_gone", None)


def test_it_tells_what_a_value_was_before_and_when_it_has_changed_since() -> None:
    log = log_of(
        {"key": "a", "value": 1},
        {"key": "a", "value": 2},
        {"key": "a", "op": "pin"},
        {"key": "a", "value": 2},
        {"key": "a", "value": 3},
        {"key": "a", "op": "delete"},
    )
    (value,) = given(traced(call("sg_b", ("a", 2)), log))
    assert value.before is not None
    assert (value.before.revision, value.before.value) == (1, 1)
    assert (value.value, value.later, value.gone) == (2, (5,), True)


def test_values_lead_to_what_they_were_made_from() -> None:
    log = log_of(
        {"key": "report", "source": "tool"},
        {"key": "region", "from": ["report"], "decision": "sg_3"},
        {"key": "cost", "from": ["region"], "decision": "sg_5"},
    )
    calls = call("sg_3", ("report", 1), step=3), call("sg_5", ("region", 2), step=5)
    (cost,) = given(traced(call("sg_7", ("cost", 3), step=7), log, *calls))
    (region,) = cost.basis
    (report,) = region.basis
    assert (report.key, report.revision, report.source.value) == ("report", 1, "tool")
    assert region.call is not None
    assert (region.call.step, region.call.given[0].key) == (3, "report")
    assert cost.call is not None
    assert cost.call.given[0].shown


def test_a_merged_value_leads_to_what_was_there_before() -> None:
    log = log_of(*[{"key": "l", "op": "append", "value": at} for at in range(3)])
    (value,) = given(traced(call("sg_b", ("l", 3)), log))
    assert [each.value for each in (value, *value.basis, *value.basis[0].basis)] == [
        [0, 1, 2],
        [0, 1],
        [0],
    ]


def test_what_stands_there_twice_is_drawn_out_once() -> None:
    log = log_of({"key": "a"}, {"key": "b", "from": ["a"]})
    one, other = given(traced(call("sg_b", ("a", 1), ("b", 2)), log))
    assert not one.shown
    assert [(each.key, each.value, each.shown) for each in other.basis] == [("a", "v", True)]


def test_two_calls_that_read_what_the_other_wrote_come_to_an_end() -> None:
    log = log_of({"key": "a", "decision": "sg_2"}, {"key": "b", "decision": "sg_1"})
    one, two = call("sg_1", ("a", 1)), call("sg_2", ("b", 2))
    found = traced(one, log, one, two)
    (value,) = given(found)
    assert value.call is not None
    (other,) = value.call.given
    assert other.call is not None
    assert (other.call.decision, other.call.given) == ("sg_1", ())


def test_what_is_too_sensitive_is_withheld_also_where_it_was_before() -> None:
    log = log_of({"key": "a", "value": "iban", "sensitivity": "restricted"}, {"key": "a"})
    first, second = given(
        traced(call("sg_b", ("a", 1), ("a", 2)), log, sensitivity=Sensitivity.PUBLIC)
    )
    assert (first.withheld, first.value) == (True, None)
    assert second.before is not None
    assert (second.value, second.before.value) == ("v", None)
    assert "iban" not in str(to_json(traced(call("sg_b"), log).reading))


def test_it_ends_at_a_depth_and_says_that_there_is_more() -> None:
    steps: list[dict[str, Any]] = [{"key": "k0"}]
    steps += [{"key": f"k{at}", "from": [f"k{at - 1}"]} for at in range(1, MOST_DEPTH + 5)]
    (value,) = given(traced(call("sg_b", (f"k{MOST_DEPTH + 4}", MOST_DEPTH + 5)), log_of(*steps)))
    depth = 0
    while value.basis:
        (value,) = value.basis
        depth += 1
    assert (depth, value.cut) == (MOST_DEPTH, True)


def test_it_tells_a_bounded_number_of_values() -> None:
    wide = [{"key": f"k{at}"} for at in range(40)]
    names = [each["key"] for each in wide]
    more = [{"key": f"m{at}", "from": names} for at in range(40)]
    entry = call("sg_b", *[(f"m{at}", 41 + at) for at in range(40)])
    found = to_json(traced(entry, log_of(*wide, *more)).reading)
    assert str(found).count("'shown'") <= MOST_VALUES + 2 * 40


def test_an_entry_that_is_on_no_log_is_said_to_be_on_none() -> None:
    (value,) = given(traced(call("sg_b", ("a", 9)), log_of({"key": "a"})))
    assert (value.found, value.revision) == (False, 9)
