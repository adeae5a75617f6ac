"""Money is set aside before an attempt, settled with the row, and given back where none is owed."""

import asyncio
from contextlib import suppress

import msgspec
import pytest
from typing_extensions import override

from support.cast import MID, SMALL, policy, price
from support.funded import (
    ALWAYS,
    NO_SETUP,
    Bills,
    Funded,
    a_tenant,
    answered,
    caller,
    limited,
    spending,
)
from support.stage import LoopClock, Scenery, a_call
from support.virtual_time import run
from switchgear.adapters.budgets.memory import MemoryBudgets
from switchgear.adapters.upstreams.scripted import Cuts, Refuses, Says, Script, Stalls
from switchgear.domain.account import Amount, Granted, Payer, Reservation, Shortfall, Window
from switchgear.domain.call import Call
from switchgear.domain.caller import Caller, Key
from switchgear.domain.denial import OverBudget
from switchgear.domain.edit import CapOutput
from switchgear.domain.errors import SwitchgearError, UpstreamBusy
from switchgear.domain.event import Usage
from switchgear.domain.units import NanoUsd, Tokens
from switchgear.engine.cost import cost_of
from switchgear.ports.handler import Trail

TWO = policy([SMALL, MID])
FINE = Says("hi there")
USAGE = Usage(input=Tokens(10), output=Tokens(5))


async def refused(stage: Funded, call: Call) -> SwitchgearError:
    with pytest.raises(SwitchgearError) as caught:
        await answered(stage, call)
    return caught.value


def test_what_an_answer_came_to_is_paid_with_its_row() -> None:
    async def life() -> None:
        stage = Funded({"small": FINE}, policy([SMALL]))
        await answered(stage, a_call(caller=caller(1.0)))
        await stage.aclose()
        await stage.balanced()
        assert stage.paid() == Amount(money=cost_of(USAGE, SMALL.price), tokens=Tokens(15), calls=1)
        assert stage.paid().money > 0

    run(life())


def test_a_call_that_nobody_pays_for_sets_nothing_aside() -> None:
    async def life() -> None:
        stage = Funded({"small": FINE}, policy([SMALL]))
        await answered(stage, a_call())
        assert stage.bills.charges["c1"] == ()
        assert stage.upstream.orders[0].edits == ()

    run(life())


def test_the_most_that_is_left_is_put_in_where_the_caller_named_no_limit() -> None:
    async def life() -> None:
        stage = Funded({"small": FINE}, policy([SMALL]))
        await answered(stage, a_call(caller=caller(tokens=1_000)))
        (cap,) = stage.upstream.orders[0].edits
        assert isinstance(cap, CapOutput)
        assert 900 < cap.tokens < 1_000
        await stage.aclose()
        await stage.balanced()

    run(life())


def test_with_plenty_left_the_cap_is_what_the_target_can_or_what_the_owner_says() -> None:
    async def life() -> None:
        for setup, most in ((NO_SETUP, SMALL.max_output), (spending(usual_output=700), 700)):
            stage = Funded({"small": FINE}, policy([SMALL]), setup=setup)
            await answered(stage, a_call(caller=caller(9.0)))
            assert stage.upstream.orders[0].edits == (CapOutput(most),)

    run(life())


def test_a_limit_that_the_caller_named_is_never_lowered() -> None:
    async def life() -> None:
        stage = Funded({"small": FINE}, policy([SMALL]))
        error = await refused(stage, limited(a_call(caller=caller(tokens=1_000)), 2_000))
        assert isinstance(error, OverBudget)
        assert stage.upstream.orders == []
        await answered(stage, limited(a_call("c2", caller=caller(tokens=1_000)), 900))
        assert stage.upstream.orders[0].edits == ()

    run(life())


def test_each_choice_that_is_asked_for_may_have_the_whole_limit() -> None:
    async def life() -> None:
        stage = Funded({"small": FINE}, policy([SMALL]))
        call = limited(a_call(caller=caller(tokens=1_000)), 400, choices=3)
        assert isinstance(await refused(stage, call), OverBudget)
        await answered(stage, limited(a_call("c2", caller=caller(tokens=1_000)), 400, choices=2))

    run(life())


def test_less_than_is_of_any_use_is_not_given() -> None:
    async def life() -> None:
        stage = Funded({"small": FINE}, policy([SMALL]))
        assert isinstance(await refused(stage, a_call(caller=caller(tokens=200))), OverBudget)
        lower = Funded({"small": FINE}, policy([SMALL]), setup=spending(least_output=100))
        await answered(lower, a_call(caller=caller(tokens=200)))

    run(life())


def test_nought_is_nothing_and_not_no_limit() -> None:
    async def life() -> None:
        for most in ({"usd": 0.0}, {"tokens": 0}, {"calls": 0}):
            stage = Funded({"small": FINE}, policy([SMALL]))
            error = await refused(stage, a_call(caller=caller(**most)))
            assert (error.code, error.status) == ("over_budget", 402)
            assert error.retry_after is None
            assert stage.upstream.orders == []

    run(life())


def test_what_costs_nothing_goes_through_with_no_money_at_all() -> None:
    async def life() -> None:
        free = msgspec.structs.replace(SMALL, price=price(0, 0))
        stage = Funded({"small": FINE}, policy([free]))
        await answered(stage, a_call(caller=caller(0.0)))
        await stage.aclose()
        assert stage.upstream.orders[0].edits == ()
        assert stage.paid().money == 0

    run(life())


def test_a_cheaper_target_answers_where_the_first_is_too_dear_and_the_row_says_why() -> None:
    async def life() -> None:
        dear = msgspec.structs.replace(SMALL, id="dear", price=price(500, 500))
        rules = policy([dear, MID], aliases={"auto": _alias("dear", "mid")})
        first = msgspec.structs.replace(rules, rules=())
        stage = Funded({"dear": FINE, "mid": FINE}, first)
        call = limited(a_call(model="auto", caller=caller(0.01)), 500)
        decided = stage.router.decide(call).decision.plan
        await answered(stage, call)
        await stage.aclose()
        assert set(decided) == {"dear", "mid"}
        assert stage.entry().target == "mid"
        if decided[0] == "dear":
            assert stage.entry().skipped == ("dear(over_budget)",)
        await stage.balanced()

    run(life())


def _alias(*targets: str) -> object:
    alias = policy().aliases["auto"]
    return msgspec.structs.replace(alias, targets=targets, strategy=None, stands_for="")


def test_who_cannot_pay_anywhere_is_told_of_the_first_budget_in_the_way() -> None:
    async def life() -> None:
        stage = Funded({"small": FINE, "mid": FINE}, TWO)
        error = await refused(stage, limited(a_call(caller=caller(0.0001)), 4_000))
        assert isinstance(error, OverBudget)
        assert "This key's budget for all time" in str(error)
        await stage.aclose()
        skipped = stage.entry().skipped
        assert skipped
        assert all(each.endswith("(over_budget)") for each in skipped)
        assert stage.entry().code == "over_budget"
        await stage.balanced()

    run(life())


def test_a_window_that_renews_says_when() -> None:
    async def life() -> None:
        tenants = a_tenant("acme", Window.HOUR, tokens=5_000)
        setup = msgspec.structs.replace(NO_SETUP, tenants=tenants)
        stage = Funded(
            {"small": Says("x", usage=Usage(input=Tokens(4_900)))}, policy([SMALL]), setup=setup
        )
        theirs = Caller(key=Key(id="k", tenant="acme"))
        await answered(stage, a_call(caller=theirs))
        error = await refused(stage, a_call("c2", caller=theirs))
        assert error.retry_after == pytest.approx(3_600, abs=1)
        assert "acme" not in str(error)
        await asyncio.sleep(3_600)
        await answered(stage, a_call("c3", caller=theirs))

    run(life())


def test_a_target_that_refused_costs_nothing_and_holds_nothing_for_the_next() -> None:
    async def life() -> None:
        stage = Funded({"small": Refuses(UpstreamBusy, 429), "mid": FINE}, TWO)
        await answered(stage, limited(a_call(caller=caller(tokens=1_000)), 900))
        await stage.aclose()
        assert [each.code for each in stage.entry().attempts] == ["upstream_busy", ""]
        assert stage.paid() == Amount(money=cost_of(USAGE, MID.price), tokens=Tokens(15), calls=1)
        await stage.balanced()

    run(life())


def test_a_target_that_fell_silent_may_have_billed_the_input() -> None:
    async def life() -> None:
        stage = Funded({"small": Stalls("hi", 0), "mid": FINE}, TWO)
        await answered(stage, a_call(caller=caller(1.0)))
        await stage.aclose()
        silent, good = stage.entry().attempts
        assert (silent.code, silent.estimated, good.estimated) == ("upstream_silent", True, False)
        assert silent.usage is not None
        assert silent.usage.input > 0
        assert silent.cost > 0
        assert stage.paid().calls == 1
        await stage.balanced()

    run(life())


def test_what_a_silent_target_did_not_need_is_there_for_the_next() -> None:
    async def life() -> None:
        stage = Funded({"small": Stalls("hi", 0), "mid": FINE}, TWO)
        await answered(stage, limited(a_call(caller=caller(tokens=1_000)), 700))
        await stage.aclose()
        assert stage.entry().target == "mid"
        await stage.balanced()

    run(life())


class Noting(MemoryBudgets):
    """Remembers what was asked."""

    def __init__(self) -> None:
        super().__init__(LoopClock())
        self.asked: list[Reservation] = []

    @override
    async def reserve(self, asked: Reservation) -> Granted | Shortfall:
        self.asked.append(asked)
        return await super().reserve(asked)


def test_who_goes_on_with_an_answer_reads_what_there_is_of_it_as_input() -> None:
    async def life() -> None:
        bills = Bills()
        bills.budgets = noting = Noting()
        scripts: dict[str, Script] = {"small": Cuts("word " * 400, 300), "mid": FINE}
        stage = Funded(scripts, TWO, Scenery(ledger=bills))
        await answered(stage, limited(a_call(caller=caller(1.0)), 5_000))
        await stage.aclose()
        first, rescue = noting.asked
        assert rescue.amount.tokens >= first.amount.tokens + 300
        await stage.balanced()

    run(life())


def test_a_caller_that_leaves_pays_for_what_was_seen() -> None:
    async def life() -> None:
        stage = Funded({"small": Stalls("one two three four", 3)}, policy([SMALL]))
        reply = await stage.handler(a_call(caller=caller(1.0)), Trail())
        async for piece in reply.pieces:
            if b"two" in (piece.raw or b""):
                break
        reply.close()
        await stage.aclose()
        (left,) = stage.entry().attempts
        assert left.estimated
        assert left.usage is not None
        assert 0 < left.usage.output < 10
        assert stage.entry().cost == left.cost > 0
        await stage.balanced()

    run(life())


def test_a_cut_answer_and_its_rescue_are_two_attempts_and_one_call() -> None:
    async def life() -> None:
        stage = Funded({"small": Cuts("hi there", 1), "mid": FINE}, TWO)
        await answered(stage, a_call(caller=caller(1.0)))
        await stage.aclose()
        assert [each.role.value for each in stage.entry().attempts] == ["first", "rescue"]
        assert len(stage.bills.charges["c1"]) == 2
        assert stage.paid().calls == 1
        await stage.balanced()

    run(life())


def test_a_store_that_is_down_stops_calls_with_budgets_and_no_others() -> None:
    async def life() -> None:
        stage = Funded({"small": FINE}, policy([SMALL]))
        stage.budgets.down = True
        error = await refused(stage, a_call(caller=caller(1.0)))
        assert (error.code, error.status) == ("ledger_down", 503)
        await answered(stage, a_call("c2"))
        await stage.aclose()
        assert len(stage.claims) == 0

    run(life())


def test_a_call_counts_once_however_many_targets_it_took() -> None:
    async def life() -> None:
        stage = Funded({"small": Stalls("", -1), "mid": FINE}, TWO, Scenery(slots=4))
        await answered(stage, a_call(caller=caller(calls=1)))
        assert isinstance(await refused(stage, a_call("c2", caller=caller(calls=1))), OverBudget)
        await stage.aclose()
        await stage.balanced()
        assert (await stage.level(ALWAYS)).calls == 1

    run(life())


def test_three_hundred_at_once_never_spend_more_than_there_is() -> None:
    async def life() -> None:
        stage = Funded({"small": FINE}, policy([SMALL]), Scenery(slots=400))
        most = caller(tokens=50_000)

        async def one(number: int) -> None:
            with suppress(OverBudget):
                await answered(stage, a_call(f"c{number}", caller=most))

        await asyncio.gather(*[one(number) for number in range(300)])
        await stage.aclose()
        await stage.balanced()
        assert NanoUsd(0) < (await stage.level()).money
        assert (await stage.level()).tokens <= 50_000

    run(life())


def test_each_end_user_has_its_own_whatever_was_known_of_the_key_before() -> None:
    async def life() -> None:
        users = a_tenant("", Window.TOTAL, calls=1)[""].budgets
        own = tuple([msgspec.structs.replace(each, payer=Payer.USER) for each in users])
        stage = Funded(
            {"small": FINE},
            policy([SMALL]),
            Scenery(slots=9),
            msgspec.structs.replace(NO_SETUP, user_budgets=own),
        )

        def by(user: str, name: str) -> Call:
            call = a_call(name, caller=caller(calls=9))
            talk = msgspec.structs.replace(call.body.conversation, end_user=user)
            return msgspec.structs.replace(
                call,
                body=msgspec.structs.replace(call.body, conversation=talk),  # type: ignore[type-var]  # a Struct
            )

        for number, user in enumerate(("", "ann", "bob", "")):
            await answered(stage, by(user, f"c{number}"))
        assert isinstance(await refused(stage, by("ann", "c8")), OverBudget)
        await answered(stage, by("", "c9"))

    run(life())
