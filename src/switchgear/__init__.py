"""Switchgear routes, protects, meters and explains every call of an AI agent.

As a library::

    import switchgear

    async with switchgear.open("switchgear.yaml") as sg:
        answer = await sg.chat(model="auto", messages=[{"role": "user", "content": "Hello"}])
        print(answer.text, answer.target, answer.cost_usd)
"""

from switchgear.domain.caller import Key, Wishes
from switchgear.domain.errors import SwitchgearError
from switchgear.embedded import Answer, Switchgear
from switchgear.embedded import open_config as open  # noqa: A004  (as in gzip.open)

__all__ = ["Answer", "Key", "Switchgear", "SwitchgearError", "Wishes", "open"]
