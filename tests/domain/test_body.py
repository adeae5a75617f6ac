import msgspec
import pytest

from support.recollected import model, user
from switchgear.domain.body import Recalled
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import MalformedBody
from switchgear.domain.turn import Conversation

TALK = Conversation(model="m", turns=(user("two"),), previous="resp_1")
WHOLE = msgspec.structs.replace(TALK, turns=(user("one"), model("1"), user("two")), previous="")


class Strict:
    """A body that demands a limit."""

    dialect = Dialect.OPENAI_RESPONSES
    raw = b'{"input":"two"}'
    model = "m"
    stream = True
    conversation = TALK

    def require_limit(self) -> None:
        raise MalformedBody("no limit")


def test_a_body_that_goes_on_is_its_own_but_for_what_was_said() -> None:
    body = Recalled(Strict(), WHOLE.turns[:2], WHOLE)
    assert body.conversation is WHOLE
    assert (body.dialect, body.raw) == (Strict.dialect, Strict.raw)
    assert (body.model, body.stream) == ("m", True)
    with pytest.raises(MalformedBody, match="no limit"):
        body.require_limit()
