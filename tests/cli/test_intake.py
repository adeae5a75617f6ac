"""Lines of a file that somebody wrote."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from switchgear.cli.intake import LONGEST, BadFile, read_lines
from switchgear.domain.errors import MalformedBody


class Endless(io.RawIOBase):
    """A file of one line that has no end, and that counts what is read."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.left = most
        self.largest = 0

    @override
    def readable(self) -> bool:
        return True

    @override
    def readline(self, size: int | None = -1, /) -> bytes:
        asked = self.left if size is None or size < 0 else min(size, self.left)
        self.largest = max(self.largest, asked)
        self.left -= asked
        return b"x" * asked


@given(st.binary(max_size=200), st.booleans())
def test_whatever_is_in_a_file_is_lines_or_refused_in_words(raw: bytes, csv_too: bool) -> None:  # noqa: FBT001  (drawn)
    try:
        lines = list(read_lines(io.BytesIO(raw), csv_too=csv_too))
    except BadFile as error:
        lines = []
        told = str(error)
        assert csv_too, told
    for each in lines:
        assert 1 <= each.number <= raw.count(b"\n") + raw.count(b"\r") + 1


@given(st.lists(st.sampled_from(["a", "b,c", 'say "x"', "ü", "two\nlines"]), max_size=5))
def test_cells_come_out_of_csv_as_they_went_in(ids: list[str]) -> None:
    rows = ["decision,id"] + [f'd,"{each.replace(chr(34), chr(34) * 2)}"' for each in ids]
    lines = list(read_lines(io.BytesIO("\n".join(rows).encode()), csv_too=True))
    assert [each.values["id"] for each in lines] == ids


def test_a_line_without_an_end_is_never_held_whole() -> None:
    file = Endless(50 * LONGEST)
    (line,) = read_lines(file, csv_too=False)  # type: ignore[arg-type]  # it is read like one
    assert "longer than" in line.wrong
    assert file.largest <= LONGEST + 1
    with pytest.raises(MalformedBody, match="longer than"):
        line.check()
    with pytest.raises(BadFile, match="longer than"):
        list(read_lines(Endless(50 * LONGEST), csv_too=True))  # type: ignore[arg-type]  # as above


def test_a_quote_that_is_never_closed_does_not_take_the_whole_file() -> None:
    rows = b'decision,id\nd,"' + b"x" * 60 + b"\n" + (b"y" * 1_000 + b"\n") * 3_000
    file = io.BytesIO(rows)
    with pytest.raises(BadFile, match="not CSV"):
        list(read_lines(file, csv_too=True))
    assert file.tell() < 200_000
