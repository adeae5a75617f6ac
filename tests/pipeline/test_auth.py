"""Who is calling."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.config.setup import KeyRecord
from switchgear.domain.caller import ANONYMOUS, Key
from switchgear.domain.errors import ConflictingCredentials, UnknownKey
from switchgear.pipeline.auth import Doorman

KEY = Key(id="k")
DOORMAN = Doorman([KeyRecord(secret_digest=sha256(b"sk-1").hexdigest(), key=KEY)])


@pytest.mark.parametrize(
    ("authorization", "x_api_key"),
    [
        ("Bearer sk-1", None),
        ("bearer  sk-1 ", None),
        (None, "sk-1"),
        ("Bearer sk-1", "sk-1"),
        ("Basic abc", "sk-1"),
    ],
)
def test_a_known_key_is_admitted_from_either_header(
    authorization: str | None, x_api_key: str | None
) -> None:
    assert DOORMAN.admit(authorization, x_api_key) == KEY


def test_two_different_keys_are_refused() -> None:
    with pytest.raises(ConflictingCredentials):
        DOORMAN.admit("Bearer sk-1", "sk-2")


@given(st.none() | st.text(), st.none() | st.text())
def test_no_other_credential_is_admitted_and_none_breaks_it(
    authorization: str | None, x_api_key: str | None
) -> None:
    with pytest.raises((UnknownKey, ConflictingCredentials)):
        DOORMAN.admit(authorization, x_api_key)


def test_without_keys_everybody_is_anonymous() -> None:
    assert Doorman([]).admit("Bearer whatever", None) is ANONYMOUS
