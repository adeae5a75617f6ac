"""What an owner's own functions may do, for tests of tool targets."""

import threading

HELD = threading.Event()


def add(a: float, b: float, scale: float = 1.0) -> float:
    return (a + b) * scale


def fail(**_: object) -> str:
    raise KeyError("a secret of the owner")


def hang(**_: object) -> str:
    HELD.wait(10)
    return "late"


def flood(**_: object) -> str:
    return "x" * 1_000_001


async def wait() -> str:
    return "no"
