"""A policy as bytes, so that the ledger can keep it and replay can read it again."""

import hashlib

import msgspec

from switchgear.engine.policy import Policy

_DECODER = msgspec.json.Decoder(Policy)


def encode_policy(policy: Policy) -> bytes:
    """Return the policy as JSON; equal policies give equal bytes."""
    return msgspec.json.encode(_plain(policy), order="deterministic")


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


def _plain(value: object) -> object:
    # msgspec sorts a set only when its members compare, and those of an Enum do not.
    if isinstance(value, msgspec.Struct):
        return {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, frozenset):
        return sorted(msgspec.to_builtins(value))
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return value
