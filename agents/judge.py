"""What is wrong with a trial, if anything: what the agent said, did, asked and was answered."""

import json
import re

from agents.acting import Ended, Part, files
from agents.booked import Booked
from agents.host import Host
from agents.relay import Relay
from agents.stage import Stage

from agents import shop

ANSWER, USED = re.compile(r"^ANSWER (.*)$", re.MULTILINE), re.compile(r"^USED (.*)$", re.MULTILINE)
TAIL = 1200
"""Characters of what a broken agent said last."""
CALLS = ("POST /v1/chat/completions", "POST /v1/messages", "POST /v1/responses")
COUNTS = ("/count_tokens", "/input_tokens")
BAD = 400
"""From here on a status tells of an error."""


def flaws(part: Part, ended: Ended, stage: Stage, booked: Booked) -> list[str]:
    """Return everything that should have been otherwise; nothing if the trial held."""
    found = [*_task(part, ended), *_script(part, stage.host), *_rows(part, stage.relay, booked)]
    if "Traceback" in stage.said():
        found.append(f"the gateway said {stage.said()[-TAIL:]}")
    if stage.target is part.wire.dialect and booked.dropped:
        found.append(f"the dialects are the same, and yet it dropped {booked.dropped}")
    if found:
        found.append(f"the agent ended with {ended.code}: {ended.said.strip()[-TAIL:]}")
    return found


def besides(relay: Relay) -> list[str]:
    """Return the requests that are no calls, each once."""
    return sorted({asked for asked in relay.asked if not asked.startswith(CALLS)})


def _task(part: Part, ended: Ended) -> list[str]:
    found = [] if ended.code == 0 else [f"it ended with {ended.code}"]
    return found + (_joined(part, ended) if part.agent.task.file else _sold(part, ended))


def _sold(part: Part, ended: Ended) -> list[str]:
    """Return what is wrong with the answer, or with how its tools were used."""
    found, expected = [], shop.expected(part.seed)
    answers = [json.loads(line) for line in ANSWER.findall(ended.said)]
    if not answers or expected not in answers[-1]:
        found.append(f"the answer is {answers}, without {expected!r}")
    used = [name for line in USED.findall(ended.said) for name in json.loads(line)]
    if sorted(used[:2]) != ["price", "stock"] or used[2:] != ["worth"]:
        found.append(f"it used {used}")
    return found


def _joined(part: Part, ended: Ended) -> list[str]:
    """Return what is wrong with the file that it should have written, or with its words."""
    lines = list(files(part.seed).values())
    file = part.home / part.agent.task.file
    content = file.read_text() if file.exists() else "(nothing)"
    found = [] if content.splitlines() == lines else [f"{file.name} has {content!r}"]
    expected = json.dumps(f"It says: {' + '.join(lines)}", ensure_ascii=False)[1:-1]
    if expected not in ended.said:
        found.append(f"it does not say {expected!r}")
    return found


def _script(part: Part, host: Host) -> list[str]:
    """Return what is wrong with what the target was asked, as the script saw it."""
    found = [each.note for each in host.served if each.note]
    task = part.agent.task
    steps = [each.step for each in host.served if each.step.startswith(task.name)]
    if steps != [f"{task.name} {number}" for number in range(1, task.turns + 1)]:
        found.append(f"the steps were {steps}")
    return found


def _rows(part: Part, relay: Relay, booked: Booked) -> list[str]:
    """Return what does not fit of what was asked, what was answered, and what is on the ledger."""
    found = [*booked.flaws, *strayed(part.agent.session, booked)]
    bad = [status for status in relay.statuses if status >= BAD]
    if len(bad) != len(booked.refused) or set(booked.refused) - set(part.agent.refused):
        found.append(f"some answers are {bad}, and rows {booked.refused}")
    calls = [asked for asked in relay.asked if asked.startswith(CALLS)]
    counts = sum(asked.partition("?")[0].endswith(COUNTS) for asked in calls)
    if len(calls) != booked.calls:
        found.append(f"{len(calls)} calls, and {booked.calls} rows on the ledger")
    if len(calls) - counts - len(booked.refused) > booked.answered:
        found.append(f"of {len(calls)} calls the target answered {booked.answered}")
    if len(relay.statuses) != len(relay.asked):
        found.append(f"{len(relay.asked)} requests, and {len(relay.statuses)} answers")
    if not booked.failures:
        found.append("the target that is down was never tried")
    return found


def strayed(session: str, booked: Booked) -> list[str]:
    """Return what is wrong with the task of an agent that names its session by a header."""
    if not session or (len(booked.tasks) == 1 and booked.tasks[0][1] == session):
        return []
    return [f"its calls are not one task by {session}: {booked.tasks}"]
