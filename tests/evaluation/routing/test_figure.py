from evaluation.routing.figure import Figure, flat, judged, table
from hypothesis import given
from hypothesis import strategies as st


def figure(value: float, bar: float | None, **more: bool) -> Figure:
    return Figure(name="a_figure", what="a thing", value=value, bar=bar, **more)


@given(st.floats(-10, 10), st.floats(-10, 10))
def test_a_bar_is_held_from_one_side_only(value: float, bar: float) -> None:
    least, most = figure(value, bar), figure(value, bar, most=True)
    assert least.held or most.held
    assert (least.held and most.held) == (value == bar)
    beyond = figure(value, bar, above=True)
    assert beyond.held == (value > bar)


def test_no_bar_is_neither_held_nor_missed() -> None:
    assert figure(1.0, None).held is None
    assert judged(figure(1.0, None)) == ""


def test_the_file_is_flat_and_the_page_says_what_is_missed() -> None:
    found = [figure(0.5, 0.61), Figure(name="b", what="c", value=2.0, low=1.0, high=3.0)]
    assert flat(found)["a_figure"] == {
        "value": 0.5,
        "low": None,
        "high": None,
        "bar": 0.61,
        "held": False,
    }
    assert flat(found)["b"]["high"] == 3.0
    lines = table(found).splitlines()
    assert lines[2] == "| a thing | **0.500** |  | at least 0.61 | **missed** |"
    assert lines[3] == "| c | **2.000** | 1.000 to 3.000 |  |  |"
