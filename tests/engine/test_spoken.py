"""Outcomes and labels as every surface says them."""

from msgspec import json

from support.entries import attempt, entry
from switchgear.domain.attempt import Role
from switchgear.domain.outcome import Outcome, Source
from switchgear.domain.target import Tier
from switchgear.domain.units import Seconds, UnixMs
from switchgear.engine.spoken import judged

TRIES = (
    attempt("small", flaw="empty"),
    attempt("mid", role=Role.ESCALATION, began=Seconds(0.9)),
)
CLIMBED = entry(target="mid", attempts=TRIES)


def test_what_was_said_and_what_was_seen_are_told_together_in_their_order() -> None:
    late = Outcome(
        id="u", decision="sg_1", at=UnixMs(CLIMBED.at + 9_000), source=Source.USER, score=0.12345
    )
    told = judged((late,), CLIMBED, {"mid": Tier.MID})
    rows = json.decode(json.encode(told["outcomes"]))
    assert [(each["source"], each["target"], each["implicit"]) for each in rows] == [
        ("validator", "small", True),
        ("escalation", "small", True),
        ("user", "mid", False),
    ]
    label = json.decode(json.encode(told["label"]))
    assert (label["target"], label["good"], label["source"]) == ("mid", 0.1235, "user")


def test_of_what_nobody_said_anything_there_is_no_label() -> None:
    assert judged((), entry()) == {"outcomes": [], "label": None}
