"""Who is calling."""

import asyncio
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.adapters.clock import ManualClock
from switchgear.adapters.keyrings.memory import MemoryKeyring
from switchgear.config.setup import KeyRecord
from switchgear.domain.caller import ANONYMOUS, Key
from switchgear.domain.denial import ExpiredKey, RevokedKey
from switchgear.domain.errors import (
    ConflictingCredentials,
    LedgerDown,
    NotAllowed,
    SwitchgearError,
    UnknownKey,
)
from switchgear.domain.units import Seconds, UnixMs
from switchgear.engine.credential import mint_secret
from switchgear.pipeline.auth import Doorman
from switchgear.pipeline.ring import Ring
from switchgear.ports.keyring import Kept

KEY = Key(id="k")
MADE = mint_secret("team", 77).reveal()
CLOCK = ManualClock()


def digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def ring_of(*kept: Kept, declared: tuple[Key, ...] = (KEY,)) -> Ring:
    """Declared keys have their id behind ``sk-`` as secret."""

    async def filled() -> Ring:
        keyring = MemoryKeyring()
        for each in kept:
            await keyring.add(each)
        ring = Ring(keyring)
        ring.declare([KeyRecord(secret_digest=digest(f"sk-{it.id}"), key=it) for it in declared])
        await ring.refresh()
        return ring

    return asyncio.run(filled())


def kept(key: Key, *secrets: str, revoked: bool = False) -> Kept:
    at = UnixMs(5) if revoked else None
    return Kept(key=key, digests=tuple(digest(each) for each in secrets), revoked=at)


DOORMAN = Doorman(ring_of(kept(Key(id="team"), MADE, "second")), CLOCK)


def refusal(authorization: str | None, x_api_key: str | None = None) -> SwitchgearError:
    with pytest.raises(SwitchgearError) as caught:
        DOORMAN.admit(authorization, x_api_key)
    return caught.value


@pytest.mark.parametrize(
    ("authorization", "x_api_key"),
    [
        ("Bearer sk-k", None),
        ("bearer  sk-k ", None),
        ("BEARER sk-k", ""),
        (None, "sk-k"),
        ("Bearer sk-k", "sk-k"),
        ("Basic abc", "sk-k"),
        ("Bearer ", " sk-k "),
    ],
)
def test_a_known_key_is_admitted_from_either_header(
    authorization: str | None, x_api_key: str | None
) -> None:
    assert DOORMAN.admit(authorization, x_api_key) == KEY


def test_a_key_that_was_made_is_admitted_with_each_of_its_secrets() -> None:
    assert DOORMAN.admit(f"Bearer {MADE}", None).id == "team"
    assert DOORMAN.admit(None, "second").id == "team"


def test_two_different_keys_are_refused() -> None:
    with pytest.raises(ConflictingCredentials):
        DOORMAN.admit("Bearer sk-k", "sk-2")


@given(st.none() | st.text(), st.none() | st.text())
def test_no_other_credential_is_admitted_and_none_breaks_it(
    authorization: str | None, x_api_key: str | None
) -> None:
    with pytest.raises((UnknownKey, ConflictingCredentials)) as caught:
        DOORMAN.admit(authorization, x_api_key)
    assert caught.value.status in {400, 401}


@given(st.binary(max_size=80), st.sampled_from(["Bearer ", "bearer\t", "Basic ", "", "sgk_team_"]))
def test_any_bytes_in_a_header_are_refused_and_not_repeated(raw: bytes, before: str) -> None:
    text = raw.decode("latin-1")
    error = refusal(before + text)
    assert isinstance(error, UnknownKey)
    assert len(text) < 12 or text not in error.message


@pytest.mark.parametrize(
    ("authorization", "words"),
    [
        ("Basic dXNlcjpzZWNyZXQ=", "the scheme basic"),
        ("Digest username=x", "the scheme digest"),
        ("Bearer", "no key came"),
        ("Bearer  ", "no key came"),
        ("sk-k", "without the word Bearer"),
        ("Passport sk-k", "a scheme that is not known here"),
        (f"Bearer {MADE[:-1]}", "not copied whole"),
        (f"Bearer {MADE[:-9]}zz{MADE[-7:]}", "mistyped"),
        ("Bearer " + "x" * 10_000, "longer than any key"),
        ("Bearer k\u00e9y", "beyond ASCII"),
        ("Bearer sk-other", "send it as Authorization: Bearer"),
        (None, "send it as Authorization: Bearer"),
    ],
)
def test_what_is_wrong_with_a_credential_is_said(authorization: str | None, words: str) -> None:
    error = refusal(authorization)
    assert isinstance(error, UnknownKey)
    assert words in error.message
    assert MADE[:-9] not in error.message
    assert "dXNlcjpzZWNyZXQ" not in error.message


def test_without_keys_everybody_is_anonymous() -> None:
    assert Doorman(ring_of(declared=()), CLOCK).admit("Bearer whatever", None) is ANONYMOUS


def test_a_server_whose_only_key_was_revoked_is_not_open() -> None:
    doorman = Doorman(ring_of(kept(Key(id="a"), "s", revoked=True), declared=()), CLOCK)
    with pytest.raises(UnknownKey):
        doorman.admit(None, None)
    with pytest.raises(RevokedKey, match="it was revoked"):
        doorman.admit("Bearer s", None)


def test_a_key_is_good_until_its_time_is_over() -> None:
    clock = ManualClock()
    end = UnixMs(clock.date() + 1000)
    doorman = Doorman(ring_of(kept(Key(id="a", until=end), "s")), clock)
    assert doorman.admit("Bearer s", None).id == "a"
    clock.advance(Seconds(0.999))
    assert doorman.admit("Bearer s", None).id == "a"
    clock.advance(Seconds(0.001))
    with pytest.raises(ExpiredKey):
        doorman.admit("Bearer s", None)


def test_a_key_falls_with_its_maker() -> None:
    maker = kept(Key(id="m", models=frozenset({"a"})), "m", revoked=True)
    child = kept(Key(id="c", parent="m"), "c")
    with pytest.raises(RevokedKey, match="comes from"):
        Doorman(ring_of(maker, child), CLOCK).admit("Bearer c", None)


def test_a_key_that_its_maker_left_nothing_is_known_and_may_do_nothing() -> None:
    maker = kept(Key(id="m", models=frozenset({"a"})), "m")
    child = kept(Key(id="c", parent="m", models=frozenset({"b"})), "c")
    with pytest.raises(NotAllowed, match="good for nothing"):
        Doorman(ring_of(maker, child), CLOCK).admit("Bearer c", None)


def test_what_is_unknown_while_the_store_is_down_is_our_fault_and_not_the_callers() -> None:
    ring = ring_of(kept(Key(id="a"), "s"))
    ring.dark = "The keys are out of reach."
    doorman = Doorman(ring, CLOCK)
    assert doorman.admit("Bearer s", None).id == "a"
    with pytest.raises(LedgerDown, match="out of reach"):
        doorman.admit("Bearer sk-new", None)
    with pytest.raises(UnknownKey):
        doorman.admit("Basic x", None)
