"""Whom a request is passed through to; all of it is shown in tests/scenario/test_passing."""

import msgspec
import pytest

from support.cast import target
from switchgear.domain.call import Call
from switchgear.domain.caller import Caller, Key
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import NotAllowed
from switchgear.domain.units import Seconds, UnixMs
from switchgear.pipeline.passage import _checked
from switchgear.ports.passage import Passed, once

TARGET = target("ours", model="theirs")


def called(key: Key, **fields: object) -> Call:
    plain = Passed(dialect=Dialect.OPENAI_CHAT, method="POST", path="/x", take=once(b""))
    body = msgspec.structs.replace(plain, **fields)
    return Call(id="c", body=body, caller=Caller(key=key), at=UnixMs(0), began=Seconds(0))


@pytest.mark.parametrize("named", [{"model": "other"}, {"inner": ("theirs", "other")}])
def test_a_key_with_limits_names_only_what_it_was_given(named: dict[str, object]) -> None:
    body = called(Key(), **named)
    assert _checked(body, TARGET) is body.body
    for key in (Key(models=frozenset({"ours"})), Key(targets=frozenset({"ours"}))):
        with pytest.raises(NotAllowed, match="other"):
            _checked(called(key, **named), TARGET)
