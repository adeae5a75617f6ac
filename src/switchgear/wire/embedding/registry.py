"""Every dialect that vectors are asked for in."""

from switchgear.domain.dialect import Dialect
from switchgear.wire.embedding.embedder import Embedder
from switchgear.wire.embedding.gemini import GeminiEmbedder
from switchgear.wire.embedding.openai import OpenAIEmbedder

EMBEDDERS: dict[Dialect, Embedder] = {
    Dialect.OPENAI_CHAT: OpenAIEmbedder(),
    Dialect.OPENAI_RESPONSES: OpenAIEmbedder(),
    Dialect.GEMINI: GeminiEmbedder(),
}
