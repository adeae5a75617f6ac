"""The credential of Vertex AI: an access token of Google's, fetched anew before it runs out.

Google's own library reads key files, signs, and asks. It blocks, so it works in a thread; one at a
time, however many calls wait. As long as a token is good, nobody waits for the next.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from typing import Any

import msgspec
from typing_extensions import override

from switchgear.adapters.upstreams.credential import Credential, Unsigned
from switchgear.adapters.upstreams.renewal import Renewal
from switchgear.config.setup import Provider
from switchgear.domain.errors import UpstreamDenied, UpstreamError, UpstreamUnreachable
from switchgear.domain.units import UnixMs
from switchgear.ports.clock import Clock

try:
    import google.auth
    import google.auth.credentials
    import google.auth.exceptions
    import google.auth.transport.requests
    import google.oauth2.service_account
except ImportError:  # the extra [vertex] is not installed
    INSTALLED = False
else:
    INSTALLED = True

EARLY = 300_000
"""Milliseconds before its end that a token is replaced; Google's last an hour."""
SPENT = 10_000
"""Milliseconds before its end that a token is of no use: a request takes time to get there."""
EACH_TIME = 5.0
"""Seconds for one request to whoever gives out tokens; the library may send three."""
FOREVER = UnixMs(1 << 62)
"""When a token ends that does not say when."""

_WORD = re.compile(r"[a-z_]{1,40}")
"""What OAuth's error codes look like (RFC 6749, 5.2)."""


class Token(msgspec.Struct, frozen=True, gc=False):
    """An access token."""

    text: str
    until: UnixMs
    """By the wall clock."""
    project: str = ""
    """That is billed, where the credentials name one."""


class GoogleCredential(Credential):
    """The access token of one provider."""

    def __init__(self, provider: Provider, clock: Clock) -> None:
        """Fetch nothing yet.

        Raises:
            ValueError: Google's library is not installed.
        """
        if not INSTALLED:
            message = "its access token needs google-auth; install switchgear[vertex]"
            raise ValueError(f"provider {provider.id}: {message}")
        self._clock = clock
        self._source = _Source(provider)
        late = "Google gave no access token in time."
        self._tokens = Renewal(self._source.fetch, clock, late)

    @override
    async def prove(self, request: Unsigned) -> Sequence[tuple[str, str]]:
        del request
        token = await self._good()
        proof = [("authorization", f"Bearer {token.text}")]
        return [*proof, ("x-goog-user-project", token.project)] if token.project else proof

    @override
    def close(self) -> None:
        self._source.close()

    async def _good(self) -> Token:
        token = self._tokens.held
        left = token.until - self._clock.date() if token else 0
        if left < EARLY:
            self._tokens.begin()
        return token if token is not None and left > SPENT else await self._tokens.next()


class _Source:
    """Where one provider's tokens come from; used in a thread."""

    def __init__(self, provider: Provider) -> None:
        self._name = provider.id
        self._google = provider.google
        self._held: google.auth.credentials.Credentials | None = None
        self._transport: google.auth.transport.requests.Request | None = None

    def fetch(self) -> Token:
        """Return a new token.

        Raises:
            UpstreamDenied: the credentials are missing, broken or refused.
            UpstreamUnreachable: who gives tokens out could not be reached, or is not well.
        """
        try:
            held = self._held = self._held or self._load()
            self._transport = self._transport or google.auth.transport.requests.Request()
            refresh: Callable[[Any], None] = held.refresh
            refresh(self._ask)
        except google.auth.exceptions.GoogleAuthError as error:
            raise self._judged(error) from None
        except (OSError, ValueError, TypeError, KeyError):
            raise self._denied("its credentials cannot be read") from None
        return _read(held)

    def close(self) -> None:
        """Close the connections, if any were made."""
        transport = self._transport
        if transport is not None:
            transport.session.close()

    def _load(self) -> google.auth.credentials.Credentials:
        scopes = list(self._google.scopes)
        if not self._google.service_account:
            found, _ = google.auth.default(scopes=scopes)
            return found
        make: Any = google.oauth2.service_account.Credentials.from_service_account_file
        made: google.auth.credentials.Credentials = make(
            self._google.service_account, scopes=scopes
        )
        return made

    def _ask(self, *positional: Any, **said: Any) -> Any:  # noqa: ANN401 - the library's own call
        """Send one request of the library's, and wait for it no longer than EACH_TIME."""
        asked: Any = self._transport
        return asked(*positional, **{**said, "timeout": EACH_TIME})

    def _judged(self, error: "google.auth.exceptions.GoogleAuthError") -> UpstreamError:
        if isinstance(error, google.auth.exceptions.TransportError) or error.retryable:
            return UpstreamUnreachable(f"No access token for {self._name}: Google is out of reach.")
        if isinstance(error, google.auth.exceptions.DefaultCredentialsError):
            return self._denied("there are no application default credentials")
        told = error.args[1] if len(error.args) > 1 else None
        word = told.get("error") if isinstance(told, Mapping) else None
        known = isinstance(word, str) and _WORD.fullmatch(word)
        return self._denied(f"Google refused its credentials ({word})" if known else REFUSED)

    def _denied(self, why: str) -> UpstreamDenied:
        return UpstreamDenied(f"No access token for {self._name}: {why}.")


REFUSED = "Google refused its credentials"


def _read(held: "google.auth.credentials.Credentials") -> Token:
    expiry = held.expiry  # UTC, and does not say so
    until = FOREVER if expiry is None else UnixMs(int(expiry.replace(tzinfo=UTC).timestamp() * 1e3))
    project = getattr(held, "quota_project_id", None)
    return Token(str(held.token), until, project if isinstance(project, str) else "")


def google_credential(provider: Provider, clock: Clock) -> GoogleCredential | None:
    """Return what proves who calls a provider; None where it has a ready token as its key.

    Raises:
        ValueError: Google's library is not installed.
    """
    return None if provider.api_key is not None else GoogleCredential(provider, clock)
