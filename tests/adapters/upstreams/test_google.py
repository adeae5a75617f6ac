"""Google's own library signs with a real key, and asks a server on this machine for tokens."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import jwt

from switchgear.adapters.clock import ManualClock, SystemClock
from switchgear.adapters.upstreams import google, renewal
from switchgear.adapters.upstreams.credential import Unsigned
from switchgear.adapters.upstreams.google import GoogleCredential, google_credential
from switchgear.config.service import Service
from switchgear.config.setup import Google, Provider
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import UpstreamDenied, UpstreamUnreachable
from switchgear.domain.secret import Secret
from switchgear.domain.units import Seconds

REQUEST = Unsigned(tls=True, authority="a", path="/", headers=(), body=b"{}")
HOUR = 3600


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Office:
    """Gives out tokens, numbered, to whoever signs for them."""

    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        public = key.public_key()
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        self._public = public.public_bytes(serialization.Encoding.PEM, form)
        self.claims: list[dict[str, Any]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.refusal = ""
        self.lasts = HOUR

    async def host(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                asked = parse_qs((await reader.readexactly(length)).decode())
                verify: Any = jwt.decode
                # the audience is checked by eye: the address is not known before the port is
                self.claims.append(dict(verify(asked["assertion"][0], certs=self._public)))
                await self.open.wait()
                status, told = 200, self.token()
                if self.refusal:
                    status, told = 400, {"error": self.refusal, "error_description": "s3cret"}
                body = json.dumps(told).encode()
                line = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n"
                writer.write(f"{line}content-length: {len(body)}\r\n\r\n".encode() + body)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def token(self) -> dict[str, Any]:
        number = len(self.claims)
        return {"access_token": f"token-{number}", "expires_in": self.lasts, "token_type": "Bearer"}


class Scene:
    """A credential, the office that it asks, and its clock."""

    def __init__(self, office: Office, credential: GoogleCredential, clock: ManualClock) -> None:
        self.office = office
        self.credential = credential
        self.clock = clock

    async def said(self) -> str:
        (proof,) = await self.credential.prove(REQUEST)
        return f"{proof[0]}: {proof[1]}"


@asynccontextmanager
async def scene(
    folder: Path, key: rsa.RSAPrivateKey, *, port: int = 0, default: bool = False
) -> AsyncIterator[Scene]:
    office = Office(key)
    server = await asyncio.start_server(office.host, "127.0.0.1", 0)
    port = port or server.sockets[0].getsockname()[1]
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file = folder / "key.json"
    told = {
        "type": "service_account",
        "project_id": "p",
        "private_key_id": "1",
        "private_key": pem.decode(),
        "client_email": "agent@p.iam.gserviceaccount.com",
        "token_uri": f"http://127.0.0.1:{port}/token",
    }
    file.write_text(json.dumps(told), encoding="utf-8")
    clock = ManualClock(SystemClock().date())
    credential = GoogleCredential(provider("" if default else str(file)), clock)
    try:
        yield Scene(office, credential, clock)
    finally:
        office.open.set()
        credential.close()
        server.close()


def provider(file: str, api_key: str = "") -> Provider:
    return Provider(
        id="vertex",
        dialect=Dialect.GEMINI,
        base_url="https://vertex.example/v1",
        service=Service.VERTEX,
        api_key=Secret(api_key) if api_key else None,
        google=Google(service_account=file),
    )


async def until(true: Callable[[], bool]) -> None:
    for _ in range(1000):
        if true():
            return
        await asyncio.sleep(0.005)
    raise TimeoutError


def test_calls_that_come_together_wait_for_one_token(
    tmp_path: Path, key: rsa.RSAPrivateKey
) -> None:
    async def life() -> None:
        async with scene(tmp_path, key) as it:
            found = await asyncio.gather(*(it.said() for _ in range(9)))
            assert found == ["authorization: Bearer token-1"] * 9
            (claim,) = it.office.claims
            assert claim["iss"] == "agent@p.iam.gserviceaccount.com"
            assert claim["scope"] == "https://www.googleapis.com/auth/cloud-platform"

    asyncio.run(life())


def test_a_token_that_is_still_good_is_used_while_the_next_is_fetched(
    tmp_path: Path, key: rsa.RSAPrivateKey
) -> None:
    async def life() -> None:
        async with scene(tmp_path, key) as it:
            assert await it.said() == "authorization: Bearer token-1"
            it.clock.advance(Seconds(HOUR - 301.0))
            assert await it.said() == "authorization: Bearer token-1"
            assert len(it.office.claims) == 1
            it.office.open.clear()
            it.office.lasts = 3 * HOUR
            it.clock.advance(Seconds(10.0))
            for _ in range(3):
                assert await it.said() == "authorization: Bearer token-1"
            await until(lambda: len(it.office.claims) == 2)
            it.office.open.set()
            found = {await it.said()}
            for _ in range(1000):
                await asyncio.sleep(0.005)
                found.add(await it.said())
                if len(found) == 2:
                    break
            assert found == {f"authorization: Bearer token-{number}" for number in (1, 2)}
            assert await it.said() == "authorization: Bearer token-2"
            assert len(it.office.claims) == 2

    asyncio.run(life())


def test_a_spent_token_is_used_no_more(tmp_path: Path, key: rsa.RSAPrivateKey) -> None:
    async def life() -> None:
        async with scene(tmp_path, key) as it:
            await it.said()
            it.clock.advance(Seconds(HOUR - 9.0))
            assert await it.said() == "authorization: Bearer token-2"

    asyncio.run(life())


def test_who_waits_may_leave_and_the_others_get_the_token(
    tmp_path: Path, key: rsa.RSAPrivateKey
) -> None:
    async def life() -> None:
        async with scene(tmp_path, key) as it:
            it.office.open.clear()
            first, second = (asyncio.ensure_future(it.said()) for _ in range(2))
            await until(lambda: len(it.office.claims) == 1)
            first.cancel()
            await asyncio.wait([first])
            it.office.open.set()
            assert await second == "authorization: Bearer token-1"
            assert len(it.office.claims) == 1

    asyncio.run(life())


def test_a_refusal_is_told_without_a_secret_and_not_asked_for_again_at_once(
    tmp_path: Path, key: rsa.RSAPrivateKey
) -> None:
    async def life() -> None:
        async with scene(tmp_path, key) as it:
            it.office.refusal = "invalid_grant"
            for _ in range(3):
                with pytest.raises(UpstreamDenied) as caught:
                    await it.said()
                assert "invalid_grant" in caught.value.message
                assert "s3cret" not in caught.value.message
                assert "PRIVATE" not in caught.value.message
            assert len(it.office.claims) == 1
            it.clock.advance(renewal.PAUSE)
            it.office.refusal = ""
            assert await it.said() == "authorization: Bearer token-2"

    asyncio.run(life())


def test_a_good_token_outlives_a_refusal(tmp_path: Path, key: rsa.RSAPrivateKey) -> None:
    async def life() -> None:
        async with scene(tmp_path, key) as it:
            await it.said()
            it.office.refusal = "invalid_grant"
            it.clock.advance(Seconds(HOUR - 100.0))
            assert await it.said() == "authorization: Bearer token-1"
            await until(lambda: len(it.office.claims) == 2)
            await asyncio.sleep(0.01)
            assert await it.said() == "authorization: Bearer token-1"

    asyncio.run(life())


def test_an_office_that_nobody_keeps_is_out_of_reach(
    tmp_path: Path, key: rsa.RSAPrivateKey
) -> None:
    async def life() -> None:
        async with scene(tmp_path, key, port=9) as it:
            with pytest.raises(UpstreamUnreachable, match="out of reach"):
                await it.said()

    asyncio.run(life())


def test_an_office_that_says_nothing_is_not_waited_for_longer_than_patience(
    tmp_path: Path, key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal, "PATIENCE", 0.05)

    async def life() -> None:
        async with scene(tmp_path, key) as it:
            it.office.open.clear()
            with pytest.raises(UpstreamUnreachable, match="in time"):
                await it.said()

    asyncio.run(life())


def test_a_key_file_that_is_gone_or_holds_nothing_is_told(tmp_path: Path) -> None:
    empty = tmp_path / "empty.json"
    empty.write_text("{}", encoding="utf-8")

    async def life(file: Path) -> None:
        credential = GoogleCredential(provider(str(file)), ManualClock())
        with pytest.raises(UpstreamDenied, match="vertex"):
            await credential.prove(REQUEST)
        credential.close()

    for file in (tmp_path / "gone.json", empty):
        asyncio.run(life(file))


def test_without_a_key_file_google_s_defaults_are_used(
    tmp_path: Path, key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
    monkeypatch.setenv("GOOGLE_CLOUD_QUOTA_PROJECT", "billed")

    async def life() -> None:
        async with scene(tmp_path, key, default=True) as it:
            proof = await it.credential.prove(REQUEST)
            assert list(proof) == [
                ("authorization", "Bearer token-1"),
                ("x-goog-user-project", "billed"),
            ]

    asyncio.run(life())


def test_a_ready_token_needs_no_credential() -> None:
    assert google_credential(provider("", api_key="ya29.token"), ManualClock()) is None
    assert google_credential(provider(""), ManualClock()) is not None


def test_without_the_extra_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(google, "INSTALLED", False)
    with pytest.raises(ValueError, match=r"provider vertex: .* install switchgear\[vertex\]"):
        google_credential(provider(""), ManualClock())
