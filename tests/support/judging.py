"""Functions as owners write them: what do they think of an answer?"""

import threading
from typing import Any

SEEN: list[tuple[str, dict[str, Any]]] = []
LET_GO = threading.Event()


def by_length(text: str, asked: dict[str, Any]) -> float:
    """Ten characters are as good as it gets."""
    assert "question" in asked
    return len(text) / 10


def remembering(text: str, asked: dict[str, Any]) -> bool:
    SEEN.append((text, asked))
    return True


def failing(text: str, asked: dict[str, Any]) -> bool:
    raise RuntimeError(text, asked)


def leaving(text: str, asked: dict[str, Any]) -> bool:
    raise SystemExit(text, asked)


def stuck(text: str, asked: dict[str, Any]) -> bool:
    return LET_GO.wait(5) and bool(text or asked)


def wordy(text: str, asked: dict[str, Any]) -> str:
    return text + str(asked)


def endless(text: str, asked: dict[str, Any]) -> float:
    return float("nan") if text or asked else 0.0


def silent(text: str, asked: dict[str, Any]) -> None:
    """Has no opinion."""


def far(text: str, asked: dict[str, Any]) -> float:
    return 7.0 + len(text) + len(asked)


async def awaited(text: str, asked: dict[str, Any]) -> bool:
    return bool(text or asked)


NUMBER = 7
