"""Text that Postgres has no room for: it takes every character but one."""

from collections.abc import Sequence

NUL, MARK = "\0", "\x1a"
"""What it does not take, and what stands before a figure in its place."""
AS_KEPT = str.maketrans({NUL: MARK + "0", MARK: MARK + "1"})


def kept(text: str) -> str:
    """Return a text as it is kept."""
    return text.translate(AS_KEPT) if NUL in text or MARK in text else text


def told(text: str) -> str:
    """Return the text again."""
    return text.replace(MARK + "0", NUL).replace(MARK + "1", MARK) if MARK in text else text


def kept_all(texts: Sequence[str | None]) -> Sequence[str | None]:
    """Return a column of texts as it is kept: mostly as it is."""
    whole = "".join([each for each in texts if each])
    if NUL not in whole and MARK not in whole:
        return texts
    return [None if each is None else kept(each) for each in texts]
