import json

from bench.figure import FIGURES, Figure, Measured, fold, quantile
from bench.page import Notes, judged, shown, write_json, write_page
from hypothesis import given
from hypothesis import strategies as st

NOTES = Notes(
    machine="two cores",
    date="today",
    quick=True,
    peers={"nginx": "1.22", "litellm": "not installed"},
    stages={"decide": 39.96},
    remarks=["The load was the bottleneck."],
)


def test_the_page_has_every_figure_once_and_says_what_was_not_measured() -> None:
    page = write_page({"whole_rps": fold([5000.0, 6000.0, 5600.0])}, NOTES)
    line = next(line for line in page.splitlines() if "whole answers on one core" in line)
    assert "5,600 req/s" in line
    assert "5,000 to 6,000" in line
    assert line.endswith("aim reached |")
    assert page.count("not measured") == len(FIGURES) - 1
    for words in (
        "quick run",
        "The load was the bottleneck.",
        "not installed",
        "| decide | 39.96 |",
    ):
        assert words in page


def test_the_json_is_flat_and_sorted() -> None:
    flat = json.loads(write_json({"b": fold([1.23456]), "a": fold([2])}))
    assert list(flat.items()) == [("a", 2), ("b", 1.235)]


def test_a_figure_is_judged_by_its_own_direction() -> None:
    less = Figure(name="x", what="x", unit="ms", bar=2.0, aim=1.0)
    words = [judged(less, fold([value])) for value in (0.9, 1.5, 2.5)]
    assert words == ["aim reached", "kept", "**falls short**"]
    assert judged(less, None) == "not measured"
    more = next(figure for figure in FIGURES if figure.name == "whole_rps")
    assert judged(more, fold([3999.0])) == "**falls short**"


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_the_median_lies_within_the_spread(values: list[float]) -> None:
    measured: Measured = fold(values)
    assert measured.low <= measured.value <= measured.high
    assert measured.rounds == len(values)
    assert quantile(values, 0.0) == measured.low
    assert quantile(values, 1.0) == measured.high


def test_numbers_are_shown_with_four_digits() -> None:
    assert [shown(value) for value in (12345.6, 0.123456, 3.0, 999.96)] == [
        "12,350",
        "0.1235",
        "3",
        "1,000",
    ]


def test_every_figure_has_a_name_of_its_own() -> None:
    assert len({figure.name for figure in FIGURES}) == len(FIGURES)
