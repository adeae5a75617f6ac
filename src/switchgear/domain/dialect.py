"""The wire formats that calls come in and go out in."""

from enum import Enum


class Dialect(Enum):
    """One wire format. The value is what config files, headers and the ledger say."""

    OPENAI_CHAT = "openai-chat"
    OPENAI_RESPONSES = "openai-responses"
    ANTHROPIC_MESSAGES = "anthropic-messages"
    GEMINI = "gemini"
    BEDROCK_CONVERSE = "bedrock-converse"
