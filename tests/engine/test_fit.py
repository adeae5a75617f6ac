"""What may not serve a call."""

from support.cast import ask, policy
from switchgear.domain.decision import Reason
from switchgear.domain.situation import Situation
from switchgear.domain.target import Tier
from switchgear.engine.fit import field_of, standing_of
from switchgear.engine.policy import Rule, Then
from switchgear.engine.terms import profile_of


def test_a_profile_is_judged_once_and_by_its_policy() -> None:
    profile = profile_of(ask(), -1, Tier.SMALL)
    plain = policy()
    assert standing_of(plain, profile) is standing_of(plain, profile)
    other = policy(version="v2", rules=[Rule(name="r", then=Then(targets=frozenset({"mid"})))])
    ruled = standing_of(other, profile_of(ask(), 0, Tier.SMALL))
    assert [strike[0] for strike in ruled.strikes if strike] == [
        Reason.RULED_OUT,
        Reason.RULED_OUT,
        Reason.NOT_ASKED,
    ]
    field = field_of(other, profile_of(ask(), 0, Tier.SMALL), Situation())
    assert [each.target.id for each in field.contenders] == ["mid"]


def test_a_key_that_may_not_use_a_target_may_not_use_it_as_a_last_resort_either() -> None:
    rules = policy(rules=[Rule(name="r", then=Then(last=("calc",)))])
    standing = standing_of(rules, profile_of(ask(allow=frozenset({"mid"})), 0, Tier.SMALL))
    assert standing.strikes[3] == (Reason.NOT_ALLOWED, "")


def test_a_key_with_tiers_may_use_nothing_outside_its_tiers_also_as_a_last_resort() -> None:
    rules = policy(rules=[Rule(name="r", then=Then(last=("calc",)))])
    tiers = frozenset({Tier.MID, Tier.FRONTIER})
    standing = standing_of(rules, profile_of(ask(tiers=tiers), 0, Tier.SMALL))
    assert standing.strikes[0] == (Reason.NOT_ALLOWED, "small")
    assert standing.strikes[3] == (Reason.NOT_ALLOWED, "tool")
    assert standing.strikes[1] is None
