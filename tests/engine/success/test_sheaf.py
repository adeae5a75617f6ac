from hypothesis import given
from hypothesis import strategies as st

from switchgear.engine.success.sheaf import tied, untied

weights = st.lists(st.integers(-(1 << 22), 1 << 22), min_size=3, max_size=3)


@given(st.lists(weights, min_size=1, max_size=100))
def test_the_sum_of_rows_is_the_sums_of_their_weights(rows: list[list[int]]) -> None:
    total = sum(map(tied, rows))
    assert untied(total, 3) == [sum(column) for column in zip(*rows, strict=True)]


def test_a_row_is_as_before_when_it_is_untied() -> None:
    assert untied(tied([-1, 0, 5, -70_000]), 4) == [-1, 0, 5, -70_000]
