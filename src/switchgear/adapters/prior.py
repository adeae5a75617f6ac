"""The prior that ships with the program: read once, when the first refit asks for it."""

import logging
from pathlib import Path

from switchgear.engine.success.prior import decode_prior

FILE = Path(__file__).with_suffix(".json")
MOST_BYTES = 1_000_000

log = logging.getLogger("switchgear")


class ShippedPrior:
    """A file of this program; without it all works, and begins from nothing."""

    def __init__(self, file: Path = FILE) -> None:
        """Take where it is; nothing is read yet."""
        self._file = file
        self._body: bytes | None = None

    def __call__(self) -> bytes:
        """Return the prior as it is written; empty where there is none that can be used."""
        if self._body is None:
            self._body = self._read()
        return self._body

    def _read(self) -> bytes:
        """Read it, and say so where it cannot be used."""
        try:
            with self._file.open("rb") as file:
                body = file.read(MOST_BYTES)  # a longer one is cut short, and cannot be decoded
            decode_prior(body)
        except (OSError, ValueError) as error:
            log.warning("learning: the shipped prior cannot be used, begun without it: %s", error)
            return b""
        return body
