"""Where nodes share what may be lost."""

import json
from collections.abc import Iterator

import pytest

from switchgear.config.error import ConfigError
from switchgear.config.read import read_setup
from switchgear.config.verify import redis
from switchgear.domain.secret import Secret
from switchgear.domain.units import UnixMs

AT = UnixMs(1_795_000_000_000)


def file(url: str) -> bytes:
    small = {"provider": "o", "model": "gpt-4.1-nano", "tier": "small"}
    found = {
        "providers": {"o": {"vendor": "openai"}},
        "targets": {"small": small, "large": {**small, "tier": "frontier"}},
        "aliases": {"auto": {"targets": ["small", "large"]}},
        "redis": {"url": url},
    }
    return json.dumps(found).encode()


def codes(content: bytes) -> Iterator[str]:
    try:
        read_setup(content, {}, AT)
    except ConfigError as error:
        yield from (each.code for each in error.errors)


@pytest.mark.parametrize(
    "url",
    [
        "redis://cache",
        "redis://:secret@cache.internal:6379/1",
        "rediss://user:secret@cache.internal",
        "unix:///run/redis.sock?db=1",
    ],
)
def test_an_address_is_kept_as_a_secret(url: str) -> None:
    setup = read_setup(file(url), {}, AT).setup
    assert setup.redis == Secret(url)
    assert "secret" not in repr(setup.redis)


def test_without_an_address_there_is_none() -> None:
    assert read_setup(file(""), {}, AT).setup.redis is None


@pytest.mark.parametrize(
    "url",
    ["cache", "cache:6379", "http://cache", "redis://", "redis://cache:port", "unix://", "redis:x"],
)
def test_an_address_that_is_none_is_found(url: str) -> None:
    assert list(codes(file(url))) == ["bad_url"]


def test_a_library_that_is_missing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis, "LIBRARY", "no_such_library")
    assert list(codes(file("redis://cache"))) == ["missing_extra"]
