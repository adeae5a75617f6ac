"""The tools of the shop, plain functions: their results follow from a seed that no model knows."""

import atexit
import hashlib
import json
import os

ITEM = 'M8 "Schrauben" ½″ \\ 7'
PROMPT = f"What is our stock of {ITEM} worth? Use the tools."
DIGEST = hashlib.sha256(os.environ["AGENTS_SEED"].encode()).hexdigest()
MARK = 'ß☃𝄞 "quoted" \\n\n\ttab </mark>'

used: list[str] = []


def stock(item: str) -> str:
    """Say how many pieces of an item are in stock, with a mark that proves it."""
    used.append("stock")
    count = int(DIGEST[:3], 16) + 1
    return json.dumps({"item": item, "count": _known(item, count), "mark": MARK})


def price(item: str) -> str:
    """Say what one piece of an item costs, in credits."""
    used.append("price")
    return json.dumps({"item": item, "credits": _known(item, int(DIGEST[3:5], 16) + 1)})


def worth(count: int, price: int, mark: str) -> str:
    """Work out what the stock is worth; the mark is the one that the stock was told with."""
    used.append("worth")
    if mark != MARK:
        return json.dumps({"error": f"this is not the mark: {mark!r}"})
    return json.dumps({"credits": count * price, "seal": f"{DIGEST[5:17]} ✓"}, ensure_ascii=False)


def _known(item: str, figure: int) -> int:
    if item != ITEM:
        raise ValueError(f"there is no item {item!r}")
    return figure


def report(answer: object) -> None:
    """Print the answer, for whoever checks it."""
    print("\nANSWER " + json.dumps(str(answer)), flush=True)


@atexit.register
def _tell() -> None:
    print("\nUSED " + json.dumps(used), flush=True)
