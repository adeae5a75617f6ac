from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from switchgear.cli import assemble

SECRET = "sk-of-the-owner"
CONFIG = """
providers:
  p: {dialect: openai-chat, base_url: 'https://api.example.com/v1', api_key: sk-of-the-owner}
targets:
  a: {provider: p, tier: small, price: {input_usd: 1, output_usd: 1}}
  b: {provider: p, tier: small, price: {input_usd: 2, output_usd: 2}}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "switchgear.yaml"
    file.write_text(CONFIG)
    return file


def test_it_prints_a_scorecard_and_writes_it(config: Path) -> None:
    out = config.with_suffix(".json")
    words = ["rehearse", str(config), "--fault", "html", "--fault", "503-once", "--json", str(out)]
    result = CliRunner().invoke(assemble(), words)
    assert result.exit_code == 0, result.output
    assert "Patience is shortened" in result.output
    assert "8 calls: 6 answered, 2 told" in result.output
    assert SECRET not in result.output + out.read_text()
    assert {each["fault"] for each in msgspec.json.decode(out.read_bytes())} == {"html", "503-once"}
    assert not list(config.parent.glob("*.db"))


def test_a_fault_or_a_key_that_is_not_there_is_told(config: Path) -> None:
    result = CliRunner().invoke(assemble(), ["rehearse", str(config), "--fault", "nothing"])
    assert (result.exit_code, "No fault is called 'nothing'" in result.output) == (2, True)
    result = CliRunner().invoke(assemble(), ["rehearse", str(config), "--quick", "--key", "x"])
    assert (result.exit_code, "no key with the id 'x'" in result.output) == (2, True)


def test_a_file_that_is_not_good_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(assemble(), ["rehearse", str(tmp_path / "none.yaml")])
    assert result.exit_code == 2
