import msgspec
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from support.entries import attempt, entries, entry
from switchgear.adapters.signals.metric import IN_FLIGHT, LAG, METRICS, QUEUE, TURNS
from switchgear.adapters.signals.prometheus import MOST_SERIES, PrometheusSignals
from switchgear.domain.attempt import Role
from switchgear.domain.entry import End, Entry
from switchgear.domain.units import Seconds

Sample = tuple[str, frozenset[tuple[str, str]]]


def scrape(signals: PrometheusSignals) -> dict[Sample, float]:
    families = text_string_to_metric_families(signals.exposition().decode())
    samples = [each for family in families for each in family.samples]
    return {(each.name, frozenset(each.labels.items())): each.value for each in samples}


def sample(name: str, **labels: str) -> Sample:
    return name, frozenset(labels.items())


def test_a_call_is_counted_with_its_tokens_cost_and_times() -> None:
    signals = PrometheusSignals()
    broken = attempt("mid", code="upstream_lost", usage=None, cost=0)
    signals.observe(entry(attempts=(broken, attempt())))
    seen = scrape(signals)
    labels = {"dialect": "openai-chat", "end": "answered", "code": "", "tier": "small"}
    assert seen[sample("switchgear_calls_total", **labels)] == 1
    assert seen[sample("switchgear_attempts_total", target="mid", code="upstream_lost")] == 1
    assert seen[sample("switchgear_attempts_total", target="small", code="")] == 1
    assert seen[sample("switchgear_tokens_total", target="small", kind="input")] == 420
    assert seen[sample("switchgear_tokens_total", target="small", kind="output")] == 60
    assert seen[sample("switchgear_cost_usd_total", target="small")] == 0.000066
    assert sample("switchgear_cost_usd_total", target="mid") not in seen
    assert seen[sample("switchgear_first_content_seconds_sum")] == 0.201
    assert seen[sample("switchgear_call_seconds_count")] == 1


def test_a_span_on_a_bound_is_within_it_and_buckets_cumulate() -> None:
    signals = PrometheusSignals()
    for own in (0.001, 0.0011, 99.0):
        signals.observe(entry(own=Seconds(own)))
    seen = scrape(signals)
    counts = {le: seen[sample("switchgear_own_seconds_bucket", le=le)] for le in OWN_BOUNDS}
    assert counts == {"0.0005": 0, "0.001": 1, "0.002": 2, "1.0": 2, "+Inf": 3}


OWN_BOUNDS = ("0.0005", "0.001", "0.002", "1.0", "+Inf")


def test_a_call_without_decision_or_content_is_counted_too() -> None:
    signals = PrometheusSignals()
    refused = entry(end=End.FAILED, code="overloaded", decision=None, attempts=())
    signals.observe(msgspec.structs.replace(refused, first_content=None, own=None))
    seen = scrape(signals)
    labels = {"dialect": "openai-chat", "end": "failed", "code": "overloaded", "tier": ""}
    assert seen[sample("switchgear_calls_total", **labels)] == 1
    assert seen[sample("switchgear_first_content_seconds_count")] == 0


@given(st.lists(entries, max_size=5))
def test_no_call_is_lost_and_no_name_that_a_caller_chose_is_a_label(found: list[Entry]) -> None:
    signals = PrometheusSignals()
    for each in found:
        signals.observe(each)
    seen = scrape(signals)
    assert sum(
        value for (name, _), value in seen.items() if name == "switchgear_calls_total"
    ) == len(found)
    names = {label for _, labels in seen for label, _ in labels}
    assert names <= {
            "dialect", "end", "code", "tier", "target", "kind", "le", "rung", "signal",
            "route", "reason", "result",
        }  # fmt: skip
    routes = {dict(labels).get("route", "") for _, labels in seen}
    undecided = {each.model for each in found if each.decision is None}
    decided = {each.model for each in found if each.decision is not None}
    assert routes.isdisjoint(undecided - decided - {"", "other"}), "anybody may ask for anything"


def test_what_came_of_going_up_is_counted_by_route_reason_and_result() -> None:
    signals = PrometheusSignals()
    weak = attempt("small", flaw="empty")
    strong = attempt("mid", role=Role.ESCALATION, began=Seconds(1.0))
    for by in ("mid", "mid", "small"):
        signals.observe(entry(attempts=(weak, strong), target=by))
    signals.observe(entry())
    seen = scrape(signals)
    for result, count in (("better", 2), ("no_better", 1)):
        labels = {"route": "auto", "reason": "empty", "result": result}
        assert seen[sample("switchgear_escalations_total", **labels)] == count


def test_targets_without_end_do_not_make_series_without_end() -> None:
    signals = PrometheusSignals()
    for number in range(MOST_SERIES + 50):
        signals.observe(entry(attempts=(attempt(f"t{number}"),)))
    seen = scrape(signals)
    attempts = [each for each in seen if each[0] == "switchgear_attempts_total"]
    assert len(attempts) == MOST_SERIES + 1
    assert seen[sample("switchgear_attempts_total", target="other", code="other")] == 50


def test_every_metric_of_the_list_is_exposed_with_its_meaning() -> None:
    text = PrometheusSignals().exposition().decode()
    for metric in METRICS:
        name = f"{metric.name}_total" if metric.shape.value == "counter" else metric.name
        assert f"# HELP {name} {metric.meaning}" in text
        assert f"# TYPE {name} {metric.shape.value}" in text


def test_a_gauge_is_read_when_it_is_scraped() -> None:
    signals, calls = PrometheusSignals(), {"small": 3}
    signals.watch(IN_FLIGHT, lambda: [((name,), count) for name, count in calls.items()])
    signals.watch(LAG, lambda: [((), 0.5)])
    assert scrape(signals)[sample("switchgear_in_flight", target="small")] == 3
    calls["small"] = 0
    seen = scrape(signals)
    assert seen[sample("switchgear_in_flight", target="small")] == 0
    assert seen[sample("switchgear_loop_lag_seconds")] == 0.5


def test_a_gauge_shows_no_more_series_than_there_may_be() -> None:
    signals = PrometheusSignals()
    signals.watch(IN_FLIGHT, lambda: [((f"t{number}",), 1) for number in range(MOST_SERIES + 9)])
    assert len([name for name, _ in scrape(signals) if name == IN_FLIGHT.name]) == MOST_SERIES


def test_waiting_is_shown_by_place_and_lane_and_spread_over_those_who_waited() -> None:
    signals = PrometheusSignals()
    for waited in (0.0, 0.3):
        signals.observe(entry(waited=Seconds(waited)))
    signals.watch(QUEUE, lambda: [(("small", "batch"), 3.0)])
    signals.watch(TURNS, lambda: [(("small", "batch", "shed"), 2.0)])
    seen = scrape(signals)
    assert seen[sample("switchgear_waited_seconds_count")] == 1
    assert seen[sample("switchgear_queue", place="small", lane="batch")] == 3
    assert seen[sample("switchgear_turns_total", place="small", lane="batch", outcome="shed")] == 2


def test_each_rung_is_counted_by_each_signal_that_led_there() -> None:
    signals = PrometheusSignals()
    signals.observe(entry(rung="nudge", signals=("cycle", "exact_repeat")))
    signals.observe(entry(rung="nudge", signals=("cycle",)))
    signals.observe(entry(rung=""))
    seen = scrape(signals)
    assert seen[sample("switchgear_task_rungs_total", rung="nudge", signal="cycle")] == 2
    assert seen[sample("switchgear_task_rungs_total", rung="nudge", signal="exact_repeat")] == 1
