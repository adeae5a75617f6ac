"""Where the ledger is."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from switchgear.config.error import ConfigError
from switchgear.config.read import read_setup
from switchgear.config.verify import ledger
from switchgear.domain.secret import Secret
from switchgear.domain.units import UnixMs

AT = UnixMs(1_795_000_000_000)


def file(**said: Any) -> bytes:
    small = {"provider": "o", "model": "gpt-4.1-nano", "tier": "small"}
    found = {
        "providers": {"o": {"vendor": "openai"}},
        "targets": {"small": small, "large": {**small, "tier": "frontier"}},
        "aliases": {"auto": {"targets": ["small", "large"]}},
        "ledger": said,
    }
    return json.dumps(found).encode()


def findings(content: bytes) -> Iterator[tuple[str, str]]:
    try:
        read_setup(content, {}, AT)
    except ConfigError as error:
        yield from ((each.code, each.message) for each in error.errors)


def codes(**said: Any) -> list[str]:
    return [code for code, _ in findings(file(**said))]


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://db.internal/switchgear",
        "postgres://gateway:secret@db.internal:5432/switchgear?sslmode=verify-full",
        "postgresql://gateway@/switchgear?host=/run/postgresql",
    ],
)
def test_an_address_is_kept_as_a_secret(url: str) -> None:
    setup = read_setup(file(url=url), {}, AT).setup
    assert setup.ledger.url == Secret(url)
    assert "secret" not in repr(setup.ledger)


def test_the_address_comes_from_the_environment() -> None:
    known = {"DATABASE_URL": "postgresql://u:p@db/x"}
    setup = read_setup(file(url="${DATABASE_URL}"), known, AT).setup
    assert setup.ledger.url == Secret("postgresql://u:p@db/x")


def test_without_an_address_there_is_a_file() -> None:
    book = read_setup(file(path="calls.db"), {}, AT).setup.ledger
    assert (book.url, book.path) == (None, "calls.db")


@pytest.mark.parametrize(
    "url",
    ["db", "db:5432/x", "mysql://db/x", "postgresql:///x", "postgresql://db:p/x"],
)
def test_an_address_that_is_none_is_found_and_not_repeated(url: str) -> None:
    [(code, message)] = findings(file(url=url))
    assert code == "bad_url"
    assert url not in message


def test_only_one_place_can_be_named() -> None:
    assert codes(url="postgresql://db/x", path="calls.db") == ["misplaced_setting"]
    assert codes(path="postgresql://db/x") == ["bad_url"]


def test_a_library_that_is_missing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "LIBRARY", "no_such_library")
    assert codes(url="postgresql://db/x") == ["missing_extra"]
