"""What the file says of tasks, to what their layers take."""

import pytest

from switchgear.config.read import read_setup
from switchgear.config.setup import Supervision
from switchgear.domain.looping import Final, Looping, Stance
from switchgear.domain.task import AtCap, Caps
from switchgear.domain.units import NanoUsd, Seconds, Tokens, UnixMs

AT = UnixMs(1_795_000_000_000)
FILE = """
providers:
  openai: {dialect: openai-chat, base_url: "https://api.openai.com/v1", api_key: x}
targets:
  small: {provider: openai, model: gpt-4o-mini, tier: small}
"""


def read(tasks: str) -> Supervision:
    return read_setup(f"{FILE}tasks: {tasks}\n".encode(), {}, AT).setup.tasks


def test_a_file_that_says_nothing_of_tasks_caps_nothing_and_acts_on_loops() -> None:
    said = read_setup(FILE.encode(), {}, AT).setup.tasks
    assert said == Supervision()
    assert said.caps == Caps(at_cap=AtCap.STOP)
    assert said.loops == Looping()


def test_caps_keep_their_units_and_a_nought_is_not_any() -> None:
    said = read("{lifetime_h: 0.5, caps: {steps: 0, tokens: 7, usd: 0.1, wall_s: 1.5}}")
    assert said.lifetime == Seconds(1800.0)
    assert said.caps == Caps(
        steps=0,
        tokens=Tokens(7),
        money=NanoUsd(100_000_000),
        wall=Seconds(1.5),
        at_cap=AtCap.STOP,
    )


@pytest.mark.parametrize("word", ["off", '"off"', "no"])
def test_off_may_be_written_without_quotes_though_it_is_false_in_yaml(word: str) -> None:
    said = read(f"{{loops: {{mode: {word}, signals: {{growth: {word}, cycle: observe}}}}}}")
    assert said.loops.stance is Stance.OFF
    assert said.loops.signals == (("cycle", Stance.OBSERVE), ("growth", Stance.OFF))


def test_a_client_may_be_told_of_a_stop_by_a_final_answer() -> None:
    assert read("{loops: {final: message}}").loops.final is Final.MESSAGE
