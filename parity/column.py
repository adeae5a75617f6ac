"""The columns of the matrix: who calls, how it wants its answer, and who answers."""

from enum import Enum

import msgspec

from switchgear.cli.wire import callers
from switchgear.domain.dialect import Dialect
from switchgear.wire.registry import TONGUES


class Form(Enum):
    """How the caller wants its answer."""

    WHOLE = "whole"
    STREAM = "stream"


class Column(msgspec.Struct, frozen=True, order=False):
    """One column."""

    caller: Dialect
    form: Form
    target: Dialect

    @property
    def name(self) -> str:
        """All three, as the results say it."""
        return f"{self.caller.value} · {self.form.value} · {self.target.value}"

    @property
    def streams(self) -> bool:
        """Whether the answer comes as a stream."""
        return self.form is Form.STREAM

    @property
    def crosses(self) -> bool:
        """Whether the call is translated."""
        return self.caller is not self.target


def columns() -> list[Column]:
    """Return every column, for all dialects that are spoken."""
    return [
        Column(caller, form, target) for caller in callers() for form in Form for target in TONGUES
    ]
