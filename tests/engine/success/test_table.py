from hypothesis import given
from hypothesis import strategies as st

from switchgear.engine.success.table import chain_of, counted, logit, mean_of, mean_without

tallies = st.tuples(st.floats(0, 50), st.floats(0, 50)).map(lambda it: (min(it), max(it)))


@given(st.lists(tallies, min_size=1, max_size=4), st.integers(0, 3))
def test_one_more_good_label_never_lowers_a_mean(
    seen: list[tuple[float, float]], where: int
) -> None:
    cells = tuple(map(str, range(len(seen))))
    table = {key: {"a": tally} for key, tally in zip(cells, seen, strict=True)}
    before, _ = mean_of(chain_of(table, cells), "a")
    for key in cells[: where + 1]:
        table[key] = {"a": counted(table[key]["a"], 1.0, 1.0)}
    assert mean_of(chain_of(table, cells), "a")[0] >= before - 1e-3


def test_a_group_with_few_labels_leans_on_the_wider_one() -> None:
    table = {"": {"a": (90.0, 100.0)}, "new": {"a": (0.0, 1.0)}, "old": {"a": (0.0, 100.0)}}
    assert mean_of(chain_of(table, ("", "new")), "a")[0] > 0.7
    assert mean_of(chain_of(table, ("", "old")), "a")[0] < 0.1


def test_a_group_never_seen_rests_on_few_labels_however_many_the_wider_has() -> None:
    mean, labels = mean_of(chain_of({"": {"a": (900.0, 1000.0)}}, ("", "new")), "a")
    assert mean > 0.85
    assert labels < 10


def test_a_mean_without_a_label_is_as_if_it_had_never_come() -> None:
    table = {"": {"a": (3.0, 5.0)}, "x": {"a": (2.0, 3.0)}}
    less = {"": {"a": (2.0, 4.0)}, "x": {"a": (1.0, 2.0)}}
    without = mean_without(table, ("", "x"), "a", (1.0, 1.0))
    assert without == mean_of(chain_of(less, ("", "x")), "a")[0]


def test_the_log_of_even_odds_is_nought() -> None:
    assert logit(0.5) == 0.0
