"""Requests to Bedrock, signed: checked by an independent reader, over real sockets too."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.bedrock import ACCESS, REGION, SECRET, TOKEN, signed
from support.cast import SMALL
from support.provider import Visit, finish, staged
from support.stage import TestBody
from switchgear.adapters.clock import ManualClock
from switchgear.adapters.upstreams import sigv4
from switchgear.adapters.upstreams.credential import Unsigned
from switchgear.adapters.upstreams.renewal import PAUSE
from switchgear.adapters.upstreams.sigv4 import (
    FRESH,
    GOOD,
    LARGE,
    Keys,
    SigV4Credential,
    aws_credential,
    sign,
)
from switchgear.config.service import Service
from switchgear.config.setup import Aws, Provider
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import UpstreamDenied, UpstreamError, UpstreamUnreachable
from switchgear.domain.secret import Secret
from switchgear.domain.turn import Conversation, Role, Text, Turn
from switchgear.domain.units import Seconds, UnixMs
from switchgear.ports.upstream import Order
from switchgear.wire.registry import TONGUES

KEYS = Keys(ACCESS, Secret(SECRET))
SESSION = Keys(ACCESS, Secret(SECRET), Secret(TOKEN))
DATE = UnixMs(1_750_000_000_000)
OWN = Aws(region=REGION, access_key_id=ACCESS, secret_access_key=Secret(SECRET))
PATH = "/model/us.anthropic.claude-x-v1%3A0/converse"


def provider(aws: Aws = OWN, key: str = "") -> Provider:
    return Provider(
        id="bedrock",
        dialect=Dialect.BEDROCK_CONVERSE,
        service=Service.BEDROCK,
        base_url="https://bedrock.example.com",
        aws=aws,
        api_key=Secret(key) if key else None,
    )


def unsigned(body: bytes = b"{}", path: str = PATH, **more: str) -> Unsigned:
    headers = {"host": "h.example:8080", "content-type": "application/json", "user-agent": "s"}
    return Unsigned(
        tls=False,
        authority="h.example:8080",
        path=path,
        headers=tuple((headers | more).items()),
        body=body,
    )


def head(request: Unsigned, proof: list[tuple[str, str]]) -> bytes:
    lines = [f"POST {request.path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in (*request.headers, *proof)]
    return "\r\n".join(lines).encode()


BODIES = st.binary(max_size=50)


@given(
    BODIES,
    st.sampled_from([PATH, "/v1" + PATH, "/model/arn%3Aaws%3Abedrock%3A%3A1%3Aa%2Fb/converse?x=1"]),
    st.sampled_from([KEYS, SESSION]),
)
def test_an_independent_reader_finds_the_same_signature(body: bytes, path: str, keys: Keys) -> None:
    request = unsigned(body, path, **{"x-amz-new": "a  b"})
    proof = sign(request, keys, REGION, DATE)
    token = keys.token.reveal() if keys.token else ""
    assert signed(head(request, proof), body, token=token)
    assert all(name == name.lower() for name, _ in proof)
    assert dict(proof)["x-amz-date"] == "20250615T150640Z"


@given(BODIES, BODIES)
def test_the_signature_covers_the_body(body: bytes, other: bytes) -> None:
    request = unsigned(body)
    found = signed(head(request, sign(request, KEYS, REGION, DATE)), other)
    assert found is (body == other)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"claude-x", b"claude-y"),
        (b"%3A0", b":0"),
        (b"8080", b"8081"),
        (b"application/json", b"text/plain"),
        (b"150640Z", b"150641Z"),
        (b"eu-central-1", b"eu-central-2"),
    ],
)
def test_what_is_changed_on_the_way_is_found(old: bytes, new: bytes) -> None:
    request = unsigned()
    written = head(request, sign(request, KEYS, REGION, DATE))
    assert signed(written, b"{}")
    assert not signed(written.replace(old, new), b"{}")
    assert not signed(written, b"{}", secret="another")


def test_what_a_proxy_may_touch_is_not_signed() -> None:
    proof = dict(sign(unsigned(), KEYS, REGION, DATE))["authorization"]
    assert "SignedHeaders=content-type;host;x-amz-date," in proof


def test_no_secret_is_shown() -> None:
    credential = SigV4Credential(provider(), ManualClock())
    for each in (credential, SESSION, provider()):
        assert SECRET not in repr(each)
        assert TOKEN not in repr(each)
    assert SECRET not in str(sign(unsigned(), SESSION, REGION, DATE))


def test_an_api_key_needs_no_signature() -> None:
    assert aws_credential(provider(key="k"), ManualClock()) is None
    assert isinstance(aws_credential(provider(), ManualClock()), SigV4Credential)


def test_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sigv4, "INSTALLED", False)
    with pytest.raises(ValueError, match=r"install switchgear\[bedrock\]"):
        SigV4Credential(provider(), ManualClock())


def test_what_is_sent_is_what_was_signed() -> None:
    seen: list[tuple[bytes, bytes]] = []

    async def play(visit: Visit) -> None:
        while raw := await visit.request():
            written, _, body = raw.partition(b"\r\n\r\n")
            seen.append((written, body))
            await visit.say(b"HTTP/1.1 403 X\r\ncontent-length: 2\r\n\r\n{}")

    async def life() -> None:
        said: Any = {
            "dialect": Dialect.BEDROCK_CONVERSE,
            "service": Service.BEDROCK,
            "aws": OWN,
            "api_key": None,
        }
        async with staged(play, clock=ManualClock(DATE), tongues=TONGUES, **said) as (upstream, _):
            for size in (1, LARGE + 1):
                with pytest.raises(UpstreamError):
                    await finish(upstream.begin(order("a.b-v1:0", size)))

    asyncio.run(life())
    assert len(seen) == 2
    for written, body in seen:
        assert written.startswith(b"POST /v1/model/a.b-v1%3A0/converse HTTP/1.1\r\n")
        assert signed(written, body)


def order(model: str, size: int) -> Order:
    talk = Conversation(model="a", turns=(Turn(Role.USER, (Text("x" * size),)),))
    body = TestBody(conversation=talk, raw=b"{}" + b" " * size)
    return Order(target=msgspec.structs.replace(SMALL, provider="sim", model=model), body=body)


PROFILE = """
[default]
aws_access_key_id = {access}
aws_secret_access_key = {secret}
[work]
aws_access_key_id = {access}
aws_secret_access_key = {secret}
aws_session_token = {token}
[broken]
role_arn = arn:aws:iam::1:role/a
source_profile = nowhere
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing but a credentials file."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "credentials"
    file.write_text(PROFILE.format(access=ACCESS, secret=SECRET, token=TOKEN))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return file


def proves(credential: SigV4Credential, token: str = "") -> bool:
    async def life() -> bool:
        request = unsigned()
        return signed(head(request, [*await credential.prove(request)]), b"{}", token=token)

    return asyncio.run(life())


@pytest.mark.usefixtures("home")
def test_keys_come_from_the_chain_where_none_are_written() -> None:
    chain = SigV4Credential(provider(Aws(region=REGION)), ManualClock())
    work = SigV4Credential(provider(Aws(region=REGION, profile="work")), ManualClock())
    assert proves(chain)
    assert proves(work, TOKEN)


@pytest.mark.parametrize("profile", ["broken", "nowhere"])
@pytest.mark.usefixtures("home")
def test_a_chain_that_finds_nothing_is_the_owners_to_mend(profile: str) -> None:
    credential = SigV4Credential(provider(Aws(region=REGION, profile=profile)), ManualClock())
    with pytest.raises(UpstreamDenied) as refused:
        proves(credential)
    assert SECRET not in str(refused.value)


def test_no_credentials_at_all_are_told_as_such(home: Path) -> None:
    home.write_text("")
    with pytest.raises(UpstreamDenied, match="no AWS credentials were found"):
        proves(SigV4Credential(provider(Aws(region=REGION)), ManualClock()))


class Chain:
    """A source of keys that counts, and does what it is told."""

    def __init__(self) -> None:
        self.fetched = 0
        self.error: UpstreamError | None = None
        self.open = threading.Event()
        self.open.set()

    def fetch(self) -> Keys:
        self.open.wait(5)
        self.fetched += 1
        if self.error is not None:
            raise self.error
        return Keys(f"KEY{self.fetched}", Secret(SECRET))


def chained(scene: Callable[[sigv4._Chain, Chain, ManualClock], object]) -> None:
    """Run a scene with a chain whose source is ours."""

    async def life() -> None:
        clock, source = ManualClock(), Chain()
        chain = sigv4._Chain(source.fetch, clock)
        await scene(chain, source, clock)  # type: ignore[misc]  # every scene is a coroutine

    asyncio.run(life())


def test_keys_are_fetched_once_however_many_wait() -> None:
    async def scene(chain: sigv4._Chain, source: Chain, clock: ManualClock) -> None:
        found = await asyncio.gather(*[chain.keys() for _ in range(9)])
        assert {each.access_key for each in found} == {"KEY1"}
        clock.advance(Seconds(FRESH - 1))
        await chain.keys()
        assert source.fetched == 1

    chained(scene)


def test_while_keys_are_renewed_nobody_waits() -> None:
    async def scene(chain: sigv4._Chain, source: Chain, clock: ManualClock) -> None:
        await chain.keys()
        clock.advance(FRESH)
        source.open.clear()
        assert (await chain.keys()).access_key == "KEY1"
        pending = chain._keys._pending
        assert pending is not None
        source.open.set()
        await pending
        await asyncio.sleep(0)
        assert (await chain.keys()).access_key == "KEY2"

    chained(scene)


def test_old_keys_serve_a_while_when_no_newer_ones_come_and_then_no_longer() -> None:
    async def scene(chain: sigv4._Chain, source: Chain, clock: ManualClock) -> None:
        await chain.keys()
        source.error = UpstreamUnreachable("out of reach")
        clock.advance(FRESH)
        assert (await chain.keys()).access_key == "KEY1"
        clock.advance(Seconds(GOOD - FRESH))
        for _ in range(2):
            with pytest.raises(UpstreamUnreachable, match="out of reach"):
                await chain.keys()
        fetched = source.fetched
        source.error = None
        clock.advance(PAUSE)
        assert (await chain.keys()).access_key == f"KEY{fetched + 1}"

    chained(scene)


def test_a_caller_who_leaves_takes_nobody_elses_keys_away() -> None:
    async def scene(chain: sigv4._Chain, source: Chain, clock: ManualClock) -> None:
        del clock
        source.open.clear()
        first, second = (asyncio.ensure_future(chain.keys()) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        source.open.set()
        assert (await second).access_key == "KEY1"
        assert source.fetched == 1

    chained(scene)
