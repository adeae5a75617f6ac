"""The gateway with a probe in its event loop: how late a timer comes, written down at the end.

The first argument is the file that gets it; the rest are ``switchgear``'s own.
"""

import asyncio
import atexit
import json
import sys
from pathlib import Path

from typing_extensions import override

from switchgear.cli import main
from switchgear.config.setup import Setup
from switchgear.running import Running

EVERY_S = 0.002
SCHEDULED = Path("/proc/self/schedstat")


class Probe:
    """A timer that is set anew whenever it comes."""

    def __init__(self) -> None:
        """Begin."""
        self.late: list[float] = []
        self.own: list[float] = []
        """The same, less the time in which somebody else had the core."""
        self._loop = asyncio.get_running_loop()
        self._next()

    def _next(self) -> None:
        self._without = without()
        self._due = self._loop.time() + EVERY_S
        self._loop.call_at(self._due, self._came)

    def _came(self) -> None:
        late = max(0.0, self._loop.time() - self._due)
        self.late.append(late)
        self.own.append(max(0.0, late - (without() - self._without)))
        self._next()


def without() -> float:
    """Return for how many seconds this process was ready to run and had no core."""
    return int(SCHEDULED.read_text().split()[1]) / 1e9


class Probed(Running):
    """A gateway that starts with a probe."""

    @override
    async def start(self, setup: Setup | None = None) -> None:
        await super().start(setup)
        probe, file = Probe(), Path(sys.argv[0])  # what ``switchgear`` is called here
        atexit.register(lambda: file.write_text(json.dumps([probe.late, probe.own])))


if __name__ == "__main__":
    vars(sys.modules["switchgear.cli.serve"])["Running"] = Probed  # the name it is made by there
    sys.argv = sys.argv[1:]
    main()
