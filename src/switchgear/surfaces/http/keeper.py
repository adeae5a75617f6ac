"""What the HTTP surface needs of whoever keeps outcomes."""

from collections.abc import Sequence
from typing import Protocol

from switchgear.domain.caller import Key
from switchgear.domain.errors import SwitchgearError
from switchgear.domain.outcome import Outcome
from switchgear.engine.outcome import Label
from switchgear.engine.saying import Saying


class Told(Protocol):
    """What came of saying something."""

    @property
    def outcome(self) -> Outcome:
        """As it is kept."""
        ...

    @property
    def repeated(self) -> bool:
        """Whether it was there already."""
        ...

    @property
    def differs(self) -> bool:
        """Whether what was there under that id says something else, and stays."""
        ...

    @property
    def label(self) -> Label | None:
        """What all that was said of the decision comes to now."""
        ...


class Outcomes(Protocol):
    """Keeps what is said of decisions."""

    async def say(self, saying: Saying, by: Key) -> Told:
        """Keep one.

        Raises:
            UnknownDecision: there is none of that id that is the key's to judge.
            NothingToJudge: nothing was decided in it.
            MalformedBody: it cannot be said of it.
            TooManyOutcomes: as many as there may be were said.
            LedgerDown: nothing was kept.
        """
        ...

    async def say_all(
        self, sayings: Sequence[Saying | SwitchgearError], by: Key
    ) -> Sequence[Told | SwitchgearError]:
        """Keep one after the other; return for each what came of it, or the error."""
        ...
