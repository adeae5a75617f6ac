"""The agent's errand: settle a refund in seven steps, with tools whose results feed each other.

Both sides are here: what the simulated models say (``next_step``) and what the tools do
(``run_tool``). A model decides its next step from the conversation alone, so an errand that a
fallback target goes on with ends well only if the whole conversation reached it.
"""

from decimal import Decimal

import msgspec

from switchgear.demo.question import Question

SYSTEM = "You are the refund desk (errand of the switchgear demo). Use the tools; invent nothing."

PLAN_TURN = (
    "Plan how to settle the claim on order A-1007: the lamp arrived broken. You must keep to the"
    " refund policy, pay only in the customer's currency, and file exactly one refund. First list"
    " what has to be looked up, then what has to be computed, and say at which point a person must"
    " be asked instead."
)
WORK_TURN = "Carry the plan out with the tools, one at a time, and tell me the amount."
NOTE_TURN = "Write one friendly sentence to the customer."
TURNS = (PLAN_TURN, WORK_TURN, NOTE_TURN)

ORDER = {"order": "A-1007", "item": "lamp", "price_usd": "46.20", "currency": "EUR"}
RATE = {"pair": "USD/EUR", "rate": "0.90"}
POLICY = {"reason": "broken", "share": "1.00", "fee_usd": "0.00"}
AMOUNT = "41.58"
"""What the refund comes to: 46.20 at 0.90."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What a model does next: say something, or ask for one tool."""

    text: str = ""
    tool: str = ""
    arguments: str = ""
    """JSON text."""


class Unknown(Exception):
    """A tool was asked for that is not there, or with arguments that do not fit."""


def _properties(*names: str) -> dict[str, object]:
    fields = {name: {"type": "string"} for name in names}
    return {"type": "object", "properties": fields, "required": list(names)}


TOOLS: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("find_order", "Look an order up.", _properties("order")),
    ("find_policy", "Tell which share of the price is paid back.", _properties("reason")),
    ("find_rate", "Tell an exchange rate.", _properties("pair")),
    ("file_refund", "File the refund; can be done once.", _properties("order", "amount")),
)
"""Name, description and JSON Schema of each."""


def next_step(question: Question) -> Step | None:
    """Return what a model does next on the errand, or None when this is no part of it."""
    if not question.system.startswith(SYSTEM):
        return None
    if question.last == PLAN_TURN:
        return Step(
            text="Look up the order, the policy and the rate; multiply; file. Over 500: ask."
        )
    if question.last == NOTE_TURN:
        return Step(text="We are sorry about your lamp; your money is on its way back to you.")
    if question.last != WORK_TURN:
        return None
    if not {name for name, _, _ in TOOLS} <= question.tools:
        return Step(text="I was offered no tools, so I cannot go on.")
    return _work(question.results)


def run_tool(name: str, arguments: str) -> str:
    """Return what the tool answers, as JSON text.

    Raises:
        Unknown: there is no such tool, or its arguments do not fit.
    """
    given = _facts(arguments)
    if name == "find_order" and given == {"order": ORDER["order"]}:
        return msgspec.json.encode(ORDER).decode()
    if name == "find_policy" and given == {"reason": POLICY["reason"]}:
        return msgspec.json.encode(POLICY).decode()
    if name == "find_rate" and given == {"pair": RATE["pair"]}:
        return msgspec.json.encode(RATE).decode()
    if name == "file_refund" and given == {"order": ORDER["order"], "amount": AMOUNT}:
        return msgspec.json.encode({"filed": "R-1", "amount": AMOUNT}).decode()
    raise Unknown(f"{name} cannot be called with {arguments}")


def _work(results: tuple[str, ...]) -> Step:
    """Return the next tool to ask for; what it is called with comes from earlier results."""
    facts: dict[str, str] = {}
    for result in results:
        facts.update(_facts(result))
    if "order" not in facts:
        return _call("find_order", order="A-1007")
    if "share" not in facts:
        return _call("find_policy", reason="broken")
    if "rate" not in facts:
        return _call("find_rate", pair=f"USD/{facts['currency']}")
    if "filed" not in facts:
        return _call("file_refund", order=facts["order"], amount=_amount(facts))
    return Step(text=f"Refund {facts['filed']} is filed: {facts['amount']} {facts['currency']}.")


def _amount(facts: dict[str, str]) -> str:
    paid = Decimal(facts["price_usd"]) * Decimal(facts["share"]) - Decimal(facts["fee_usd"])
    return str((paid * Decimal(facts["rate"])).quantize(Decimal("0.01")))


def _call(tool: str, **arguments: str) -> Step:
    return Step(tool=tool, arguments=msgspec.json.encode(arguments).decode())


def _facts(text: str) -> dict[str, str]:
    try:
        return msgspec.json.decode(text, type=dict[str, str])
    except msgspec.DecodeError as error:
        raise Unknown(f"not an object of strings: {text[:100]}") from error
