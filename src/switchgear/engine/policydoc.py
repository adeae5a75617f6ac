"""A policy as bytes, so that the ledger can keep it and replay can read it again."""

import hashlib

import msgspec

from switchgear.engine.policy import Policy

_DECODER = msgspec.json.Decoder(Policy)


def encode_policy(policy: Policy) -> bytes:
    """Return the policy as JSON; equal policies give equal bytes."""
    # Sets of enums have no order of their own: as plain sets of texts they can be sorted.
    plain = msgspec.to_builtins(policy, builtin_types=(frozenset,))
    return msgspec.json.encode(plain, order="deterministic")


def decode_policy(document: bytes) -> Policy:
    """Return the policy that was encoded.

    Raises:
        msgspec.ValidationError: the bytes are no policy of this release.
    """
    return _DECODER.decode(document)


def versioned(policy: Policy) -> Policy:
    """Return the policy with its version: 12 hexadecimal digits of the digest of all else."""
    bare = encode_policy(msgspec.structs.replace(policy, version=""))
    digest = hashlib.blake2b(bare, digest_size=6).hexdigest()
    return msgspec.structs.replace(policy, version=digest)
