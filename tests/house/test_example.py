import re
from pathlib import Path

import pytest

from switchgear.config.read import read_setup
from switchgear.domain.units import UnixMs

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "guide" / "configuration.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
ENVIRONMENT = dict.fromkeys(("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "RESEARCH_KEY"), "secret-word")
NOW = UnixMs(1_750_000_000_000)
AGENTS = "  agents: {dialect: openai-chat, base_url: 'http://127.0.0.1:9000/v1'}\n"
SUMS = "  calculator: {kind: tool, tool: {function: arithmetic}}\n"


def test_the_small_file_of_the_guide_is_a_whole_configuration() -> None:
    setup = read_setup(BLOCKS[0].encode(), ENVIRONMENT, NOW).setup
    assert set(setup.policy.aliases) == {"auto", "smart"}


@pytest.mark.parametrize("block", BLOCKS[1:])
def test_every_other_block_can_be_added_to_it(block: str) -> None:
    first = BLOCKS[0].replace("\ntargets:\n", f"{AGENTS}\ntargets:\n")
    if block.startswith("targets:\n"):
        targets, aliases = block.split("\naliases:\n")
        text = first.replace("\ntargets:\n", "\n" + targets)
        text = text.replace("\naliases:\n", "\naliases:\n" + aliases)
    elif "calculator" in block:
        text = first.replace("\ntargets:\n", "\ntargets:\n" + SUMS) + block
    else:
        text = first + block
    assert read_setup(text.encode(), ENVIRONMENT, NOW).setup.policy.targets
