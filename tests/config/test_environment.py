"""Starting without a file: whatever is set makes a config that checks clean."""

import itertools

import pytest

from switchgear.config.environment import PRESETS, config_from, write_config
from switchgear.config.error import ConfigError
from switchgear.config.read import read_setup
from switchgear.domain.target import Tier
from switchgear.domain.units import UnixMs

AT = UnixMs(1_795_000_000_000)
SET = {
    "OPENAI_API_KEY": "sk-openai-1",
    "ANTHROPIC_API_KEY": "sk-ant-1",
    "GEMINI_API_KEY": "gm-1-secret",
    "OLLAMA_HOST": "127.0.0.1:11434",
}
SOME = [names for count in range(1, len(SET) + 1) for names in itertools.combinations(SET, count)]


@pytest.mark.parametrize("names", SOME, ids="+".join)
def test_every_combination_of_variables_makes_a_clean_three_tier_config(
    names: tuple[str, ...],
) -> None:
    environment = {name: SET[name] for name in names}
    text = config_from(environment)
    read = read_setup(text.encode(), environment, AT)
    assert read.warnings == ()
    assert len(read.setup.providers) == len(names)
    assert {each.tier for each in read.setup.policy.targets} == {
        Tier.SMALL,
        Tier.MID,
        Tier.FRONTIER,
    }
    assert len(read.setup.policy.aliases["auto"].targets) == 3 * len(names)


def test_the_text_names_the_variables_and_holds_no_credential() -> None:
    text = config_from(SET)
    for name, value in SET.items():
        if name != "OLLAMA_HOST":
            assert f"${{{name}}}" in text
            assert value not in text


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("localhost", "http://localhost:11434/v1"),
        ("0.0.0.0:5000", "http://127.0.0.1:5000/v1"),
        ("http://10.0.0.7:11434/", "http://10.0.0.7:11434/v1"),
        ("https://ollama.example.com:443", "https://ollama.example.com:443/v1"),
        (":9999", "http://127.0.0.1:9999/v1"),
    ],
)
def test_ollamas_variable_is_understood_as_ollama_does(host: str, address: str) -> None:
    environment = {"OLLAMA_HOST": host}
    made = read_setup(config_from(environment).encode(), environment, AT).setup
    assert made.providers["ollama"].base_url == address


@pytest.mark.parametrize("host", ['a"b', "x\ny", "me:pw@host", "${OPENAI_API_KEY}", "{}", "\ud800"])
def test_an_odd_variable_is_a_finding_and_nothing_worse(host: str) -> None:
    environment = {"OLLAMA_HOST": host}
    with pytest.raises(ConfigError) as caught:
        read_setup(config_from(environment).encode(), environment, AT)
    assert "pw" not in str(caught.value)


def test_with_nothing_set_the_three_ways_to_start_are_told() -> None:
    with pytest.raises(ConfigError) as caught:
        config_from({"OPENAI_API_KEY": ""})
    message = caught.value.findings[0].message
    for way in ("OPENAI_API_KEY", "switchgear init", "switchgear demo"):
        assert way in message


def test_a_config_can_be_written_for_variables_that_are_not_set_yet() -> None:
    text = write_config(PRESETS, {})
    assert read_setup(text.encode(), SET, AT).warnings == ()
