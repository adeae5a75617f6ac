"""What the policy says of rescue and hedges."""

import msgspec
import pytest

from support.cast import AUTO, policy
from switchgear.domain.decision import Rescue
from switchgear.engine.policy import Rule, Then
from switchgear.engine.protection import Protection, protection_of

QUIET = msgspec.structs.replace(AUTO, name="quiet", rescue=Rescue.ERROR, hedge=True)
RULES = policy(
    rules=[
        Rule(name="careful", then=Then(rescue=Rescue.HOLD, hedge=False)),
        Rule(name="other", then=Then()),
    ],
    aliases={"auto": AUTO, "quiet": QUIET},
)


@pytest.mark.parametrize(
    ("model", "rule", "found"),
    [
        ("auto", "", Protection(Rescue.CONTINUE, hedge=False)),
        ("small", "", Protection(Rescue.CONTINUE, hedge=False)),
        ("quiet", "", Protection(Rescue.ERROR, hedge=True)),
        ("quiet", "other", Protection(Rescue.ERROR, hedge=True)),
        ("quiet", "careful", Protection(Rescue.HOLD, hedge=False)),
        ("auto", "careful", Protection(Rescue.HOLD, hedge=False)),
    ],
)
def test_the_rule_goes_before_the_alias_and_that_before_the_policy(
    model: str, rule: str, found: Protection
) -> None:
    assert protection_of(RULES, model, rule) == found
