"""Vectors in both forms."""

import struct
from base64 import b64encode

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.errors import UpstreamGarbled
from switchgear.wire.embedding.vector import converted, length, unpacked, written

vectors = st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), max_size=16)


@given(vectors)
def test_a_vector_is_the_same_in_either_form(numbers: list[float]) -> None:
    plain = msgspec.json.encode(numbers)
    packed = converted(plain, pack=True)
    assert packed == b'"' + b64encode(struct.pack(f"<{len(numbers)}f", *numbers)) + b'"'
    assert msgspec.json.decode(converted(packed, pack=False)) == numbers
    assert length(plain) == length(packed) == len(numbers)


@given(vectors, st.booleans())
def test_what_has_the_form_already_stays_to_the_byte(numbers: list[float], pack: bool) -> None:  # noqa: FBT001  (drawn)
    raw = written(numbers, pack=pack)
    assert converted(raw, pack=pack) is raw


@pytest.mark.parametrize(
    "raw",
    [b'"!"', b'"AAA="', b'{"a":1}', b"[1,null]", b"null", b'"' + b64encode(b"\0\0\xc0\x7f") + b'"'],
)
def test_what_is_no_vector_is_the_targets_fault(raw: bytes) -> None:
    with pytest.raises(UpstreamGarbled):
        unpacked(raw)


def test_a_number_too_large_for_the_packed_form_is_the_targets_fault() -> None:
    with pytest.raises(UpstreamGarbled):
        converted(b"[1e300]", pack=True)
