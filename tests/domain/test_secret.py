import msgspec
import pytest

from switchgear.domain.secret import Secret

WORD = "sk-very-secret"


def test_it_never_shows_itself() -> None:
    secret = Secret(WORD)
    assert WORD not in f"{secret} {secret!r} {[secret]} {{'key': {secret!s}}}"


def test_it_cannot_be_encoded() -> None:
    with pytest.raises(TypeError) as caught:
        msgspec.json.encode({"key": Secret(WORD)})
    assert WORD not in str(caught.value)


def test_it_gives_its_value_only_when_asked() -> None:
    assert Secret(WORD).reveal() == WORD


def test_two_that_hold_the_same_are_equal() -> None:
    assert Secret(WORD) == Secret(WORD)
    assert len({Secret(WORD), Secret(WORD), Secret("other")}) == 2
    assert Secret(WORD) != WORD
