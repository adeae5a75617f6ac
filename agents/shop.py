"""The task of the agents that are given their tools: to say what the stock of a part is worth."""

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
from agents.transcript import Lost, Ran
from agents.wish import Say, Tools, Use, Wish, named

NAME = "shop"
WANTED = ("stock", "price", "worth")
ITEM = 'M8 "Schrauben" ½″ \\ 7'
"""A name that is garbled by whoever unescapes once too often."""
TURNS = 3


def find(offered: Sequence[str]) -> Tools | None:
    """Return the tools' names, if all are offered."""
    return named(offered, WANTED)


def act(tools: Tools, done: Sequence[Ran]) -> tuple[int, list[Wish]]:
    """Return the number of the step, and what is done in it.

    Raises:
        Lost: results are missing, or not what the tools gave.
    """
    found = {word: _result(done, name) for word, name in tools.items()}
    if found["worth"] is not None:
        return 3, [Say(_answer(found["worth"]), last=True)]
    if not done:
        return 1, [
            Say("Let me look at the shelf. "),
            Use(tools["stock"], {"item": ITEM}),
            Use(tools["price"], {"item": ITEM}),
        ]
    if found["stock"] is None or found["price"] is None:
        raise Lost(f"of two tools there are results of {[run.name for run in done]}")
    count, price = _field(found["stock"], "count"), _field(found["price"], "credits")
    mark = _field(found["stock"], "mark")
    return 2, [Use(tools["worth"], {"count": count, "price": price, "mark": mark})]


def _answer(result: dict[str, Any]) -> str:
    return f"The stock is worth {_field(result, 'credits')} credits. {_field(result, 'seal')}"


def _result(done: Sequence[Ran], name: str) -> dict[str, Any] | None:
    texts = [run.text for run in done if run.name == name]
    if not texts:
        return None
    try:
        found = msgspec.json.decode(texts[-1])
    except msgspec.DecodeError:
        raise Lost(f"{name} came back as {texts[-1][:300]!r}") from None
    return found if isinstance(found, dict) else {}


def _field(result: dict[str, Any], name: str) -> Any:  # noqa: ANN401  (JSON)
    if name not in result:
        raise Lost(f"a result has no {name}: {result}")
    return result[name]


def expected(seed: str) -> str:
    """Return what the answer must hold; ``clients/goods.py`` has the tools that lead there."""
    digest = hashlib.sha256(seed.encode()).hexdigest()
    count, price = int(digest[:3], 16) + 1, int(digest[3:5], 16) + 1
    return f"worth {count * price} credits. {digest[5:17]} ✓"
