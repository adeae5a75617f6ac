"""What operations make of a context."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.board import Board
from switchgear.domain.context import (
    EMPTY,
    MOST_DOCUMENT,
    MOST_ENTRIES,
    MOST_VALUE,
    TRUSTED,
    Change,
    Document,
    Item,
    Operation,
    Source,
    Writer,
)
from switchgear.domain.errors import MalformedBody, NotAllowed
from switchgear.domain.target import Sensitivity
from switchgear.domain.units import UnixMs
from switchgear.engine.context import (
    Applied,
    Clash,
    apply,
    current,
    digest_of,
    least,
    replayed,
    seen_by,
)

NOW = UnixMs(1_000_000)
ANN = Writer(key="k", agent="ann")
KEYS = st.sampled_from(["a", "b", "c"])
OPS = st.sampled_from(["set", "append", "add", "sum", "delete", "pin"])
RULES = st.sampled_from([None, "error", "lww", "append", "set_union", "sum"])
VALUES = (
    st.integers(0, 3) | st.sampled_from(["x", "y"]) | st.lists(st.sampled_from("xyz"), max_size=3)
)
ASKED = st.fixed_dictionaries(
    {
        "op": OPS,
        "key": KEYS,
        "value": VALUES,
        "merge": RULES,
        "revision": st.none() | st.integers(0, 6),
    }
)


def op(key: str, value: object = "v", **more: Any) -> Operation:
    return msgspec.convert({"key": key, "value": value, **more}, Operation)


def done(document: Document, *asked: Operation, by: Writer = ANN, **at: int) -> Applied:
    found = apply(document, asked, by, at.get("revision", 1), UnixMs(at.get("now", NOW)))
    assert isinstance(found, Applied), found
    return found


def entry(document: Document, key: str) -> Item:
    found = document.find(key)
    assert found is not None
    return found


def made(*asked: Operation, by: Writer = ANN) -> Document:
    return done(EMPTY, *asked, by=by).document


def clash(document: Document, *asked: Operation) -> Clash:
    found = apply(document, asked, ANN, 2, NOW)
    assert isinstance(found, Clash)
    return found


@given(st.lists(ASKED, max_size=12))
def test_it_does_what_the_plain_model_does(asked: list[dict[str, Any]]) -> None:
    board, document = Board(), EMPTY
    for said in asked:
        verdict = board.ask(said)
        try:
            found = apply(
                document,
                [msgspec.convert(said, Operation)],
                ANN,
                board.revision + (verdict != "done"),
                NOW,
            )
        except MalformedBody:
            assert verdict == "malformed"
            continue
        assert verdict == ("done" if isinstance(found, Applied) else "conflict")
        if isinstance(found, Applied):
            document = found.document
    assert {it.key: (it.value, it.revision) for it in document.items} == board.values()


@given(st.lists(ASKED, max_size=12))
def test_the_log_leads_to_the_same_document_at_each_revision(asked: list[dict[str, Any]]) -> None:
    log: list[tuple[int, Change]] = []
    were = [EMPTY]
    for said in asked:
        try:
            found = apply(were[-1], [msgspec.convert(said, Operation)], ANN, len(were), NOW)
        except MalformedBody:
            continue
        if isinstance(found, Applied):
            log += [(len(were), each) for each in found.changes]
            were.append(found.document)
    for revision, document in enumerate(were):
        assert replayed(log, revision) == document


@given(st.permutations([1, 2, 3]))
def test_merging_writers_never_conflict_and_nothing_is_lost(order: list[int]) -> None:
    document = made(
        op("l", [], merge="append"), op("s", [], merge="set_union"), op("n", 0, merge="sum")
    )
    for revision, each in enumerate(order, 2):
        asked = op("l", each, op="append"), op("s", each, op="add"), op("n", each, op="sum")
        document = done(document, *asked, revision=revision).document
    assert [entry(document, key).value for key in "lsn"] == [order, [1, 2, 3], 6]


def test_a_blind_write_over_what_is_there_is_a_conflict_and_changes_nothing() -> None:
    document = made(op("a"))
    assert clash(document, op("b"), op("a", "w")).keys == ("a",)
    assert done(document, op("a", "w", revision=1), revision=2).document.find("a") is not None
    assert clash(document, op("a", "w", revision=0)).keys == ("a",)
    assert "revision 1, not at 7" in clash(document, op("a", "w", revision=7)).why


def test_all_stale_entries_are_named_not_only_the_first() -> None:
    document = made(op("a"), op("b"))
    assert clash(document, op("a", revision=3), op("b", revision=4)).keys == ("a", "b")


def test_what_is_deleted_unseen_may_be_anothers() -> None:
    document = made(op("a"), op("n", 1, op="sum"))
    assert clash(document, op("a", op="delete")).keys == ("a",)
    gone = done(document, op("a", op="delete", revision=1), op("n", op="delete"), revision=2)
    assert gone.document == EMPTY


def test_a_writer_may_change_again_what_it_changed_in_the_same_go() -> None:
    document = made(op("a", 1), op("a", 2))
    assert entry(document, "a").value == 2


@given(st.lists(st.sampled_from(TRUSTED), min_size=1))
def test_the_least_trusted_is_the_last_in_the_list(sources: list[Source]) -> None:
    assert least(sources) is TRUSTED[max(TRUSTED.index(each) for each in sources)]


HUMAN = Writer(key="k", human=True)


def test_a_rewrite_by_a_lower_source_lowers_the_trust() -> None:
    document = made(op("a", source="user"))
    assert entry(document, "a").trust is Source.USER
    after = done(document, op("a", "w", source="model", revision=1), revision=2).document
    assert entry(after, "a").trust is Source.MODEL


def test_what_is_made_from_an_entry_is_trusted_no_more_than_it() -> None:
    asked = {"from": ["tool", "said"]}
    document = made(
        op("tool", source="tool"), op("said", source="user"), op("a", source="user", **asked)
    )
    assert entry(document, "a").trust is Source.TOOL
    assert entry(document, "a").origin.basis == (("tool", 1), ("said", 1))


@pytest.mark.parametrize(("deed", "value"), [("append", 1), ("add", 1), ("sum", 1)])
def test_what_is_merged_into_is_trusted_no_more_than_any_part(deed: str, value: int) -> None:
    document = made(op("a", value, op=deed, source="model"))
    after = done(document, op("a", value, op=deed, source="human"), by=HUMAN, revision=2)
    assert entry(after.document, "a").trust is Source.MODEL


def test_pinning_raises_no_trust_and_keeps_the_revision() -> None:
    document = made(op("a", source="model"))
    after = done(document, op("a", op="pin", source="user"), revision=2).document
    pinned = entry(after, "a")
    assert (pinned.trust, pinned.revision, pinned.pinned) == (Source.MODEL, 1, True)
    assert not entry(done(after, op("a", op="pin", pinned=False)).document, "a").pinned


def test_only_who_may_says_that_a_human_said_it() -> None:
    with pytest.raises(NotAllowed):
        made(op("a", source="human"))
    assert entry(made(op("a", source="human"), by=HUMAN), "a").trust is Source.HUMAN


def test_an_entry_is_as_delicate_as_its_writers_key_and_what_it_was_made_from() -> None:
    keeper = Writer(key="k", sensitivity=Sensitivity.CONFIDENTIAL)
    document = made(op("a", sensitivity="public"), by=keeper)
    assert entry(document, "a").sensitivity is Sensitivity.CONFIDENTIAL
    after = done(document, op("b", **{"from": ["a"]}), op("c", sensitivity="internal"), revision=2)
    assert entry(after.document, "b").sensitivity is Sensitivity.CONFIDENTIAL
    assert entry(after.document, "c").sensitivity is Sensitivity.INTERNAL
    seen = seen_by(after.document, 2, Sensitivity.INTERNAL)
    assert ([it.key for it in seen.items], seen.withheld) == (["c"], ("a", "b"))


def test_a_merged_entry_stays_as_delicate_as_it_was() -> None:
    document = made(op("a", 1, op="sum", sensitivity="restricted"))
    after = done(document, op("a", 1, op="sum"), revision=2).document
    assert entry(after, "a").sensitivity is Sensitivity.RESTRICTED


def test_what_has_ended_is_not_there_and_its_end_is_on_the_log() -> None:
    document = made(op("a", ttl=2))
    assert current(document, UnixMs(NOW + 1999)) == document
    assert current(document, UnixMs(NOW + 2000)) == EMPTY
    after = done(document, op("a", "new", revision=0), revision=2, now=NOW + 2000)
    assert [each.deed for each in after.changes] == ["end", "set"]
    assert entry(after.document, "a").until is None


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (op("a", "x" * MOST_VALUE), "artifact_ref"),
        (op("a", "x", op="sum"), "takes a number"),
        (op("a", "x", merge="append"), "takes a list"),
        (Operation(key="a"), "takes a value"),
        (op("a", **{"from": ["b"]}), "no such entry"),
    ],
)
def test_what_cannot_be_is_refused_and_said(asked: Operation, words: str) -> None:
    with pytest.raises(MalformedBody, match=words):
        made(asked)


def test_there_is_a_bound_on_entries_and_on_all_of_them_together() -> None:
    full = made(*[op(f"k{at}") for at in range(MOST_ENTRIES)])
    with pytest.raises(MalformedBody, match="501 entries"):
        done(full, op("more"))
    many = [op(f"k{at}", "x" * (MOST_VALUE - 2)) for at in range(MOST_DOCUMENT // MOST_VALUE)]
    with pytest.raises(MalformedBody, match="bytes"):
        made(*many)


def test_the_rule_of_an_entry_changes_only_by_who_has_seen_it() -> None:
    document = made(op("a", [], merge="append"))
    assert clash(document, op("a", [1], merge="lww")).why.endswith("merged by append")
    after = done(document, op("a", 1, merge="lww", revision=1), revision=2).document
    assert entry(done(after, op("a", 2), revision=3).document, "a").value == 2


def test_the_same_is_asked_only_where_all_of_it_is_the_same() -> None:
    assert digest_of(op("a", {"x": 1, "y": 2})) == digest_of(op("a", {"y": 2, "x": 1}))
    assert digest_of(op("a", 1)) != digest_of(op("a", 2))
