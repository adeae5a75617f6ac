"""The whole demo, as a user runs it: real sockets, a real gateway process."""

import os
import subprocess
import sys
from pathlib import Path

LINE = "from switchgear.cli import main; main()"


def demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  (our own command)
        [sys.executable, "-c", LINE, "demo", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | {"SWITCHGEAR_DEMO_DATA": ""},
    )


def test_the_demo_shows_only_what_is_true_and_says_that_it_is_simulated() -> None:
    done = demo("--prompts", "24")
    assert done.returncode == 0, done.stdout + done.stderr
    for words in (
        "every provider here is SIMULATED",
        "24 prompts through `auto`",
        "static mix at that cost",
        "always sim-frontier",
        "find_rate",
        "Refund R-1 is filed: 41.58 EUR.",
        "Checked: 31 calls, 31 ledger rows, 31 answers",
    ):
        assert words in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_folder_without_data_is_told_in_a_sentence(tmp_path: Path) -> None:
    done = demo("--data", str(tmp_path))
    assert done.returncode == 1
    assert "The data cannot be read" in done.stderr
    assert "Traceback" not in done.stderr
