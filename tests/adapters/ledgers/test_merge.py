from hypothesis import given
from hypothesis import strategies as st

from support.entries import entry
from switchgear.adapters.ledgers.merge import Merge
from switchgear.domain.entry import Entry
from switchgear.domain.units import UnixMs
from switchgear.ports.ledger import Query

moments = st.lists(st.integers(0, 3), max_size=6)


def dated(name: str, moment: int) -> Entry:
    return entry(f"{name}", at=UnixMs(moment))


def newest_first(written: list[Entry], query: Query) -> list[str]:
    """What a ledger says that has all of them, written in this order."""
    places = {each.id: place for place, each in enumerate(written)}
    ordered = sorted(written, key=lambda it: (it.at, places[it.id]), reverse=True)
    names = [each.id for each in ordered]
    start = names.index(query.before) + 1 if query.before else 0
    return names[start : start + query.limit]


@given(moments, moments, st.integers(1, 4))
def test_pages_of_both_are_those_of_one_ledger_that_has_all(
    there: list[int], waiting: list[int], limit: int
) -> None:
    kept = [dated(f"kept-{place}", moment) for place, moment in enumerate(there)]
    late = [dated(f"late-{place}", moment) for place, moment in enumerate(waiting)]
    known = {each.id: each for each in [*kept, *late]}
    query, seen = Query(limit=limit), list[str]()
    while True:
        merge = Merge(late, query, known.get(query.before))
        found = [known[name] for name in _page(kept, late, merge.within)]
        page = [each.id for each in merge.page(tuple(found))]
        assert page == newest_first([*kept, *late], query)
        if not page:
            break
        seen += page
        query = Query(limit=limit, before=page[-1])
    assert sorted(seen) == sorted(known)


def _page(kept: list[Entry], late: list[Entry], query: Query) -> list[str]:
    """What a database says that has only those that do not wait."""
    fitting = [each for each in kept if query.fits(each)]
    if query.before in {each.id for each in late}:
        return []
    return newest_first(fitting, query)


def test_what_is_in_both_is_shown_once() -> None:
    both = entry("sg_1")
    merge = Merge([both], Query(), None)
    assert [each.id for each in merge.page((both,))] == ["sg_1"]
