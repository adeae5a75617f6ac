"""Providers of Vertex AI, and what proves who calls them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from switchgear.config.error import ConfigError
from switchgear.config.read import read_setup
from switchgear.config.setup import Google
from switchgear.config.verify import google
from switchgear.domain.units import UnixMs

AT = UnixMs(1_795_000_000_000)
KEY = {
    "type": "service_account",
    "client_email": "a@p.iam.gserviceaccount.com",
    "private_key": "-----BEGIN PRIVATE KEY-----",
    "token_uri": "https://oauth2.googleapis.com/token",
}


def file(**provider: object) -> bytes:
    address = "https://europe-west4-aiplatform.googleapis.com/v1/projects/p/locations/europe-west4"
    small = {"provider": "v", "model": "gemini-2.5-flash-lite", "tier": "small"}
    found = {
        "providers": {"v": {"vendor": "vertex", "base_url": address, **provider}},
        "targets": {"small": small, "large": {**small, "tier": "frontier"}},
        "aliases": {"auto": {"targets": ["small", "large"]}},
    }
    return json.dumps(found).encode()


def codes(content: bytes) -> Iterator[str]:
    try:
        read_setup(content, {}, AT)
    except ConfigError as error:
        yield from (each.code for each in error.errors)


def test_a_key_file_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    path.write_text(json.dumps(KEY), encoding="utf-8")
    content = file(google={"service_account": str(path), "scopes": ["x"]})
    assert read_setup(content, {}, AT).setup.providers["v"].google == Google(
        service_account=str(path), scopes=("x",)
    )


@pytest.mark.parametrize(
    "held", ["", "[]", json.dumps({**KEY, "type": "user"}), json.dumps({"type": "service_account"})]
)
def test_a_file_that_holds_no_key_is_refused_before_it_is_needed(tmp_path: Path, held: str) -> None:
    path = tmp_path / "key.json"
    path.write_text(held, encoding="utf-8")
    assert list(codes(file(google={"service_account": str(path)}))) == ["bad_key_file"]


def test_nothing_needs_to_be_said_for_google_s_defaults() -> None:
    assert read_setup(file(), {}, AT).setup.providers["v"].google == Google()


def test_a_missing_library_is_told_where_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(google, "LIBRARY", "google.nowhere.auth")
    assert list(codes(file())) == ["missing_extra"]
    assert list(codes(file(api_key="ya29.token"))) == []
