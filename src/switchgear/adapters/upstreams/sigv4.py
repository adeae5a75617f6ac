"""The credential of Amazon Bedrock: every request is signed (SigV4), with botocore's own signer.

Keys come from the config, or from botocore's chain: environment, profiles, roles, the machine's own
identity. The chain may read files and ask over the network, so it works in a thread, one at a time;
while its keys are good nobody waits for it.
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec
from typing_extensions import override

from switchgear.adapters.upstreams.credential import Credential, Unsigned
from switchgear.adapters.upstreams.renewal import Renewal
from switchgear.config.setup import Provider
from switchgear.domain.errors import UpstreamDenied, UpstreamUnreachable
from switchgear.domain.secret import Secret
from switchgear.domain.units import Seconds, UnixMs
from switchgear.ports.clock import Clock

try:
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
    from botocore.session import Session
except ImportError:  # the extra [bedrock] is not installed
    INSTALLED = False
    SigV4Auth = object
else:
    INSTALLED = True

NAME = "bedrock"
"""Of the service, in signatures."""
LARGE = 262_144
"""Bytes of a body that is signed in a thread: it would hold up all other calls."""
FRESH = Seconds(60.0)
"""After which the chain is asked again. It renews keys that end by itself, some minutes early."""
GOOD = Seconds(300.0)
"""How long keys are used when the chain gives no newer ones: less than it renews them early."""
TIMESTAMP = "%Y%m%dT%H%M%SZ"

SIGNED = re.compile(r"host|content-type|x-amz-.*")
"""Headers that are signed: those that must be. What a proxy may touch is not among them."""


class Keys(msgspec.Struct, frozen=True):
    """What requests are signed with."""

    access_key: str
    secret_key: Secret
    token: Secret | None = None
    """Of a session, where the keys are not for ever."""


class SigV4Credential(Credential):
    """Signs the requests to one provider."""

    def __init__(self, provider: Provider, clock: Clock) -> None:
        """Fetch nothing yet.

        Raises:
            ValueError: botocore is not installed.
        """
        if not INSTALLED:
            message = "its requests are signed with botocore; install switchgear[bedrock]"
            raise ValueError(f"provider {provider.id}: {message}")
        aws = provider.aws
        self._region = aws.region
        self._clock = clock
        self._chain = None if aws.secret_access_key else _Chain(_Source(provider).fetch, clock)
        self._keys = (
            Keys(aws.access_key_id, aws.secret_access_key, aws.session_token)
            if aws.secret_access_key
            else None
        )

    @override
    async def prove(self, request: Unsigned) -> Sequence[tuple[str, str]]:
        keys = self._keys if self._chain is None else await self._chain.keys()
        if keys is None:
            raise UpstreamDenied
        date = self._clock.date()
        if len(request.body) > LARGE:
            return await asyncio.to_thread(sign, request, keys, self._region, date)
        return sign(request, keys, self._region, date)

    @override
    def close(self) -> None:
        """Do nothing: the chain holds nothing open."""


class _Signer(SigV4Auth):  # type: ignore[misc]  # botocore has no types
    """Signs at a given time; botocore's own looks at the clock, and logs what it signs."""

    def sign(self, request: "AWSRequest", timestamp: str) -> None:
        request.context["timestamp"] = timestamp
        self._modify_request_before_signing(request)
        text = self.string_to_sign(request, self.canonical_request(request))
        self._inject_signature_to_request(request, self.signature(text, request))


def sign(request: Unsigned, keys: Keys, region: str, date: UnixMs) -> list[tuple[str, str]]:
    """Return the headers that prove who calls; they hold for this request alone."""
    given = {name: value for name, value in request.headers if SIGNED.fullmatch(name)}
    scheme = "https" if request.tls else "http"
    asked = AWSRequest(
        method="POST",
        url=f"{scheme}://{request.authority}{request.path}",
        headers=given,
        data=request.body,
    )
    token = keys.token.reveal() if keys.token else None
    own = Credentials(keys.access_key, keys.secret_key.reveal(), token)
    timestamp = datetime.fromtimestamp(date / 1000, UTC).strftime(TIMESTAMP)
    _Signer(own, NAME, region).sign(asked, timestamp)
    headers = {name.lower(): str(value) for name, value in asked.headers.items()}
    return [(name, value) for name, value in headers.items() if name not in given]


class _Chain:
    """Keys as botocore's chain finds them."""

    def __init__(self, fetch: Callable[[], Keys], clock: Clock) -> None:
        self._clock = clock
        self._keys = Renewal(fetch, clock, "AWS gave no credentials in time.")

    async def keys(self) -> Keys:
        """Return keys that are good.

        Raises:
            UpstreamError: there are none.
        """
        held, age = self._keys.held, self._clock.now() - self._keys.fetched
        if held is None or age >= FRESH:
            self._keys.begin()
        return held if held is not None and age < GOOD else await self._keys.next()


class _Source:
    """Where one provider's keys come from; used in a thread."""

    def __init__(self, provider: Provider) -> None:
        self._name = provider.id
        self._profile = provider.aws.profile
        self._found: Credentials | None = None

    def fetch(self) -> Keys:
        """Return the keys that the chain has now.

        Raises:
            UpstreamDenied: there are none, or they cannot be read or renewed.
            UpstreamUnreachable: who gives them out could not be reached.
        """
        try:
            found = self._found or Session(profile=self._profile or None).get_credentials()
            if found is None:
                raise self._denied("no AWS credentials were found")
            self._found = found
            frozen = found.get_frozen_credentials()
        except HTTPClientError:
            message = f"No credentials for {self._name}: AWS is out of reach."
            raise UpstreamUnreachable(message) from None
        except (BotoCoreError, ClientError, OSError, ValueError, KeyError, TypeError):
            raise self._denied("its AWS credentials cannot be read, or were refused") from None
        token = Secret(frozen.token) if frozen.token else None
        return Keys(frozen.access_key, Secret(frozen.secret_key), token)

    def _denied(self, why: str) -> UpstreamDenied:
        return UpstreamDenied(f"No credentials for {self._name}: {why}.")


def aws_credential(provider: Provider, clock: Clock) -> SigV4Credential | None:
    """Return what signs for a provider; None where it has an API key, which goes as it is.

    Raises:
        ValueError: botocore is not installed.
    """
    return None if provider.api_key is not None else SigV4Credential(provider, clock)
