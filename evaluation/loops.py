"""`make eval`: measure what loop detection sees in real runs, and write docs/loops.md and .json."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import msgspec
from evaluation.agent import Run, Team, runs, teams
from evaluation.splice import KINDS
from evaluation.watch import LATE, Draw, Fired, draws, heard, watched

from switchgear.engine.loop.signal import CODES, OBSERVED

ROOT = Path(__file__).parent.parent
TIMES = 20
"""Draws in each run that succeeded."""
BAR = 0.95


class Kind(msgspec.Struct, frozen=True):
    """What became of all loops of one kind."""

    kind: str
    signal: str
    """The one that is due."""
    observed: bool
    """It is only written down unless an owner says otherwise."""
    due: int
    """Events after which it is due."""
    draws: int
    in_time: float
    """Share that was acted on, or written down, at most eight events after it was due."""
    median: float
    """Events after which that was."""
    worst: int
    others: dict[str, int]
    """Other signals, and in how many draws they fired."""


class Found(msgspec.Struct, frozen=True):
    """All that was measured."""

    good: int
    good_fired: dict[str, int]
    failed: int
    failed_fired: dict[str, int]
    kinds: list[Kind]
    teams: dict[str, int]
    teams_fired: dict[str, dict[str, int]]


def main() -> int:
    """Measure, write the pages, and say whether the bars were kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    parser.add_argument("--times", type=int, default=TIMES, help="draws in each run")
    chosen, _ = parser.parse_known_args()
    found = measure(chosen.times)
    (chosen.out / "loops.json").write_bytes(
        msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n"
    )
    (chosen.out / "loops.md").write_text(page(found), "utf-8")
    slowest = min(kind.in_time for kind in found.kinds)
    acted = sum(count for code, count in found.good_fired.items() if code not in OBSERVED)
    print(f"acted on {acted} of {found.good} good runs; least in time: {slowest:.1%}")
    return int(acted > 0 or slowest < BAR)


def measure(times: int) -> Found:
    """Return what is seen in all runs, in spliced ones, and in those of several agents."""
    all_runs, all_teams = runs(), teams()
    good = [run for run in all_runs if run.success]
    failed = [run for run in all_runs if not run.success]
    sources = sorted({team.source for team in all_teams})
    return Found(
        good=len(good),
        good_fired=_codes(good),
        failed=len(failed),
        failed_fired=_codes(failed),
        kinds=[_kind(good, place, times) for place in range(len(KINDS))],
        teams={source: len(_of(all_teams, source)) for source in sources},
        teams_fired={source: _heard(_of(all_teams, source)) for source in sources},
    )


def _of(all_teams: Sequence[Team], source: str) -> list[Team]:
    return [team for team in all_teams if team.source == source]


def _codes(some: Sequence[Run]) -> dict[str, int]:
    """Return in how many runs each signal fired."""
    return _counted([watched(run) for run in some])


def _heard(some: Sequence[Team]) -> dict[str, int]:
    return _counted([heard(team) for team in some])


def _counted(all_fired: Sequence[Sequence[Fired]]) -> dict[str, int]:
    return dict(Counter([code for fired in all_fired for code in {each.code for each in fired}]))


def _kind(good: Sequence[Run], place: int, times: int) -> Kind:
    name, code, due, _ = KINDS[place]
    observed = code in OBSERVED
    found = list(draws(good, place, times))
    events = [_event(each, observed=observed) for each in found]
    known = [event for event in events if event is not None]
    others = Counter([each for draw in found for each in draw.codes if each != code])
    return Kind(
        kind=name,
        signal=code,
        observed=observed,
        due=due,
        draws=len(found),
        in_time=sum(event <= due + LATE for event in known) / len(found),
        median=median(known) if known else 0,
        worst=max(known, default=0),
        others=dict(others.most_common()),
    )


def _event(draw: Draw, *, observed: bool) -> int | None:
    return draw.seen if observed else draw.acted


def page(found: Found) -> str:
    """Return docs/loops.md."""
    total = sum(kind.draws for kind in found.kinds)
    return f"""<!-- Written by `make eval`; changes made here are lost. -->
# What loop detection sees

Measured on runs of real agents, replayed call by call as a client sends them: each call carries the
whole list so far. What the signals mean is in the [guide](guide/loops.md).

## One agent with tools

The 100 runs of tau-bench's airline that we have (a simulated human, 577 tool results).

| signal | in {found.good} runs that succeeded | in {found.failed} that failed |
|---|---:|---:|
{_rows(found)}

**None of the {found.good} runs that succeeded was acted on.** Nor was any that failed: these agents
fail by breaking a rule of the airline or by giving up, not by going in circles. The longest
repetitions in them are below every threshold. So this set shows that the detector keeps quiet, and
says nothing on whether failures are foretold.

## Loops spliced in

Into each run that succeeded a loop was spliced at a random turn, {TIMES} draws for each kind,
{total:,} in all. Thoughts, orders of keys and request ids vary; tool-call ids are fresh, always the
same, or missing; in half of the draws results carry a time or a duration that changes; the client
sends the whole list, a window of it, or cuts it down to a summary now and then. *In time* means at
most {LATE} events after the table of signals has it due; an event is one turn of the loop.

| loop | signal | due after | draws | in time | median | worst | also fired |
|---|---|---:|---:|---:|---:|---:|---|
{_kinds(found)}

For the last two, which are only written down by default, *in time* means that the signal was there.
A hand-off loop is seen one event late, as nobody knows who had the task before the first hand-off;
a repeated text too, as the first "Please go on." is a human's word until it comes again.

What is missed: a client that sends a window, names all its calls alike and says exactly the same
each time comes to send exactly the same list again and again. That cannot be told from a request
sent twice, and nothing is concluded from it.

## Several agents that talk

The 89 failed runs of Who&When, as one list that all share; each agent calls by its name for its
turn. They hold names and texts only, no tool calls and no results.

| signal | {_sources(found)} |
|---|{"---:|" * len(found.teams)}
{_teams(found)}

What is seen, and what is not:

- The mistakes that people marked in these runs are wrong facts, wrong code, wrong plans. None is a
  loop, and no signal points at one. Who wants those found needs evaluation, not loop detection.
- *Repeated text* fires in two long runs, where an orchestrator gives the same instruction for the
  third time and the others say the same as before, too: true stalls, and long after the mistake.
- *Growth* fires on the hand-crafted teams as such: their lists grow by pages of text and never by a
  tool's result, so nothing counts as news. It is only written down, and this is why.
- *Ping-pong* does not fire: an orchestrator and its workers take turns all the time, and what they
  say at length is taken for the fruit of work. A team that talks at length and gets nowhere is not
  seen; its caps are what stops it.
- Dead ends that are worded anew each time (another search that finds nothing, told in other words)
  are not seen without the tool's own results.
"""


def _rows(found: Found) -> str:
    return "\n".join(
        f"| {_name(code)} | {found.good_fired.get(code, 0)} | {found.failed_fired.get(code, 0)} |"
        for code in CODES
        if code not in {"fan_out", "futile_retry"}
    )


def _kinds(found: Found) -> str:
    return "\n".join(
        f"| {kind.kind} | {_name(kind.signal)} | {kind.due} | {kind.draws} |"
        f" **{kind.in_time:.1%}** | {kind.median:g} | {kind.worst} | {_others(kind)} |"
        for kind in found.kinds
    )


def _others(kind: Kind) -> str:
    return ", ".join(f"{_name(code)} {count}" for code, count in kind.others.items()) or "-"


def _sources(found: Found) -> str:
    return " | ".join(f"{count} runs, {source.lower()}" for source, count in found.teams.items())


def _teams(found: Found) -> str:
    codes = [code for code in CODES if any(code in fired for fired in found.teams_fired.values())]
    rows = [
        f"| {_name(code)} | "
        + " | ".join(str(found.teams_fired[source].get(code, 0)) for source in found.teams)
        + " |"
        for code in codes
    ]
    return "\n".join(rows)


def _name(code: str) -> str:
    return code.replace("_", " ") + (" (observed)" if code in OBSERVED else "")


if __name__ == "__main__":
    sys.exit(main())
