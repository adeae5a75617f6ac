"""Strict JSON."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from switchgear.domain.errors import MalformedBody
from switchgear.wire.strict import MAX_DEPTH, MAX_VALUES, decode, members

scalars = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text() | st.floats()
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10
)
soup = st.lists(
    st.sampled_from([*b'{}[]",:\\u0d8c1e-. \n', *b"tfn"]).map(lambda byte: bytes([byte]))
    | st.sampled_from(
        [b'{"a":', b'"a":1,', b"\\ud83d", b"\\ude00", b'\\"', b"\\\\", b"NaN", b"\xff", b"\x00"]
    ),
    max_size=40,
).map(b"".join)


def oracle(raw: bytes) -> dict[str, Any] | None:
    """Return what Python's own parser makes of it, or None where a strict one must refuse."""

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(found)) != len(found):
            raise ValueError
        return dict(found)

    def refuse(_: str) -> None:
        raise ValueError

    try:
        text = raw.decode()
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=refuse)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return None
    nul = "\\u0000" in json.dumps(value).replace("\\\\", "") or "\x00" in text
    return value if type(value) is dict and not nul else None


def attempt(raw: bytes) -> dict[str, Any] | None:
    try:
        return decode(raw)
    except MalformedBody:
        return None


@given(soup.map(lambda inner: b'{"k":' + inner + b"}") | soup | st.binary())
@example(b'{"a":"\\\\","a":1}')
@example(b'{"a\\u0061":1,"aa":2}')
@example(b'{"a":{"b":1,"b":2}}')
@example(b'{"a":"\\\\u0000"}')
@example(b'{"a":"\\u0000"}')
@example(b'{"a":"\\u003a","a":1}')
@example(b'{"a":"\\u003A", "a":1}')
@example(b'{"a":"\\u00e9", "b":":"}')
@example(b'{"a": 1, "a": 1}')
def test_it_takes_exactly_what_a_strict_reading_of_another_parser_takes(raw: bytes) -> None:
    assert attempt(raw) == oracle(raw)


@given(st.dictionaries(st.text(), json_values), st.booleans())
def test_whatever_is_strict_json_is_read_as_it_is(value: dict[str, Any], plain: bool) -> None:  # noqa: FBT001 - hypothesis draws it
    raw = json.dumps(value, ensure_ascii=plain).encode(errors="surrogatepass")
    assert attempt(raw) == oracle(raw)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "ends too early (byte 0)"),
        (b"[1]", "expected a JSON object"),
        (b'\xef\xbb\xbf{"a":1}', "byte order mark"),
        (b'{"a":"\xff"}', "not UTF-8 (byte 6)"),
        (b'{"a":"\\ud800"}', "half a surrogate pair (byte 6)"),
        (b'{"a":"\\"\\ude00"}', "half a surrogate pair (byte 8)"),
        (b'{"a":NaN}', "byte 5"),
        (b'{"a":-Infinity}', "byte 6"),
        (b'{"a":1e999}', "out of range"),
        (b'{"a":' + b"9" * 5000 + b"}", "out of range"),
        (b'{"a":"\\u0000"}', "NUL is not allowed, nor is it as an escape (byte 6)"),
        (b'{"a":"\x00"}', "NUL is not allowed (byte 6)"),
        (b'{"a":1,"b":{"c":[{"d":1,"d":2}]}}', 'the key "d" twice'),
        (b'{"a":1} x', "trailing characters"),
    ],
)
def test_it_says_what_is_wrong_and_where(raw: bytes, reason: str) -> None:
    with pytest.raises(MalformedBody) as caught:
        decode(raw)
    assert reason in caught.value.message


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 1000, 1_000_000])
@pytest.mark.parametrize(
    ("opens", "closes"), [(b"[", b"]"), (b'{"a":', b"}"), (b"[", b""), (b"[", b"]]")]
)
def test_deep_nesting_is_refused_before_it_is_followed(
    depth: int, opens: bytes, closes: bytes
) -> None:
    with pytest.raises(MalformedBody, match=r"nested deeper|more than"):
        decode(opens * depth + b"1" + closes * depth)


def test_the_deepest_nesting_allowed_is_read() -> None:
    levels = MAX_DEPTH - 1
    for inner in (b"[" * levels + b"]" * levels, b'{"a":' * levels + b"1" + b"}" * levels):
        assert decode(b'{"a":' + inner + b"}")


def test_many_shallow_objects_are_not_deep() -> None:
    assert len(decode(b'{"a":[' + b",".join([b'{"b":[{}]}'] * 500) + b"]}")["a"]) == 500


def test_brackets_and_colons_in_strings_count_for_nothing() -> None:
    assert decode(b'{"a":"' + b"[{:,\\\\" * 300_000 + b'"}')


def test_more_values_than_the_bound_are_refused() -> None:
    with pytest.raises(MalformedBody, match="values"):
        decode(b'{"a":[' + b"0," * MAX_VALUES + b"0]}")


def test_a_body_of_nothing_but_quotes_is_refused_without_being_taken_apart() -> None:
    with pytest.raises(MalformedBody, match="values"):
        decode(b'"' * (5 * MAX_VALUES))


def test_a_duplicate_in_a_long_body_is_refused_without_its_name() -> None:
    with pytest.raises(MalformedBody, match="same key twice"):
        decode(b'{"a":1,"a":"' + b"x" * (1 << 20) + b'"}')


def test_members_keep_the_bytes_of_their_values() -> None:
    found = members(b' {"b" : [1,  2.0] ,"a":"\\u00e9"}')
    assert [(key, bytes(value)) for key, value in found.items()] == [
        ("b", b"[1,  2.0]"),
        ("a", b'"\\u00e9"'),
    ]


@given(st.binary() | soup)
def test_members_refuse_only_with_malformed_body(raw: bytes) -> None:
    try:
        assert all(type(value) is msgspec.Raw for value in members(raw).values())
    except MalformedBody as error:
        assert error.message  # noqa: PT017 - either outcome is right
