"""Agents that go in circles, with the official SDKs, from socket to socket."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import httpx2
import pytest

from support.runaway import MOST_TURNS, TASK, USAGE, Agent, Circling, chat, messages, responses
from support.town import Town, lived, target, town
from switchgear.domain.dialect import Dialect
from switchgear.domain.turn import Choice, Conversation, Role, Text
from switchgear.domain.units import NANO_PER_USD

CHAT, RESPONSES, MESSAGES = (
    *(Dialect.OPENAI_CHAT, Dialect.OPENAI_RESPONSES),
    Dialect.ANTHROPIC_MESSAGES,
)
AGENTS: dict[str, tuple[Dialect, Agent]] = {
    "chat": (CHAT, chat),
    "responses": (RESPONSES, responses),
    "responses by id": (RESPONSES, partial(responses, by_id=True)),
    "messages": (MESSAGES, messages),
}
LADDER = ["nudge", "nudge", "escalate", "escalate", "restrict", "restrict", "pause"]
DEAR = {"input_usd": 9, "output_usd": 9}
COST = USAGE.input * 1_000 + USAGE.output * 4_000
"""Nano-dollars of one answer at the prices of ``target``."""


@contextmanager
def circles(
    dialect: Dialect, *, obeys: bool = True, loops: Any = None, caps: Any = None
) -> Iterator[tuple[Town, Circling]]:
    model = Circling(dialect, obeys=obeys)
    config = {"tasks": {"loops": loops or {}, "caps": caps or {}}}
    with lived(town({"far": (dialect, model.respond)}, config)) as place:
        yield place, model


def rows(place: Town) -> list[dict[str, Any]]:
    """The ledger, oldest first."""
    with httpx2.Client(base_url=place.url) as client:
        found = client.get("/v1/decisions?limit=200").json()
    return list(reversed(found["data"] if isinstance(found, dict) else found))


def tail(talk: Conversation) -> str:
    last = talk.turns[-1]
    return "".join(part.text for part in last.parts if isinstance(part, Text))


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("name", AGENTS)
def test_a_runaway_agent_is_told_then_restricted_then_paused(name: str, *, stream: bool) -> None:
    dialect, agent = AGENTS[name]
    with circles(dialect, obeys=False) as (place, model):
        ran = agent(place.url, stream=stream)
        assert (ran.status, ran.code) == (422, "task_paused"), ran
        assert "look" in ran.said
        assert "exact_repeat" in ran.said
        assert ran.rungs[-1] == "pause"
        told = [tail(talk) for talk in model.told]
        spoken = [at for at, words in enumerate(told) if "Notice from the gateway" in words]
        assert len(spoken) == 6
        assert spoken[-1] == len(told) - 1, "it went on after that"
        assert all(talk.turns[-1].role is Role.USER for talk in model.told)
        choices = [talk.tool_choice and talk.tool_choice.choice for talk in model.told]
        assert choices[-2:] == [Choice.NONE] * 2
        assert Choice.NONE not in choices[:-2]
        assert ran.turns == len(model.told) <= 12


def test_an_agent_that_obeys_ends_with_its_best_answer_and_is_not_paused() -> None:
    with circles(CHAT) as (place, _):
        ran = chat(place.url, stream=False)
        assert (ran.final, ran.status) == ("I found nothing.", 0)
        assert [each for each in ran.rungs if each] == LADDER[:5]


def test_every_nano_dollar_is_on_the_ledger_and_nobody_retries_what_was_refused() -> None:
    with circles(CHAT, obeys=False) as (place, model):
        ran = chat(place.url, stream=False)
        found = rows(place)
        assert len(found) == ran.turns + 1, "the SDK sent more than its loop did"
        spent = sum(round(each["outcome"]["cost_usd"] * NANO_PER_USD) for each in found)
        assert spent == len(model.told) * COST
        assert [each["looped"]["rung"] for each in found if each["looped"]] == LADDER
        last = found[-1]
        assert (last["outcome"]["code"], last["outcome"]["cost_usd"]) == ("task_paused", 0)
        assert last["question"]["task"].startswith("tk_")


def test_who_goes_on_sending_is_stopped_and_costs_nothing_any_more() -> None:
    with circles(CHAT, obeys=False) as (place, model):
        codes, rungs = [], []
        for _ in range(12):
            ran = chat(place.url, stream=False, ask=["Go."])
            codes.append(ran.code)
            rungs.append(ran.rungs[-1])
        told = len(model.told)
        assert codes[0] == "task_paused"
        assert codes[-1] == "task_stopped"
        assert "stop" in rungs
        assert chat(place.url, stream=True).code == "task_stopped"
        assert len(model.told) == told


@pytest.mark.parametrize(
    ("name", "stream"),
    [("chat", False), ("responses", True), ("responses by id", False), ("messages", True)],
)
def test_a_client_that_wants_no_error_gets_a_final_answer(name: str, *, stream: bool) -> None:
    dialect, agent = AGENTS[name]
    with circles(dialect, obeys=False, loops={"final": "message"}) as (place, model):
        ran = agent(place.url, stream=stream)
        assert ran.status == 0
        assert "was paused by the gateway because it went in circles" in ran.final
        told = len(model.told)
        assert "was paused" in agent(place.url, stream=stream).final
        assert len(model.told) == told


def test_a_poll_that_makes_progress_is_left_alone() -> None:
    with circles(CHAT) as (place, model):
        ran = chat(place.url, stream=False, look=lambda turn: f"{turn} of 100 files are done")
        assert ran.turns == len(model.told) == MOST_TURNS
        assert not any(ran.rungs)


def test_a_new_message_of_the_human_begins_anew() -> None:
    with circles(CHAT) as (place, _):
        ran = chat(place.url, stream=False, ask=["Go.", "Try once more."])
        found = [each for each in ran.rungs if each]
        assert found[:5] == LADDER[:5]
        assert found[5:6] == ["nudge"]
        assert ran.status == 0


def test_who_only_observes_writes_it_down_and_does_nothing() -> None:
    with circles(CHAT, loops={"mode": "observe"}) as (place, model):
        ran = chat(place.url, stream=False)
        assert ran.turns == len(model.told) == MOST_TURNS
        assert {each for each in ran.rungs if each} == {"observe"}
        assert all("Notice" not in tail(talk) for talk in model.told)


def test_who_does_not_look_sees_nothing() -> None:
    with circles(CHAT, loops={"mode": "off"}) as (place, model):
        ran = chat(place.url, stream=False)
        assert ran.turns == len(model.told) == MOST_TURNS
        assert not any(ran.rungs)


def test_a_stronger_target_is_tried_before_the_tools_are_switched_off() -> None:
    weak, strong = Circling(CHAT, obeys=False), Circling(MESSAGES, obeys=False)
    targets = {"weak": target("weak"), "strong": target("strong", "frontier", price=DEAR)}
    places = {"weak": (CHAT, weak.respond), "strong": (MESSAGES, strong.respond)}
    config = {"targets": targets, "aliases": {"auto": {"targets": ["weak", "strong"]}}}
    with lived(town(places, config)) as place:
        ran = chat(place.url, stream=False)
        assert ran.code == "task_paused"
        assert len(strong.told) >= 2, "it was not escalated"
        assert weak.told
        assert "Notice" in tail(strong.told[0])
        named = [each["outcome"]["target"] for each in rows(place)]
        assert named.index("strong") == next(
            at for at, each in enumerate(ran.rungs) if each == "escalate"
        )


def test_the_owners_own_targets_come_first_at_an_escalation() -> None:
    weak, other = Circling(CHAT, obeys=False), Circling(CHAT)
    places = {"weak": (CHAT, weak.respond), "other": (CHAT, other.respond)}
    config = {
        "targets": {
            "weak": target("weak"),
            "other": target("other", price=DEAR),
        },
        "aliases": {"auto": {"targets": ["weak", "other"]}},
        "tasks": {"loops": {"escalate_to": ["other"]}},
    }
    with lived(town(places, config)) as place:
        chat(place.url, stream=False)
        assert other.told


def test_the_stop_is_answered_at_once_and_says_not_to_retry() -> None:
    with circles(CHAT, obeys=False) as (place, _):
        chat(place.url, stream=False)
        body = {"model": "auto", "messages": [{"role": "user", "content": "Go."}]}
        with httpx2.Client(base_url=place.url, headers=TASK) as client:
            got = client.post("/v1/chat/completions", json=body)
        assert got.status_code == 422
        assert got.headers["x-should-retry"] == "false"
        assert "ticket ti_" in got.json()["error"]["message"]


def test_money_that_is_spent_stays_within_the_tasks_cap() -> None:
    cap = 1_250_000
    caps = {"usd": cap / NANO_PER_USD, "at_cap": "stop"}
    with circles(CHAT, obeys=False, caps=caps) as (place, model):
        ran = chat(place.url, stream=False)
        assert ran.status in {402, 422}, ran
        assert ran.turns == len(model.told)
        told = len(model.told)
        assert told >= 2
        assert chat(place.url, stream=True).status in {402, 422}
        assert len(model.told) == told, "it was sent on after the stop"
        spent = sum(round(each["outcome"]["cost_usd"] * NANO_PER_USD) for each in rows(place))
        assert spent == told * COST <= cap
