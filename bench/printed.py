"""What modules of the bench print that are run on their own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.process import NotMeasured

ROOT = Path(__file__).parents[1]


def printed(name: str, argument: int) -> dict[str, Any]:
    """Return the JSON object that a module of the bench prints when it is given this argument.

    Raises:
        NotMeasured: it printed none.
    """
    done = subprocess.run(
        [sys.executable, "-m", f"bench.{name}", str(argument)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "tests")},
    )
    if not done.stdout:
        raise NotMeasured(f"bench.{name}: {done.stderr[-600:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found
