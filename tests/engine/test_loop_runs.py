"""Real runs of an airline's agent: none that succeeded is acted on, and what is spliced in is."""

import pytest
from evaluation.agent import runs
from evaluation.splice import KINDS
from evaluation.watch import LATE, draws, watched

RUNS = runs()
GOOD = [run for run in RUNS if run.success]
ACTED = [kind for kind, (_, code, _, _) in enumerate(KINDS) if code in {
    "exact_repeat", "cycle", "same_error", "ping_pong", "repeated_text",
}]  # fmt: skip


def test_there_are_as_many_runs_as_we_say() -> None:
    assert (len(RUNS), len(GOOD)) == (100, 49)


def test_no_run_that_succeeded_is_acted_on() -> None:
    assert not [(run.number, it.code) for run in GOOD for it in watched(run) if it.act]


@pytest.mark.parametrize("kind", ACTED, ids=lambda kind: KINDS[kind][0])
def test_a_loop_in_a_good_run_is_acted_on_in_time(kind: int) -> None:
    found = list(draws(GOOD[::7], kind, 1))
    late = [each for each in found if each.acted is None or each.acted > each.due + LATE]
    assert len(late) <= len(found) * 0.05
