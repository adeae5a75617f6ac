"""Floor 1. OpenAI's chat completions."""

from switchgear.wire.openai_chat.tongue import OpenAIChat
from switchgear.wire.tongue import Tongue

TONGUE: Tongue = OpenAIChat()

__all__ = ["TONGUE"]
