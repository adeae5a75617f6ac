import json

from hypothesis import given
from hypothesis import strategies as st

from switchgear.wire.argument import arguments


@given(st.text())
def test_arguments_are_always_a_json_object(text: str) -> None:
    assert isinstance(json.loads(bytes(arguments(text))), dict)


def test_arguments_stay_as_they_were_written() -> None:
    assert bytes(arguments('{"a": 1.50}')) == b'{"a": 1.50}'
    assert bytes(arguments(" ")) == b"{}"
    assert json.loads(bytes(arguments("[1]"))) == {"_raw": "[1]"}
