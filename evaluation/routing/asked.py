"""A prompt as the engine sees it, by the path of a call: body, conversation, ask, traits."""

import msgspec

from switchgear.domain.ask import Ask
from switchgear.domain.caller import Caller
from switchgear.domain.dialect import Dialect
from switchgear.engine.asking import Chances, ask_of
from switchgear.wire.registry import TONGUES

ROUTE = "auto"
TONGUE = TONGUES[Dialect.OPENAI_CHAT]
KNOWN: frozenset[str] = frozenset()


def asked(prompt: str, route: str = ROUTE) -> Ask:
    """Return what the engine may know of a call with this prompt, sent to this alias."""
    body = {"model": route, "messages": [{"role": "user", "content": prompt}]}
    return ask_of(TONGUE.parse(msgspec.json.encode(body)), Caller(), KNOWN, Chances(grams=True))
