"""What may be said of a decision, and by which id it is known again."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from switchgear.domain.errors import MalformedBody
from switchgear.domain.outcome import IMPLICIT, Fitness, Outcome, Source
from switchgear.domain.target import Tier
from switchgear.domain.units import UnixMs
from switchgear.engine.outcome import GOOD
from switchgear.engine.saying import (
    EXPLICIT,
    SAYS,
    Content,
    Saying,
    check_tiers,
    content_of,
    moment,
    name_of,
    read_saying,
    said_before,
)

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)
FIELDS = ("decision", *SAYS, "source", "id")
LIKELY = st.sampled_from(
    ["sg_1", "up", "failed", "human", "right", "eval", "", "x" * 300, 0, 1, 0.5]
)
sayings = st.dictionaries(st.sampled_from(FIELDS), LIKELY | ANYTHING)


def tried(values: object) -> tuple[Saying | None, str]:
    try:
        return read_saying(values), ""
    except MalformedBody as error:
        return None, error.message


@settings(max_examples=50)
@given(sayings | ANYTHING)
@example({"decision": "d", "a\n" + "b" * 900: 1})
def test_whatever_is_sent_is_understood_or_refused_in_words(values: Any) -> None:
    saying, refusal = tried(values)
    if saying is None:
        assert refusal.isprintable()
        assert 0 < len(refusal) < 400
        return
    content = content_of(saying)
    assert content != Content(score=None, verdict=None, override="", tool=None)
    assert content.score is None or 0 <= content.score <= 1
    assert saying.source not in IMPLICIT


@settings(max_examples=50)
@given(st.floats(0, 1), st.sampled_from(Fitness), st.sampled_from(EXPLICIT))
def test_a_score_and_a_verdict_are_taken_together_where_they_agree(
    score: float, verdict: Fitness, source: str
) -> None:
    said = {"decision": "d", "score": score, "verdict": verdict.value, "source": source}
    agree = (score <= 0.5 or GOOD[verdict] == 1) and (score >= 0.5 or GOOD[verdict] == 0)
    saying, _ = tried(said)
    assert (saying is not None) is agree


def test_each_thing_has_one_form() -> None:
    for said, wanted in (
        ({"thumbs": "up"}, {"score": 1.0}),
        ({"thumbs": "down"}, {"score": 0.0}),
        ({"tool": "wrong"}, {"tool": False}),
        ({"tool": "right"}, {"tool": True}),
        ({"override": "human", "verdict": None}, {"override": "human"}),
    ):
        one = content_of(read_saying({"decision": "d", **said}))
        assert one == content_of(read_saying({"decision": "d", **wanted}))


def test_texts_of_a_file_are_read_as_what_they_say() -> None:
    said = read_saying({"decision": "d", "score": "0.25", "tool": "true"}, strict=False)
    assert (said.score, content_of(said).tool) == (0.25, True)
    for odd in ("nan", "inf", "1e9", "a lot"):
        with pytest.raises(MalformedBody, match="score"):
            read_saying({"decision": "d", "score": odd}, strict=False)


def test_an_id_that_nobody_gave_tells_words_sayers_and_changes_of_mind_apart() -> None:
    up = content_of(read_saying({"decision": "d", "thumbs": "up"}))
    down = content_of(read_saying({"decision": "d", "thumbs": "down"}))
    one = name_of(up, Source.USER, "k")
    names = {
        one,
        name_of(down, Source.USER, "k"),
        name_of(up, Source.EVAL, "k"),
        name_of(up, Source.USER, "k2"),
        name_of(up, Source.USER, "k", one),
    }
    assert len(names) == 5
    assert name_of(up, Source.USER, "k") == one


def test_what_is_said_later_is_later_whatever_the_clock_says() -> None:
    before = Outcome(id="a", decision="d", at=UnixMs(50), source=Source.USER, score=1.0)
    assert (moment(UnixMs(9), (before,)), moment(UnixMs(90), (before,))) == (51, 90)
    assert said_before(Content(score=1.0, verdict=None, override="", tool=None), before)


def test_a_weaker_target_is_not_what_an_underpowered_one_lacked() -> None:
    under = Content(score=None, verdict=Fitness.UNDERPOWERED, override="small", tool=None)
    over = Content(score=None, verdict=Fitness.OVERPROVISIONED, override="big", tool=None)
    check_tiers(under, Tier.SMALL, Tier.MID)
    check_tiers(under, None, Tier.SMALL)
    for content, served, wanted in ((under, Tier.MID, Tier.SMALL), (over, Tier.SMALL, Tier.MID)):
        with pytest.raises(MalformedBody, match="contradict"):
            check_tiers(content, served, wanted)
