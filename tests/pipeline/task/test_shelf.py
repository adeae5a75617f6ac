"""Contexts in mind."""

import msgspec
import pytest

from switchgear.domain.context import EMPTY, Document, Item, Origin, Source
from switchgear.domain.errors import LedgerDown
from switchgear.domain.target import Sensitivity
from switchgear.domain.units import Tokens, UnixMs
from switchgear.pipeline.task.shelf import LEAST_BYTES, Held, Shelf, document_in
from switchgear.ports.papers import Paper, PaperKind

ROOM = Tokens(1000)


def held(task: str, revision: int = 1, size: int = 0) -> Held:
    item = Item(
        key="a",
        value="x" * size,
        revision=revision,
        origin=Origin(source=Source.TOOL, at=UnixMs(1)),
        trust=Source.TOOL,
        until=UnixMs(100),
    )
    return Held(task, paper(msgspec.json.encode(Document((item,))), task, revision))


def paper(body: bytes, task: str = "t", revision: int = 1) -> Paper:
    return Paper(kind=PaperKind.CONTEXT, id=task, made=UnixMs(1), revision=revision, body=body)


def test_no_context_is_known_too_and_says_nothing() -> None:
    none = Held("t")
    assert (none.document, none.revision) == (EMPTY, 0)
    assert none.said(Sensitivity.PUBLIC, ROOM, UnixMs(1)) is None


def test_a_later_revision_is_never_forgotten_for_an_earlier() -> None:
    shelf = Shelf()
    later = shelf.keep(held("t", 2))
    assert shelf.keep(held("t", 1)) is later
    assert shelf.find("t") is later
    assert shelf.keep(held("t", 3)) is shelf.find("t")


def test_those_out_of_use_go_first_and_the_bytes_have_a_bound() -> None:
    shelf = Shelf(most=10 * LEAST_BYTES)
    for name in "abc":
        shelf.keep(held(name, size=1500))
    assert shelf.find("a") is not None
    shelf.keep(held("d", size=1500))
    assert [name for name in "abcd" if shelf.find(name)] == ["a", "c", "d"]
    shelf.keep(held("large", size=50_000))
    assert [name for name in ("a", "c", "d", "large") if shelf.find(name)] == ["large"]


def test_a_document_that_is_kept_again_counts_once() -> None:
    shelf = Shelf(most=10 * LEAST_BYTES)
    shelf.keep(held("a", size=1500))
    for revision in range(1, 20):
        shelf.keep(held("b", revision, size=1500))
    assert shelf.find("a") is not None
    shelf.forget()
    assert shelf.find("a") is None


def test_the_same_words_are_said_until_something_ends() -> None:
    found = held("t")
    first = found.said(Sensitivity.PUBLIC, ROOM, UnixMs(1))
    assert first is not None
    assert found.said(Sensitivity.PUBLIC, ROOM, UnixMs(99)) is first
    assert found.said(Sensitivity.PUBLIC, ROOM, UnixMs(100)) is None


def test_what_is_no_context_is_our_own_fault() -> None:
    with pytest.raises(LedgerDown):
        document_in(paper(b'{"items": 1}'))
