"""What a provider is told in confidence is in none of its words that we pass on."""

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.adapters.upstreams.veil import HIDDEN, Veil, forms
from switchgear.config.setup import Aws, Provider
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import UpstreamRejected
from switchgear.domain.secret import Secret

KEY, TOKEN = 'sk-live-"q/8+7=é', "header+value/12345"
PROVIDER = Provider(
    id="p",
    dialect=Dialect.OPENAI_CHAT,
    base_url="https://user:pa55word-x@example.com/v1?token=query-token-77&api-version=2026-01-01",
    api_key=Secret(KEY),
    headers=(("x-team", Secret(f"Bearer {TOKEN}")), ("x-short", Secret("beta"))),
    aws=Aws(
        secret_access_key=Secret("wJalrXUtnFEMI/K7MDENG"), session_token=Secret("FwoGZXIvYXdz//8=")
    ),
)
SECRETS = (KEY, TOKEN, "pa55word-x", "query-token-77", "wJalrXUtnFEMI/K7MDENG", "FwoGZXIvYXdz//8=")
anything = st.binary(max_size=9)


@pytest.mark.parametrize("secret", SECRETS)
@given(before=anything, after=anything)
def test_a_secret_is_hidden_in_every_form(secret: str, before: bytes, after: bytes) -> None:
    said = (
        secret.encode(),
        quote(secret, safe="").encode(),
        json.dumps(secret).encode(),
        json.dumps(secret).replace("/", "\\/").encode(),
        base64.b64encode(before + secret.encode() + after),
        base64.urlsafe_b64encode(before + secret.encode() + after),
    )
    hidden = Veil(PROVIDER).hide(b" | ".join(said)).decode(errors="replace")
    assert not [form for form in forms(secret) if form in hidden]
    assert hidden.count(HIDDEN) == len(said)


def test_words_that_hold_no_secret_stay_as_they_are() -> None:
    said = b"The api-version 2026-01-01 has no beta of model gpt-5."
    assert Veil(PROVIDER).hide(said) == said


def test_the_words_of_an_error_are_covered_too() -> None:
    error = UpstreamRejected(f"The target says: key {KEY} may not do this")
    Veil(PROVIDER).cover(error)
    assert error.message == f"The target says: key {HIDDEN} may not do this"


@given(st.integers(6, len(TOKEN)))
def test_the_beginning_of_a_secret_that_was_cut_off_is_hidden(length: int) -> None:
    error = UpstreamRejected(f"The target says: key {TOKEN[:length]}…")
    Veil(PROVIDER).cover(error)
    assert error.message == f"The target says: key {HIDDEN}" + ("…" if length == len(TOKEN) else "")
