"""Targets that give no answers: what embeds, and what is there for passing through."""

import msgspec

from support.cast import NEVER, TARGETS, ask, policy, target
from switchgear.domain.decision import Reason
from switchgear.domain.situation import Situation
from switchgear.domain.target import Capability, Target, Tier
from switchgear.domain.units import Tokens
from switchgear.engine.decide import decide
from switchgear.engine.policy import Alias

VECTORS = frozenset({Capability.EMBEDDINGS})
WANTS_VECTORS = ask(model="vectors", needs=VECTORS)


def embedding(name: str, model: str) -> Target:
    return target(name, model=model, capabilities=VECTORS)


def test_vectors_come_of_one_model_alone_whoever_asks_and_whatever_happens() -> None:
    cast = (*TARGETS, embedding("a", "e-1"), embedding("b", "e-2"), embedding("c", "e-1"))
    alias = Alias(name="vectors", targets=("small", "a", "b", "c", "calc"))
    rules = policy(cast, aliases={"vectors": alias})
    for call in (
        WANTS_VECTORS,
        msgspec.structs.replace(WANTS_VECTORS, allow=frozenset({"b", "c"})),
    ):
        found = {
            each.target: (each.reason, each.detail)
            for each in decide(call, Situation(), rules, NEVER).verdicts
        }
        assert found["c"][0] in {Reason.CHOSEN, Reason.FALLBACK}
        assert found["b"] == (Reason.OTHER_MODEL, "e-2, not e-1")
    assert found["a"][0] is Reason.NOT_ALLOWED


def test_a_target_asked_for_by_name_falls_back_only_to_its_own_model() -> None:
    first = target("a", model="e-1", capabilities=VECTORS, fallback=("b", "c"))
    rules = policy((first, embedding("b", "e-2"), embedding("c", "e-1")))
    decision = decide(ask(model="a", needs=VECTORS), Situation(), rules, NEVER)
    assert decision.plan == ("a", "c")
    assert decision.tier is Tier.SMALL


def test_what_embeds_or_is_there_for_passing_through_gives_no_answers() -> None:
    apart = target("p", capabilities=frozenset({Capability.PASSTHROUGH}))
    alias = Alias(name="auto", targets=("a", "p", "small"))
    rules = policy((embedding("a", "e-1"), apart, *TARGETS), aliases={"auto": alias})
    decision = decide(ask(), Situation(), rules, NEVER)
    assert decision.plan == ("small",)
    assert [each.reason for each in decision.verdicts[:2]] == [Reason.INCAPABLE] * 2


def test_a_window_must_hold_the_longest_text_and_not_all_of_them() -> None:
    narrow = target("a", model="e", capabilities=VECTORS, window=Tokens(100))
    shape = msgspec.structs.replace(WANTS_VECTORS.shape, chars=100_000, last_chars=400)
    call = ask(model="a", needs=VECTORS, shape=shape, input_tokens=Tokens(25_000))
    assert decide(call, Situation(), policy((narrow,)), NEVER).plan == ("a",)
    longer = msgspec.structs.replace(shape, last_chars=404)
    refused = msgspec.structs.replace(call, shape=longer)
    assert decide(refused, Situation(), policy((narrow,)), NEVER).plan == ()


def test_what_is_passed_through_goes_to_the_target_that_is_named_and_to_no_other() -> None:
    first = target("a", capabilities=frozenset(), fallback=("b",))
    rules = policy((first, target("b")))
    call = ask(model="a", needs=frozenset({Capability.PASSTHROUGH}))
    assert decide(call, Situation(), rules, NEVER).plan == ("a",)
    denied = msgspec.structs.replace(call, allow=frozenset("b"))
    assert decide(denied, Situation(), rules, NEVER).plan == ()
