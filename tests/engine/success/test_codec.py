import pytest

from switchgear.engine.success.codec import COARSE, LARGEST, read, written
from switchgear.engine.success.sheaf import BUCKETS, tied, untied


def test_rows_that_were_written_are_read_to_the_thousandth() -> None:
    rows = [0] * BUCKETS
    rows[7] = tied([5 * COARSE, -3 * COARSE])
    rows[9] = tied([1, 10 * LARGEST * COARSE])
    again = read(written(rows, 2), 2)
    assert again[7] == rows[7]
    assert untied(again[9], 2) == [0, LARGEST * COARSE]
    assert sum(map(bool, again)) == 2


def test_rows_of_another_number_of_weights_are_refused() -> None:
    with pytest.raises(ValueError, match="words are missing"):
        read(written([0] * BUCKETS, 2), 3)
    with pytest.raises(ValueError, match="words are missing"):
        read(written([0] * BUCKETS, 3), 2)
