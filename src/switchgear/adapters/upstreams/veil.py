"""Hides what only a provider may know in what it says of an error, whatever form it says it in.

Some providers repeat a request, or a part of it, to say what was wrong with it. Their words go to
callers, to the ledger and to the log.
"""

import base64
import json
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

from switchgear.config.setup import Provider
from switchgear.domain.errors import UpstreamError

LEAST = 8
"""Letters of a secret: shorter ones would hide half of what is said, and guard nothing."""
LEAST_PART = 6
"""Letters of a secret, at a cut end of what was said, that are not shown either."""
HIDDEN = "***"
CUT = "…"
"""Where words of a provider were too many."""
OPEN = frozenset({"api-version"})
"""Parameters of an address that are none."""


class Veil:
    """All that one provider is told in confidence, in every form in which it may come back."""

    __slots__ = ("_forms", "_texts")

    def __init__(self, provider: Provider) -> None:
        """Take its credentials, its headers' values, and what stands in its address."""
        found = {each for secret in _secrets(provider) for each in forms(secret)}
        self._texts = sorted(found, key=len, reverse=True)
        self._forms = [each.encode() for each in self._texts]

    def hide(self, raw: bytes) -> bytes:
        """Return what a provider sent, with stars for each secret."""
        for form in self._forms:
            if form in raw:
                raw = raw.replace(form, HIDDEN.encode())
        return raw

    def cover(self, error: UpstreamError) -> None:
        """Put stars for each secret in the words of an error, and for one that was cut off."""
        said = str(error)
        words = self.hide(said.encode(errors="replace")).decode()
        words = self._shortened(words)
        if words != said:
            error.args = (words,)

    def _shortened(self, words: str) -> str:
        """Return words without the beginning of a secret at their cut end."""
        if not words.endswith(CUT):
            return words
        bare = words.removesuffix(CUT)
        for text in self._texts:
            for length in range(min(len(text), len(bare)), LEAST_PART - 1, -1):
                if bare.endswith(text[:length]):
                    return bare[:-length] + HIDDEN
        return words


def forms(secret: str) -> set[str]:
    """Return a secret as it is, and as JSON, addresses and base64 write it, wherever it stands."""
    raw = secret.encode()
    aligned = {
        base64.b64encode(b" " * shift + raw)[shift and shift + 1 : len(raw) * 4 // 3 - 2]
        for shift in range(3)
    }
    escaped = json.dumps(secret)[1:-1]
    found = {
        secret,
        escaped,
        escaped.replace("/", "\\/"),
        json.dumps(secret, ensure_ascii=False)[1:-1],
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        quote(secret, safe="").lower(),
        *[each.decode() for each in aligned],
        *[each.decode().replace("+", "-").replace("/", "_") for each in aligned],
    }
    return {each for each in found if len(each) >= LEAST_PART}


def _secrets(provider: Provider) -> set[str]:
    held = (provider.api_key, provider.aws.secret_access_key, provider.aws.session_token)
    values = [each.reveal() for each in (*held, *[value for _, value in provider.headers]) if each]
    words = [word for value in values for word in value.split()]
    at = urlsplit(provider.base_url)
    values += [value for name, value in parse_qsl(at.query) if name not in OPEN]
    values += [each for each in (at.username, at.password) if each]
    return {each for each in (*values, *words) if len(each) >= LEAST}
