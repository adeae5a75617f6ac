"""How a Converse request says what is to be drawn, and how long to think first.

Sampling and limits are the API's own; the rest differs between families of models and is passed
through to them: ``thinking`` and ``top_k`` to Claude, ``reasoning_effort`` to OpenAI's models,
``topK`` to Nova. Source: the model pages of the Bedrock user guide; checked in 2026.
"""

import re
from typing import Any

from switchgear.domain.dialect import Dialect
from switchgear.domain.turn import Conversation, Role
from switchgear.wire.choice import FORCED
from switchgear.wire.generation import CLAUDE, generation
from switchgear.wire.seal import begins_unsigned

MIN_BUDGET = 1024
"""Tokens. Claude takes no smaller thinking budget."""
BUDGETS = {
    "minimal": 1024,
    "low": 2048,
    "medium": 8192,
    "high": 16_384,
    "xhigh": 32_768,
    "max": 32_768,
}
"""Effort as tokens to think with, for models that take none; always less than the limit."""
EFFORTS = {
    "minimal": "low",
    "low": "low",
    "medium": "medium",
    "high": "high",
    "xhigh": "xhigh",
    "max": "max",
}
"""What later Claude models take."""
UNSAID_LIMIT = 32_768
"""Tokens. Taken for the limit, where nobody named one, when a budget is worked out."""
MIN_TOP_P_THINKING = 0.95
BY_EFFORT = re.compile(r"(?:^|\.)openai\.")
"""Models that take ``reasoning_effort``: low, medium or high."""
NOVA = re.compile(r"(?:^|\.|/)amazon\.nova")
NOT_HERE = ("seed", "frequency_penalty", "presence_penalty")


class Inference:
    """Three fields of a request, and the names of what they could not carry."""

    __slots__ = ("_conversation", "_dropped", "_model", "config", "is_claude", "more", "output")

    def __init__(
        self, conversation: Conversation, model: str, limit: int | None, dropped: dict[str, None]
    ) -> None:
        """Write them for the model of this name; ``limit`` is in tokens."""
        self._conversation = conversation
        self._model = model
        self._dropped = dropped
        self.is_claude = CLAUDE in model
        self.config: dict[str, Any] = {}
        self.more: dict[str, Any] = {}
        self.output: dict[str, Any] = {}
        if limit is not None:
            self.config["maxTokens"] = limit
        self._stop()
        thinks = self._think(limit or UNSAID_LIMIT)
        self._sample(thinks=thinks)

    def _stop(self) -> None:
        asked = self._conversation.stop
        stops = [stop for stop in asked if stop.strip()]
        if stops:
            self.config["stopSequences"] = stops
        if len(stops) < len(asked):
            self._dropped["stop"] = None

    def _think(self, limit: int) -> bool:
        """Say how long to think; return whether thinking is now on."""
        effort, budget = self._conversation.effort, self._conversation.thinking_budget
        if not effort and budget is None:
            return False
        if effort == "none" or budget == 0:
            return self._switch_off()
        if self.is_claude:
            return self._think_as_claude(limit)
        if BY_EFFORT.search(self._model) and effort:
            self.more["reasoning_effort"] = {"minimal": "low", "xhigh": "high"}.get(effort, effort)
            return False
        self._lose_thinking()
        return False

    def _switch_off(self) -> bool:
        if self.is_claude:
            self.more["thinking"] = {"type": "disabled"}
        else:
            self._lose_thinking()
        return False

    def _lose_thinking(self) -> None:
        said = self._conversation.thinking_budget is None
        self._dropped["reasoning_effort" if said else "thinking"] = None

    def _think_as_claude(self, limit: int) -> bool:
        effort, budget = self._conversation.effort, self._conversation.thinking_budget
        adaptive = generation(self._model).adaptive
        if budget is None:
            half = max(limit // 2, min(MIN_BUDGET, limit - 1))
            tokens = min(BUDGETS.get(effort, 0), half)
        else:
            tokens = min(budget, limit - 1)
        if (tokens < MIN_BUDGET and not adaptive) or self._must_not_think():
            self._lose_thinking()
            return False
        if not adaptive:
            self.more["thinking"] = {"type": "enabled", "budget_tokens": tokens}
            return True
        self.more["thinking"] = {"type": "adaptive"}
        if effort in EFFORTS:
            self.output["effort"] = EFFORTS[effort]
        elif effort:
            self._dropped["reasoning_effort"] = None
        if budget is not None:
            self._dropped["thinking.budget_tokens"] = None
        return True

    def _must_not_think(self) -> bool:
        """Say whether the model would refuse: with a forced tool, or an answer that has begun."""
        said = self._conversation
        forced = said.tool_choice and said.tool_choice.choice in FORCED
        if said.tools and forced:
            return True
        spoken = [turn for turn in said.turns if turn.role is not Role.SYSTEM]
        if not spoken or spoken[-1].role is Role.ASSISTANT:
            return bool(spoken)
        return begins_unsigned(said.turns, Dialect.BEDROCK_CONVERSE)

    def _sample(self, *, thinks: bool) -> None:
        said, dropped = self._conversation.sampling, self._dropped
        takes = self._taken(thinks=thinks)
        for name, field in (("temperature", "temperature"), ("top_p", "topP")):
            value = getattr(said, name)
            if value is not None and name in takes:
                self.config[field] = min(value, 1.0) if value > 1 else value
            if value is not None and value != 1 and (value > 1 or name not in takes):
                dropped[name] = None
        if said.top_k is not None:
            self._add_top_k(said.top_k, taken="top_k" in takes)
        for name in NOT_HERE:
            if getattr(said, name):
                dropped[name] = None

    def _taken(self, *, thinks: bool) -> frozenset[str]:
        """Return the sampling fields that may be written."""
        said, taken = self._conversation.sampling, generation(self._model)
        if not taken.samples:
            return frozenset()
        if thinks:
            high = said.top_p is not None and said.top_p >= MIN_TOP_P_THINKING
            return frozenset(("top_p",) if high else ())
        if taken.one_of_two and said.temperature is not None:
            return frozenset(("temperature", "top_k"))
        return frozenset(("temperature", "top_p", "top_k"))

    def _add_top_k(self, top_k: int, *, taken: bool) -> None:
        if self.is_claude and taken:
            self.more["top_k"] = top_k
        elif NOVA.search(self._model):
            self.more["inferenceConfig"] = {"topK": top_k}
        else:
            self._dropped["top_k"] = None
