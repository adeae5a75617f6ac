import msgspec
import pytest

from support.simulated import SAMPLE
from switchgear.demo.agent import Errand, Step
from switchgear.demo.check import Seen, untrue
from switchgear.demo.errand import AMOUNT
from switchgear.demo.traffic import Served
from switchgear.engine.task import task_id


def step(number: int) -> Step:
    return Step(
        what="x",
        status=200,
        decision=f"e{number}",
        target="a" if number < 3 else "b",
        tier="small",
        reason="",
        attempts=2 if number == 3 else 1,
        task=task_id("", "errand"),
    )


ERRAND = Errand(steps=tuple(map(step, range(7))), finished=True, words=f"paid {AMOUNT}")
SERVED = Served(prompt=SAMPLE.prompts[0], status=200, decision="p0")
GOOD = Seen(
    served=(SERVED,),
    errand=ERRAND,
    rows=("p0", *(each.decision for each in ERRAND.steps)),
    answered=8,
    victim="a",
    usd=0.5,
    told_usd=0.50001,
)


def test_nothing_is_untrue_when_all_counts_agree() -> None:
    assert untrue(GOOD) == []


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"rows": GOOD.rows[1:]}, "the ledger has 7 rows for 8 calls"),
        ({"rows": (*GOOD.rows[1:], "stranger")}, "the ledger has 8 rows for 8 calls"),
        ({"answered": 9}, "the providers answered 9 times"),
        ({"told_usd": 0.6}, "the gateway says 0.600000 USD"),
        ({"victim": ""}, "no provider failed"),
        ({"served": (msgspec.structs.replace(SERVED, status=503, words="down"),)}, "down"),
        ({"served": (msgspec.structs.replace(SERVED, decision="e1"),)}, "id of their own"),
        ({"errand": msgspec.structs.replace(ERRAND, words="paid 1.00")}, "did not finish"),
        ({"errand": msgspec.structs.replace(ERRAND, finished=False)}, "did not finish"),
        ({"errand": msgspec.structs.replace(ERRAND, steps=ERRAND.steps[:3])}, "too few steps"),
        (
            {"errand": msgspec.structs.replace(ERRAND, steps=(*ERRAND.steps[:6], Step(
                what="x", status=200, decision="e6", target="b", tier="", reason="", attempts=1,
                task="other",
            )))},
            "for one task",
        ),
    ],
)  # fmt: skip
def test_each_disagreement_is_told(change: dict[str, object], complaint: str) -> None:
    assert complaint in " ".join(untrue(msgspec.structs.replace(GOOD, **change)))
