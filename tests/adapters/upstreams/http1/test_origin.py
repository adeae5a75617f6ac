import pytest

from switchgear.adapters.upstreams.http1.origin import Location, locate


@pytest.mark.parametrize(
    ("base_url", "host", "port", "authority", "path"),
    [
        ("https://api.example.com/v1", "api.example.com", 443, "api.example.com", "/v1"),
        ("https://api.example.com:443/v1/", "api.example.com", 443, "api.example.com", "/v1"),
        ("http://LOCALHOST:8080", "localhost", 8080, "localhost:8080", ""),
        ("http://[::1]:80/a", "::1", 80, "[::1]", "/a"),
        ("https://bücher.example:1", "xn--bcher-kva.example", 1, "xn--bcher-kva.example:1", ""),
    ],
)
def test_a_base_url_comes_apart(
    base_url: str, host: str, port: int, authority: str, path: str
) -> None:
    found: Location = locate("sim", base_url)
    assert (found.origin.host, found.origin.port) == (host, port)
    assert (found.authority, found.path) == (authority, path)
    assert found.origin.tls is base_url.startswith("https")
