"""Digests: what stands for content that is not kept."""

from hashlib import sha1

BYTES = 8


def digest(content: bytes) -> bytes:
    """Return what content is known again by: the fastest hash, as nobody gains by a clash."""
    return sha1(content, usedforsecurity=False).digest()[:BYTES]


def bytes_of(text: str) -> bytes:
    """Return a text as bytes, whatever characters it has."""
    return text.encode("utf-8", "surrogatepass")
