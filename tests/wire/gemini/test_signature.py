"""Signatures come and go as base64, whoever made them."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.dialect import Dialect
from switchgear.domain.event import ThinkingSigned
from switchgear.domain.turn import Thinking
from switchgear.wire.gemini.signature import (
    NOT_CHECKED,
    SEALED,
    read_signature,
    sent_back,
    write_signature,
)

OTHERS = [each for each in Dialect if each is not Dialect.GEMINI]
SIGNATURES = st.text("abcXYZ019+/_-=:{}é", min_size=1, max_size=12)


@given(SIGNATURES, st.sampled_from(list(Dialect)), st.booleans())
def test_what_was_signed_or_hidden_comes_back_with_its_origin(
    text: str,
    origin: Dialect,
    hidden: bool,  # noqa: FBT001 - a case
) -> None:
    signed = (
        ThinkingSigned("", redacted=text, origin=origin)
        if hidden
        else ThinkingSigned(text, origin=origin)
    )
    written = write_signature(signed)
    base64.b64decode(written + "=" * (-len(written) % 4), altchars=None if "+" in written else "-_")
    assert read_signature(written) == signed


def test_a_signature_of_google_s_is_not_touched() -> None:
    assert write_signature(ThinkingSigned("AQID+/8=", origin=Dialect.GEMINI)) == "AQID+/8="
    assert read_signature("AQID+/8=") == ThinkingSigned("AQID+/8=", origin=Dialect.GEMINI)


@pytest.mark.parametrize("origin", OTHERS)
def test_a_provider_gets_no_signature_but_its_own(origin: Dialect) -> None:
    assert sent_back(Thinking("", "AQID", origin=Dialect.GEMINI)) == "AQID"
    assert not sent_back(Thinking("", "AQID", origin=origin))
    assert not sent_back(Thinking("", "not base64!", origin=Dialect.GEMINI))


def test_what_is_sealed_can_be_told_from_its_first_letters() -> None:
    for signed in (
        ThinkingSigned("s", origin=Dialect.OPENAI_RESPONSES),
        ThinkingSigned("", redacted="r", origin=Dialect.ANTHROPIC_MESSAGES),
    ):
        assert write_signature(signed).startswith(SEALED)
    assert not NOT_CHECKED.startswith(SEALED)
    assert read_signature(SEALED) == ThinkingSigned(SEALED, origin=Dialect.GEMINI)
