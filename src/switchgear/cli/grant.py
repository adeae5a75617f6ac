"""What the options of a command say of a key, to the words of the admin plane."""

import re
from collections.abc import Sequence

import msgspec
import typer

from switchgear.config.grant import NewGrant
from switchgear.domain.units import UnixMs

AHEAD = re.compile(r"(\d{1,6})([mhdw])")
SPANS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
"""Milliseconds."""


def new_grant(said: dict[str, object], now: UnixMs) -> NewGrant:
    """Return what options say; those that are empty, or None, say nothing.

    Raises:
        typer.BadParameter: it cannot be.
    """
    words = {name: value for name, value in said.items() if value not in (None, "", [], False)}
    for name, read in (("budgets", _budgets), ("limits", _figures), ("metadata", _pairs)):
        if name in words:
            words[name] = read(_texts(words[name]))
    if "until" in words:
        words["until"] = _until(str(words["until"]), now)
    try:
        return msgspec.convert(words, NewGrant)
    except msgspec.ValidationError as error:
        raise typer.BadParameter(str(error).replace("`", "")) from None


def _texts(value: object) -> Sequence[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _budgets(texts: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return budgets that are written as ``day:usd=5``, or ``day:usd=5,calls=100``."""
    found: dict[str, dict[str, float]] = {}
    for text in texts:
        window, colon, figures = text.partition(":")
        if not colon:
            raise typer.BadParameter(f"{text!r} is no budget; write one as day:usd=5.")
        found.setdefault(window, {}).update(_figures(figures.split(",")))
    return found


def _figures(texts: Sequence[str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, value in _pairs(texts).items():
        try:
            figure = float(value)
        except ValueError:
            raise typer.BadParameter(f"{name}={value} is no number.") from None
        found[name] = int(figure) if figure.is_integer() else figure
    return found


def _pairs(texts: Sequence[str]) -> dict[str, str]:
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (equals and name and value):
            raise typer.BadParameter(f"{text!r} is nothing; write NAME=VALUE.")
        found[name] = value
    return found


def _until(text: str, now: UnixMs) -> object:
    ahead = AHEAD.fullmatch(text)
    return text if ahead is None else now + int(ahead[1]) * SPANS[ahead[2]]
