import re

import pytest
from agents.agent import AGENTS, KEY, Agent
from agents.environment import LOCKS
from agents.recipe import ADDRESS, GUIDE, at, recipes


@pytest.mark.parametrize("agent", AGENTS, ids=lambda agent: agent.name)
def test_the_page_of_an_agent_has_the_lines_that_are_run(agent: Agent) -> None:
    page = (GUIDE / f"{agent.name}.md").read_text("utf-8")
    blocks = recipes(agent.name)
    assert {wire.recipe for wire in agent.wires} <= set(blocks)
    assert all(f"<!-- runs: {name} -->" in page for name in blocks)
    assert any(ADDRESS in lines for lines in blocks.values())
    assert any(KEY in lines for lines in blocks.values())


@pytest.mark.parametrize("agent", AGENTS, ids=lambda agent: agent.name)
def test_the_page_of_an_agent_says_what_keeps_it_quiet(agent: Agent) -> None:
    page = (GUIDE / f"{agent.name}.md").read_text("utf-8")
    assert not [f"{name}={value}" for name, value in agent.quiet if f"{name}={value}" not in page]


@pytest.mark.parametrize("agent", AGENTS, ids=lambda agent: agent.name)
def test_the_list_of_agents_has_every_page(agent: Agent) -> None:
    assert f"]({agent.name}.md)" in (GUIDE / "README.md").read_text("utf-8")


@pytest.mark.parametrize("agent", AGENTS, ids=lambda agent: agent.name)
def test_every_agent_is_pinned_with_a_hash_for_each_package(agent: Agent) -> None:
    if agent.node:
        lock = (LOCKS / agent.name / "package-lock.json").read_text()
        assert lock.count('"version": ') == lock.count('"integrity": ') > 0
        return
    lines = (LOCKS / f"{agent.name}.txt").read_text().replace("\\\n", " ").splitlines()
    pins = [line for line in lines if line.strip() and not line.startswith("#")]
    assert pins
    assert not [pin[:60] for pin in pins if not re.match(r"\S+==\S+.* --hash=sha256:", pin)]


def test_the_lines_are_run_against_the_gateway_that_there_is() -> None:
    assert at("x = 'http://127.0.0.1:8790/v1'", 1234) == "x = 'http://127.0.0.1:1234/v1'"
