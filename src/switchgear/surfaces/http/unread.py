"""The body of a call that was refused before it could be read."""

from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import SwitchgearError
from switchgear.domain.turn import Conversation


class Unread:
    """A body of which only the fault is known.

    With it a refused call goes the way of all calls, and the ledger hears of it.
    """

    __slots__ = ("dialect", "error", "model", "raw", "stream")

    def __init__(self, dialect: Dialect, raw: bytes, error: SwitchgearError) -> None:
        """Hold what came, and what is wrong with it."""
        self.dialect = dialect
        self.raw = raw
        self.error = error
        self.model = ""
        self.stream = False

    @property
    def conversation(self) -> Conversation:
        """There is none: whoever looks gets the reason.

        Raises:
            SwitchgearError: why it could not be read.
        """
        raise self.error

    def forget(self) -> None:
        """Let go of where the error came from: of frames that hold the call, which holds this.

        A call is a value that the collector does not look into, so that circle would stay for ever.
        """
        error = self.error
        error.__traceback__ = error.__cause__ = error.__context__ = None

    def require_limit(self) -> None:
        """Do nothing: something else is wrong already."""
