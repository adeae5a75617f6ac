"""What this process has learnt of who does well on which calls."""

from switchgear.domain.ask import Ask
from switchgear.domain.entry import Entry
from switchgear.domain.odds import NO_ODDS, Odds


class Brain:
    """The version of what was learnt that is in force, and what was learnt since."""

    def odds(self, ask: Ask) -> Odds:
        """Return what is known of who would do well on a call."""
        del ask
        return NO_ODDS

    def hear(self, entry: Entry) -> None:
        """Take note of a call that has ended."""
