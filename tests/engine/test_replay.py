from support.cast import NEVER, ask, policy
from support.entries import READY, bare, entry
from switchgear.domain.entry import Entry
from switchgear.domain.situation import Situation
from switchgear.engine.decide import decide
from switchgear.engine.policy import Rule, Then
from switchgear.engine.policydoc import encode_policy, versioned
from switchgear.engine.replay import explained

POLICY = versioned(policy(rules=[Rule(name="mid-only", then=Then(targets=frozenset({"mid"})))]))
DOCUMENT = encode_policy(POLICY)


def kept(situation: Situation | None = READY) -> Entry:
    asked = ask()
    everything = versioned(policy())
    decision = decide(asked, situation or Situation(), everything, NEVER)
    found = bare(entry(ask=asked, situation=situation, decision=decision))
    assert found is not None
    return found


def test_the_same_policy_decides_the_same_again() -> None:
    choice = explained(kept(), encode_policy(versioned(policy()))).choice
    assert choice is not None
    assert choice.replayed is True
    assert choice.targets[0].cost_usd is not None


def test_a_call_with_no_situation_is_replayed_with_none() -> None:
    choice = explained(kept(None), encode_policy(versioned(policy()))).choice
    assert choice is not None
    assert choice.replayed is True


def test_a_policy_with_another_rule_decides_something_else() -> None:
    choice = explained(kept(), DOCUMENT).choice
    assert choice is not None
    assert choice.replayed is False


def test_without_a_readable_policy_nothing_is_replayed() -> None:
    for document in (None, b"{}", b'{"version": 3}', b"not json"):
        choice = explained(kept(), document).choice
        assert choice is not None
        assert choice.replayed is None
