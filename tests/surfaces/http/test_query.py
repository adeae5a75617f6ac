import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.errors import MalformedRequest
from switchgear.surfaces.http.query import asked, number
from switchgear.surfaces.http.request import Request


def request(query: bytes) -> Request:
    scope = {"method": "GET", "path": "/", "headers": [], "query_string": query}

    async def nothing(*_: object) -> dict[str, object]:
        await asyncio.sleep(0)
        return {}

    return Request(scope, nothing, nothing)  # type: ignore[arg-type]  # never called


def test_fields_are_read_and_of_two_the_last_counts() -> None:
    assert asked(request(b"a=1&b=%C3%A9&a=2&c=")) == {"a": "2", "b": "é", "c": ""}
    assert asked(request(b"")) == {}


@given(st.binary(max_size=200))
def test_no_query_does_more_than_be_refused(query: bytes) -> None:
    try:
        asked(request(query))
    except MalformedRequest:
        return


def test_too_many_fields_are_refused() -> None:
    with pytest.raises(MalformedRequest):
        asked(request(b"&".join([b"a=1"] * 100)))


@pytest.mark.parametrize("said", ["0", "11", "-1", "x", "", "1" * 40, "²", "1.5"])
def test_a_number_out_of_bounds_is_refused_by_name(said: str) -> None:
    with pytest.raises(MalformedRequest, match="limit is a number from 1 to 10"):
        number({"limit": said}, "limit", (1, 10), 5)


def test_a_number_that_is_not_said_is_the_usual_one() -> None:
    assert number({}, "limit", (1, 10), 5) == 5
    assert number({"limit": "10"}, "limit", (1, 10), 5) == 10
