"""What the file says of answers that go up, as the policy has it."""

import pytest

from switchgear.config.cascade import escalation_of
from switchgear.config.error import ConfigError
from switchgear.config.read import read_setup
from switchgear.domain.escalation import CERTAIN, Escalation
from switchgear.domain.units import NanoUsd, UnixMs
from switchgear.engine.cascade import Ascent, ascent_of

TEXT = """
providers: {sim: {dialect: openai-chat, base_url: "http://127.0.0.1:9/v1"}}
targets:
  small: {provider: sim, model: s, tier: small, price: {input_usd: 1, output_usd: 1}}
  mid: {provider: sim, model: m, tier: mid, price: {input_usd: 2, output_usd: 2}}
"""


def ascent(said: str, model: str = "auto", rule: str = "") -> Ascent:
    setup = read_setup((TEXT + said).encode(), {}, UnixMs(1_795_000_000_000)).setup
    return ascent_of(setup.policy, model, rule)


def test_without_a_word_it_is_on_for_what_is_certain() -> None:
    assert ascent("").on
    assert ascent("").when == CERTAIN


@pytest.mark.parametrize("word", ["off", '"off"', "false", "no"])
def test_it_can_be_switched_off(word: str) -> None:
    assert not ascent(f"escalate: {word}\n").on
    assert ascent(f"escalate: {word}\naliases: {{auto: {{escalate: on}}}}\n").on


def test_every_setting_reaches_the_policy() -> None:
    said = "{when: [empty, unsure, 'support.judging:by_length'], most: 2, usd: 0.5, daily_usd: 3,"
    found = ascent(f"escalate: {said} hold: true, margin: 2, least: 0.7}}\n")
    assert found.when == ("empty", "unsure", "support.judging:by_length")
    assert found.functions == ("support.judging:by_length",)
    assert (found.most, found.money, found.hold) == (2, NanoUsd(500_000_000), True)
    assert (found.margin, found.least) == (2.0, 0.7)
    assert found.budget.most.money == NanoUsd(3_000_000_000)
    assert found.budget.name == "file"


def test_a_rule_goes_before_the_alias_and_that_before_the_file() -> None:
    said = """
escalate: {most: 2, usd: 1}
aliases: {auto: {escalate: {most: 3}}}
rules: [{name: r, when: ask.tools > 0, then: {escalate: {when: [empty], daily_usd: 1}}}]
"""
    assert (ascent(said).most, ascent(said).money) == (3, NanoUsd(1_000_000_000))
    ruled = ascent(said, rule="r")
    assert (ruled.most, ruled.when, ruled.budget.name) == (3, ("empty",), "rule r")


def test_nothing_said_is_nothing() -> None:
    assert escalation_of(None) is None
    assert escalation_of("on") == Escalation(on=True)


@pytest.mark.parametrize("said", ["{most: 0}", "{usd: -1}", "{margin: 11}", "{least: 2}"])
def test_what_is_out_of_range_is_refused(said: str) -> None:
    with pytest.raises(ConfigError):
        ascent(f"escalate: {said}\n")
