from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.quirk import PLAIN, Quirks

NAMES = st.text("abc._", min_size=1, max_size=8)
QUIRKS = st.builds(
    Quirks,
    dropped=st.lists(NAMES).map(tuple),
    renamed=st.lists(st.tuples(NAMES, NAMES)).map(tuple),
    mapped=st.lists(st.tuples(NAMES, NAMES, NAMES)).map(tuple),
    short_ids=st.booleans(),
    hidden=st.lists(NAMES).map(tuple),
    added=st.lists(st.tuples(NAMES, NAMES)).map(tuple),
)


@given(QUIRKS, QUIRKS)
def test_both_together_have_all_of_each_in_order(one: Quirks, other: Quirks) -> None:
    both = one + other
    for name in ("dropped", "renamed", "mapped", "hidden", "added"):
        assert getattr(both, name) == getattr(one, name) + getattr(other, name)
    assert both.short_ids is (one.short_ids or other.short_ids)


@given(QUIRKS)
def test_no_quirks_change_nothing(one: Quirks) -> None:
    assert one + PLAIN == PLAIN + one == one
