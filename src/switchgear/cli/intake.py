"""Reads outcomes from a file, line by line: CSV, or JSON in lines. Memory is bounded."""

import csv
from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from switchgear.domain.errors import MalformedBody
from switchgear.engine.saying import Saying
from switchgear.wire.strict import decode

LONGEST = 65_536
"""Bytes of one line."""
COLUMNS = tuple(Saying.__struct_fields__)
UTF8_MARK = b"\xef\xbb\xbf"


class BadFile(ValueError):
    """A file of which nothing more can be read; the message says why."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line that says something."""

    number: int
    """Of the line in the file, from 1."""
    values: dict[str, Any] = {}
    wrong: str = ""
    """Why it cannot be read; empty when it can."""
    strict: bool = True
    """A number is written as one; in CSV all is text."""

    def check(self) -> None:
        """Check that it can be read.

        Raises:
            MalformedBody: it cannot.
        """
        if self.wrong:
            raise MalformedBody(self.wrong)


def read_lines(file: BinaryIO, *, csv_too: bool) -> Iterator[Line]:
    """Yield each line that is not empty.

    Raises:
        BadFile: its heading is not one, or a line of CSV has no end in sight.
    """
    return _of_csv(file) if csv_too else _of_json(file)


def _of_json(file: BinaryIO) -> Iterator[Line]:
    for number, raw in _bounded(file):
        if raw is None:
            yield Line(number=number, wrong=f"The line is longer than {LONGEST} bytes.")
        elif raw.strip():
            yield _decoded(number, raw)


def _decoded(number: int, raw: bytes) -> Line:
    try:
        return Line(number=number, values=decode(raw.strip()))
    except MalformedBody as error:
        return Line(number=number, wrong=error.message)


def _of_csv(file: BinaryIO) -> Iterator[Line]:
    rows = csv.reader(_texts(file), strict=True)
    heading = _heading(rows)
    while True:
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadFile(f"line {rows.line_num}: not CSV: {error}.") from None
        if any(cells):
            yield _row(rows.line_num, heading, cells)


def _heading(rows: Iterator[list[str]]) -> list[str]:
    try:
        names = [each.strip().lower() for each in next(rows, [])]
    except csv.Error as error:
        raise BadFile(f"line 1: not CSV: {error}.") from None
    known = ", ".join(COLUMNS)
    if "decision" not in names:
        raise BadFile(f"The first line names the columns, decision among them; there are {known}.")
    odd = [each for each in names if each not in COLUMNS]
    if odd or len(set(names)) < len(names):
        what = f"there is no column {odd[0]!r}" if odd else "a column is there twice"
        raise BadFile(f"line 1: {what}; there are {known}.")
    return names


def _row(number: int, heading: list[str], cells: list[str]) -> Line:
    if len(cells) > len(heading):
        wrong = f"There are {len(cells)} cells, and only {len(heading)} columns."
        return Line(number=number, wrong=wrong)
    said = {name: cell.strip() for name, cell in zip(heading, cells, strict=False)}
    values = {name: cell for name, cell in said.items() if cell}
    return Line(number=number, values=values, strict=False)


def _texts(file: BinaryIO) -> Iterator[str]:
    for number, raw in _bounded(file):
        if raw is None:
            raise BadFile(
                f"line {number} is longer than {LONGEST} bytes; nothing after it is read."
            )
        try:
            yield raw.decode()
        except UnicodeDecodeError:
            raise BadFile(f"line {number} is not UTF-8; nothing after it is read.") from None


def _bounded(file: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Yield the lines with their numbers; None for one that is too long, and read past."""
    number = 0
    while raw := file.readline(LONGEST + 1):
        number += 1
        if number == 1:
            raw = raw.removeprefix(UTF8_MARK)
        if len(raw) <= LONGEST:
            yield number, raw
            continue
        while raw and not raw.endswith(b"\n"):
            raw = file.readline(LONGEST)
        yield number, None
