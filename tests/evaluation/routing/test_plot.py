from xml.etree import ElementTree as ET

from evaluation.routing.plot import Line, axis_of, chart
from hypothesis import given
from hypothesis import strategies as st

spots = st.lists(st.tuples(st.floats(0.001, 1e6), st.floats(-1e3, 1e3)), min_size=1, max_size=9)
NAMES = st.text(st.characters(codec="ascii", min_codepoint=32), max_size=8)


def drawn(picture: str) -> list[dict[str, str]]:
    root = ET.fromstring(picture)  # noqa: S314  (our own)
    return [it.attrib for it in root if it.tag.endswith("circle")]


@given(points=spots, logs=st.booleans(), name=NAMES)
def test_every_picture_is_sound_and_all_points_are_in_it(
    points: list[tuple[float, float]], *, logs: bool, name: str
) -> None:
    x = axis_of("x", [it for it, _ in points], logs=logs)
    y = axis_of("y", [it for _, it in points])
    circles = drawn(chart(name, [Line(name, points, "both")], x, y))
    assert len(circles) == len(points)
    assert all(0 <= float(it["cx"]) <= 640 for it in circles)
    assert all(0 <= float(it["cy"]) <= 400 for it in circles)


def test_more_is_higher_and_further_right() -> None:
    x, y = axis_of("x", [1.0, 10.0]), axis_of("y", [0.0, 1.0])
    one, other = drawn(chart("t", [Line("a", [(1.0, 0.0), (10.0, 1.0)], "points")], x, y))
    assert float(one["cx"]) < float(other["cx"])
    assert float(one["cy"]) > float(other["cy"])
