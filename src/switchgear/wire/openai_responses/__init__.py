"""Floor 1. OpenAI's Responses API."""

from switchgear.wire.openai_responses.tongue import OpenAIResponses
from switchgear.wire.tongue import Tongue

TONGUE: Tongue = OpenAIResponses()

__all__ = ["TONGUE"]
