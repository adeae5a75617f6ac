"""Every dialect that is spoken here, by name."""

from switchgear.domain.dialect import Dialect
from switchgear.wire import (
    anthropic_messages,
    bedrock_converse,
    gemini,
    openai_chat,
    openai_responses,
)
from switchgear.wire.tongue import Tongue

TONGUES: dict[Dialect, Tongue] = {
    Dialect.OPENAI_CHAT: openai_chat.TONGUE,
    Dialect.OPENAI_RESPONSES: openai_responses.TONGUE,
    Dialect.ANTHROPIC_MESSAGES: anthropic_messages.TONGUE,
    Dialect.GEMINI: gemini.TONGUE,
    Dialect.BEDROCK_CONVERSE: bedrock_converse.TONGUE,
}
