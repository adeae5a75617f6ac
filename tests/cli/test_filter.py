import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.cli.filter import NAMES, BadFilter, moment, query_of
from switchgear.domain.entry import End
from switchgear.domain.units import UnixMs
from switchgear.ports.ledger import Query

NOW = UnixMs(1_750_000_000_000)
HOUR = 3_600_000


def test_every_filter_reaches_the_query() -> None:
    filters = ["key=k", "tenant=t", "task=w", "target=x", "model=m", "code=c", "end=cut"]
    wanted = Query(
        key="k",
        tenant="t",
        task="w",
        target="x",
        model="m",
        code="c",
        end=End.CUT,
        since=UnixMs(NOW - 2 * HOUR),
        until=UnixMs(0),
    )
    assert query_of([*filters, "since=2h", "until=1970-01-01"], NOW) == wanted
    assert query_of([], NOW) == Query()


@pytest.mark.parametrize(
    ("text", "ago"), [("30m", HOUR // 2), ("1h", HOUR), ("1d", 24 * HOUR), ("1w", 168 * HOUR)]
)
def test_an_age_counts_back_from_now(text: str, ago: int) -> None:
    assert moment(text, NOW) == NOW - ago


def test_a_date_without_a_zone_is_utc() -> None:
    assert moment("1970-01-02", NOW) == 24 * HOUR
    assert moment("1970-01-02T01:00+01:00", NOW) == 24 * HOUR


@given(st.text())
def test_any_text_is_a_filter_or_refused_with_a_reason(text: str) -> None:
    try:
        query_of([text], NOW)
    except BadFilter as error:
        assert str(error)  # noqa: PT017  (either is right)
    else:
        assert text.partition("=")[0] in NAMES
