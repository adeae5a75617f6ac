import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.cast import SMALL
from support.upstream import PlainBody
from switchgear.adapters.upstreams.http1.origin import locate
from switchgear.adapters.upstreams.request import RequestHead
from switchgear.config.setup import Provider
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import MalformedRequest
from switchgear.domain.secret import Secret
from switchgear.ports.upstream import Endpoint, Order


def head(base_url: str = "https://a.example/v1", *own: tuple[str, str]) -> RequestHead:
    provider = Provider(
        id="sim",
        dialect=Dialect.ANTHROPIC_MESSAGES,
        base_url=base_url,
        api_key=Secret("k"),
        headers=tuple((name, Secret(value)) for name, value in own),
    )
    return RequestHead(provider, locate("sim", base_url), Endpoint.COUNT)


def an_order(*headers: tuple[str, str], dialect: Dialect = Dialect.ANTHROPIC_MESSAGES) -> Order:
    return Order(
        target=SMALL, body=PlainBody(dialect=dialect), endpoint=Endpoint.COUNT, headers=headers
    )


def test_the_endpoint_goes_between_path_and_query() -> None:
    lines = head("https://a.example:8443/v1?v=2").write(an_order(), 7).split(b"\r\n")
    assert lines[0] == b"POST /v1/messages/count_tokens?v=2 HTTP/1.1"
    assert lines[1] == b"host: a.example:8443"
    assert lines[-3:] == [b"content-length: 7", b"", b""]


def test_an_address_of_numbers_keeps_its_brackets() -> None:
    assert b"\r\nhost: [::1]:8080\r\n" in head("http://[::1]:8080").write(an_order(), 0)


def test_the_owner_wins_over_the_caller_and_the_caller_over_the_default() -> None:
    version = ("anthropic-version", "9")
    assert head().write(an_order(), 0).count(b"anthropic-version: 2023-06-01") == 1
    passed = head().write(an_order(*[version]), 0)
    assert b"anthropic-version: 9" in passed
    assert b"2023" not in passed
    owned = head("https://a/v1", ("anthropic-version", "8")).write(an_order(*[version]), 0)
    assert owned.count(b"anthropic-version") == owned.count(b"anthropic-version: 8") == 1


def test_credentials_and_framing_of_the_caller_never_pass() -> None:
    names = ("x-api-key", "authorization", "host", "content-length", "transfer-encoding")
    assert head().write(an_order(*[(name, "evil") for name in names]), 3) == head().write(
        an_order(), 3
    )


@given(value=st.text(max_size=20))
def test_no_header_value_can_begin_another_line(value: str) -> None:
    try:
        written = head().write(an_order(*[("x-a", value)]), 0)
    except MalformedRequest:
        return
    assert (
        written.count(b"\r\n")
        == written.count(b"\n")
        == head().write(an_order(), 0).count(b"\r\n") + 1
    )


def test_a_name_with_a_colon_is_refused() -> None:
    with pytest.raises(MalformedRequest):
        head().write(an_order(*[("x:y", "z")]), 0)


def test_headers_of_a_dialect_stay_with_targets_that_speak_it() -> None:
    order = an_order(("anthropic-beta", "x"), dialect=Dialect.OPENAI_CHAT)
    assert head().write(order, 3) == head().write(an_order(), 3)


def test_a_proof_goes_along_with_the_callers_headers() -> None:
    written = head().write(an_order(("anthropic-beta", "x")), 3, [("authorization", "signed")])
    assert b"\r\nanthropic-beta: x\r\nauthorization: signed\r\ncontent-length: 3" in written
