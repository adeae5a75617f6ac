"""Which endpoint a path leads to."""

from types import SimpleNamespace
from typing import Any

import pytest

from switchgear.domain.errors import UnknownPath, WrongMethod
from switchgear.surfaces.http.request import Request
from switchgear.surfaces.http.route import Route, Routes


async def nothing(request: Request) -> None:
    del request


WHOLE, PART, REST = (
    Route("GET", path, nothing) for path in ("/v1/things", "/v1/things/*/part", "/v1/things/")
)
ROUTES = Routes((WHOLE, PART, REST))


def asked(path: str, method: str = "GET") -> Any:
    return SimpleNamespace(path=path, method=method, rest="", allowed=b"", dialect=None)


@pytest.mark.parametrize(
    ("path", "route", "rest"),
    [
        ("/v1/things", WHOLE, ""),
        ("/v1/things/a", REST, "a"),
        ("/v1/things/a/part", PART, "a"),
        ("/v1/things/a b%2F/part", PART, "a b%2F"),
        ("/v1/things/a/b/part", REST, "a/b/part"),
        ("/v1/things//part", REST, "/part"),
        ("/v1/things/part", REST, "part"),
    ],
)
def test_a_star_takes_what_stands_there_and_no_more(path: str, route: Route, rest: str) -> None:
    request = asked(path)
    assert ROUTES.find(request) is route
    assert request.rest == rest


def test_a_path_with_a_star_knows_its_methods_too() -> None:
    request = asked("/v1/things/a/part", "POST")
    with pytest.raises(WrongMethod):
        ROUTES.find(request)
    assert request.allowed == b"GET, HEAD"
    with pytest.raises(UnknownPath):
        ROUTES.find(asked("/v1/other/a/part"))
