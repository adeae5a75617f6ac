"""Digests: what stands for content that is not kept."""

from hashlib import blake2b, sha1

BYTES = 8
SMALL = 512
"""Bytes up to which BLAKE2 is the faster of the two; nobody gains by a clash in either."""


def digest(content: bytes) -> bytes:
    """Return what content is known again by."""
    if len(content) <= SMALL:
        return blake2b(content, digest_size=BYTES).digest()
    return sha1(content, usedforsecurity=False).digest()[:BYTES]


def bytes_of(text: str) -> bytes:
    """Return a text as bytes, whatever characters it has."""
    return text.encode("utf-8", "surrogatepass")
