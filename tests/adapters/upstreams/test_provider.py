import subprocess
import sys
from collections.abc import Sequence

import msgspec
import pytest
from typing_extensions import override

from support.tongue import PlainTongue
from switchgear.adapters.clock import ManualClock
from switchgear.adapters.upstreams.credential import Credential, Unsigned
from switchgear.adapters.upstreams.provider import HttpMeans, HttpUpstream
from switchgear.config.service import Service
from switchgear.config.setup import Provider
from switchgear.domain.dialect import Dialect
from switchgear.domain.secret import Secret
from switchgear.ports.nursery import Nursery


def provider(base_url: str, **changes: object) -> Provider:
    fields: dict[str, object] = {"id": "sim", "dialect": Dialect.OPENAI_CHAT, "base_url": base_url}
    return Provider(**{**fields, **changes})  # type: ignore[arg-type]  # a test's shorthand


def upstream(*providers: Provider) -> HttpUpstream:
    tongues = {each: PlainTongue(each) for each in Dialect}
    means = HttpMeans(nursery=Nursery(), clock=ManualClock(), tongues=tongues)
    return HttpUpstream({each.id: each for each in providers}, means)


class Proof(Credential):
    """A credential that knows whether it is still held."""

    closed = False

    @override
    async def prove(self, request: Unsigned) -> Sequence[tuple[str, str]]:
        return ()

    @override
    def close(self) -> None:
        self.closed = True


def with_proof() -> tuple[HttpUpstream, Proof]:
    kept, proof = upstream(provider("http://a/v1", service=Service.VERTEX)), Proof()
    kept._lines["sim"] = msgspec.structs.replace(kept._lines["sim"], credential=proof)
    return kept, proof


def test_a_credential_is_given_back_when_its_provider_is_another_and_no_sooner() -> None:
    kept, proof = with_proof()
    kept.refresh({"sim": provider("http://a/v1", service=Service.VERTEX)})
    assert kept._lines["sim"].credential is proof
    assert not proof.closed
    kept.refresh({"sim": provider("http://a/v1")})
    assert proof.closed


def test_a_credential_is_given_back_at_the_end() -> None:
    kept, proof = with_proof()
    kept.close()
    assert proof.closed


def test_a_reload_keeps_the_connections_to_an_address_that_stays() -> None:
    kept = upstream(provider("http://a/v1"))
    pool = kept._lines["sim"].pool
    kept.refresh({"sim": provider("http://a/v2", api_key=Secret("new"))})
    assert kept._lines["sim"].pool is pool
    kept.refresh({"sim": provider("http://b/v2")})
    assert kept._lines["sim"].pool is not pool


def test_a_reload_that_fails_changes_nothing() -> None:
    kept = upstream(provider("http://a/v1"))
    line = kept._lines["sim"]
    with pytest.raises(ValueError, match="provider sim"):
        kept.refresh({"sim": provider("ftp://a")})
    assert kept._lines["sim"] is line


@pytest.mark.parametrize(
    "bad",
    [
        provider("ftp://a"),
        provider("http://"),
        provider("http://user:secret@a/v1"),
        provider("http://a/v1\r\nx: y"),
        provider("http://a:99999/v1"),
        provider("http://a/v1#x"),
        provider("http://a", api_key=Secret("secret\r\nx: y")),
        provider("http://a", headers=(("x y", Secret("secret")),)),
    ],
)
def test_what_cannot_be_called_is_refused_when_it_is_built_without_showing_secrets(
    bad: Provider,
) -> None:
    with pytest.raises(ValueError, match="provider sim") as caught:
        upstream(bad)
    assert "secret" not in str(caught.value)


def test_only_who_needs_a_clouds_library_waits_for_its_import() -> None:
    program = "import sys, switchgear; print({'botocore', 'google.auth'} & set(sys.modules))"
    found = subprocess.run(  # noqa: S603  (our own interpreter)
        [sys.executable, "-c", program], capture_output=True, check=True
    )
    assert found.stdout.strip() == b"set()"
