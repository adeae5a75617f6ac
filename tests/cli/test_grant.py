"""Options to the words of the admin plane."""

import msgspec
import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from switchgear.cli.grant import new_grant
from switchgear.domain.units import UnixMs

NOW = UnixMs(1_000_000)


def test_options_that_are_empty_say_nothing() -> None:
    said: dict[str, object] = {
        "id": "",
        "models": None,
        "targets": [],
        "debug": False,
        "until": None,
    }
    assert new_grant(dict(said), NOW) == new_grant({}, NOW)


def test_budgets_of_one_window_are_put_together() -> None:
    grant = new_grant({"budgets": ["day:usd=0.5", "day:calls=3,tokens=0"]}, NOW)
    assert msgspec.to_builtins(grant)["budgets"]["day"] == {"usd": 0.5, "calls": 3, "tokens": 0}


@pytest.mark.parametrize(
    ("text", "span"), [("2m", 120_000), ("1h", 3_600_000), ("3w", 1_814_400_000)]
)
def test_an_end_may_be_a_span_from_now(text: str, span: int) -> None:
    assert new_grant({"until": text}, NOW).until == NOW + span
    assert new_grant({"until": "2030-01-01"}, NOW).until == "2030-01-01"


@given(st.sampled_from(["budgets", "limits", "metadata"]), st.text(max_size=30))
def test_whatever_is_written_is_understood_or_refused(name: str, text: str) -> None:
    try:
        grant = new_grant({name: [text]}, NOW)
    except typer.BadParameter:
        return
    assert getattr(grant, name)
