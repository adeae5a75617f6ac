"""A decision as it is drawn for whoever is to judge it."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from support.entries import attempt, entries, entry
from support.judged import PLAIN
from switchgear.cli.judgement import MOST_LETTERS, card, question, rows, verdict_of, words_of
from switchgear.domain.entry import Entry
from switchgear.domain.outcome import Fitness, Outcome, Source
from switchgear.domain.target import Tier
from switchgear.domain.units import UnixMs
from switchgear.engine.outcome import label_of

SAID = Outcome(
    id="a",
    decision="sg_1",
    at=UnixMs(1),
    source=Source.HUMAN,
    verdict=Fitness.UNDERPOWERED,
    score=0.25,
    override="mid",
    tool=False,
    by="boss",
)


@given(st.none() | st.binary(max_size=60))
def test_whatever_was_kept_as_a_body_can_be_drawn(raw: bytes | None) -> None:
    kept = msgspec.structs.replace(PLAIN, request=raw)
    assert question(kept).isprintable()
    assert card(kept, (SAID,), {}).row_count == len(rows(kept, (SAID,), {}))


@settings(max_examples=25)
@given(entries)
def test_every_entry_can_be_drawn(found: Entry) -> None:
    told = dict(rows(found, (), {}))
    assert told["when"].endswith("UTC")
    assert all(told.values())


def test_what_was_asked_is_the_users_last_words_and_no_more_than_fit() -> None:
    many = (
        b'{"model":"m","messages":[{"role":"user","content":"one"},{"role":"user","content":"%s"}]}'
    )
    assert question(msgspec.structs.replace(PLAIN, request=many % b"two\\n  lines")) == "two lines"
    long = question(msgspec.structs.replace(PLAIN, request=many % (b"x" * 9_000)))
    assert (len(long), long[-1]) == (MOST_LETTERS, "…")
    assert question(msgspec.structs.replace(PLAIN, request=None)) == ""


def test_what_was_said_is_told_in_words() -> None:
    assert words_of(SAID) == "underpowered, score 0.25, better mid, tool wrong (human boss)"
    label = label_of([SAID], entry(), {"mid": Tier.MID})
    assert verdict_of(label) == "0.25, needs mid"
    assert verdict_of(None) == "-"


def test_answers_of_no_use_are_shown_with_who_gave_them() -> None:
    found = entry(attempts=(attempt("small", flaw="empty"), attempt("mid")), target="mid")
    told = dict(rows(found, (), {"mid": Tier.MID}))
    assert told["target"] == "mid (mid); small was of no use (empty)"
