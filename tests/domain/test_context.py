"""A context, entry by entry."""

import msgspec
import pytest

from switchgear.domain.context import EMPTY, TRUSTED, Document, Item, Operation, Origin, Source
from switchgear.domain.units import UnixMs


def item(key: str) -> Item:
    origin = Origin(source=Source.USER, at=UnixMs(1), basis=(("b", 2),))
    return Item(key=key, value={"x": [1, None]}, revision=1, origin=origin, trust=Source.USER)


def test_an_entry_is_found_by_its_key_and_none_where_there_is_none() -> None:
    document = Document((item("a"), item("b")))
    assert document.find("b") is document.items[1]
    assert document.find("c") is None
    assert EMPTY.find("a") is None


def test_a_document_is_read_back_as_it_was_written() -> None:
    document = Document((item("a"),))
    assert msgspec.json.decode(msgspec.json.encode(document), type=Document) == document


def test_trust_falls_from_humans_to_models() -> None:
    assert [each.value for each in TRUSTED] == ["human", "user", "tool", "model"]


@pytest.mark.parametrize("said", [{}, {"key": "a", "revision": -1}, {"key": "a", "valeu": 1}])
def test_an_operation_says_nothing_that_is_not_understood(said: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(said, Operation)
