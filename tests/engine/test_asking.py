"""What the engine may know of one call."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from support.stage import a_call
from switchgear.domain.caller import Caller, Key, Wishes
from switchgear.domain.target import Tier
from switchgear.engine.asking import Chances, ask_of
from switchgear.engine.gram import grams_of

SECRET = "the words of the caller"


def test_the_text_itself_is_not_in_it() -> None:
    call = a_call()
    talk = msgspec.structs.replace(call.body.conversation, end_user="ann")
    body = msgspec.structs.replace(call.body, conversation=talk, raw=SECRET.encode())  # type: ignore[type-var]  # a struct here
    ask = ask_of(body, Caller(), frozenset(), Chances())
    shown = msgspec.json.encode(ask).decode()
    assert "say hi" not in shown
    assert "ann" not in shown


@given(st.dictionaries(st.sampled_from(["team", "env", "x"]), st.text()), st.text())
def test_metadata_is_kept_only_where_a_rule_reads_it_and_the_keys_wins(
    said: dict[str, str], team: str
) -> None:
    call = a_call()
    talk = msgspec.structs.replace(call.body.conversation, metadata=tuple(said.items()))
    body = msgspec.structs.replace(call.body, conversation=talk)  # type: ignore[type-var]  # a struct here
    caller = Caller(key=Key(id="k", metadata=(("team", team),)))
    kept = dict(ask_of(body, caller, frozenset({"team", "env"}), Chances()).metadata)
    assert kept.get("team") == team
    assert kept.get("env") == said.get("env")
    assert "x" not in kept


def test_wishes_and_rights_are_carried() -> None:
    key = Key(
        id="k",
        tenant="t",
        targets=frozenset({"mid"}),
        tiers=frozenset({Tier.MID}),
        regions=frozenset({"eu"}),
    )
    wishes = Wishes(task="job", agent="ann", floor=Tier.MID)
    caller = Caller(key=key, wishes=wishes)
    ask = ask_of(a_call().body, caller, frozenset(), Chances(held="mid", draw=0.5))
    assert (ask.key, ask.tenant, ask.task_name, ask.agent) == ("k", "t", "job", "ann")
    assert (ask.allow, ask.regions, ask.floor) == (key.targets, key.regions, Tier.MID)
    assert ask.tiers == key.tiers
    assert (ask.held, ask.draw) == ("mid", 0.5)


def test_hashes_of_the_last_words_are_kept_only_where_they_are_wanted() -> None:
    call = a_call()
    plain = ask_of(call.body, Caller(), frozenset(), Chances())
    wanted = ask_of(call.body, Caller(), frozenset(), Chances(grams=True))
    assert plain.grams == b""
    assert wanted.grams == grams_of("say hi")
