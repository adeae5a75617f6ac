"""Floor 1. Google's Gemini API, version v1beta, which Vertex AI speaks too."""

from switchgear.wire.gemini.tongue import Gemini
from switchgear.wire.tongue import Tongue

TONGUE: Tongue = Gemini()

__all__ = ["TONGUE"]
