import json
from pathlib import Path

import msgspec
import pytest
from agents.acting import Ended, Part
from agents.agent import AGENTS
from agents.booked import Booked
from agents.host import Served
from agents.judge import flaws, strayed
from agents.stage import Stage

from agents import shop
from switchgear.domain.dialect import Dialect

CHAT = Dialect.OPENAI_CHAT
SEED = "seed"
GOOD = Booked(calls=3, answered=3, refused=(), streams=3, failures=1, dropped=(), flaws=())
STEPS = ("shop 1", "shop 2", "shop 3")


def said(answer: str = shop.expected(SEED), used: tuple[str, ...] = ("price", "stock")) -> Ended:
    words = f"ANSWER {json.dumps(answer)}\nUSED {json.dumps([*used, 'worth'])}\n"
    return Ended(code=0, said=words)


def judged(
    folder: Path, ended: Ended, booked: Booked = GOOD, steps: tuple[str, ...] = STEPS
) -> list[str]:
    agent = AGENTS[0]
    part = Part(agent=agent, wire=agent.wires[0], blocks={}, seed=SEED, home=folder)
    stage = Stage(folder, CHAT)
    stage.host.served = [Served(dialect=CHAT, model="m", path="/", step=step) for step in steps]
    stage.relay.note([b"POST /v1/chat/completions"] * 3, [b"200"] * 3)
    (folder / "said.txt").write_text("it listens")
    return flaws(part, ended, stage, booked)


def test_a_run_as_it_should_be_has_no_flaw(tmp_path: Path) -> None:
    assert not judged(tmp_path, said())


@pytest.mark.parametrize(
    "ended",
    [said("worth 1 credits"), said(used=("stock",)), said(used=("stock", "price", "price"))],
)
def test_a_wrong_answer_and_a_tool_too_few_or_too_many_are_flaws(
    tmp_path: Path, ended: Ended
) -> None:
    assert judged(tmp_path, ended)


def test_an_agent_that_ends_with_an_error_has_failed(tmp_path: Path) -> None:
    assert judged(tmp_path, msgspec.structs.replace(said(), code=1))


@pytest.mark.parametrize(
    "change",
    [
        {"calls": 2},
        {"answered": 2},
        {"refused": ("nothing_fits",)},
        {"failures": 0},
        {"dropped": ("seed",)},
        {"flaws": ("call 1",)},
    ],
)
def test_rows_that_do_not_fit_what_was_asked_are_flaws(
    tmp_path: Path, change: dict[str, object]
) -> None:
    assert judged(tmp_path, said(), msgspec.structs.replace(GOOD, **change))


@pytest.mark.parametrize("steps", [STEPS[:2], (*STEPS, STEPS[2]), STEPS[::-1]])
def test_a_step_that_is_missing_or_taken_twice_is_a_flaw(
    tmp_path: Path, steps: tuple[str, ...]
) -> None:
    assert judged(tmp_path, said(), steps=steps)


@pytest.mark.parametrize("tasks", [(), (("tk_1", "new"),), (("tk_1", "s"), ("tk_2", "s"))])
def test_an_agent_that_names_its_session_and_is_not_known_by_it_is_a_flaw(
    tasks: tuple[tuple[str, str], ...],
) -> None:
    assert strayed("s", msgspec.structs.replace(GOOD, tasks=tasks))
    assert not strayed("", msgspec.structs.replace(GOOD, tasks=tasks))
    assert not strayed("s", msgspec.structs.replace(GOOD, tasks=(("tk_1", "s"),)))
