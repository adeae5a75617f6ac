"""The dialects that hand-written providers of tests speak; ``make parity`` has every pair."""

from switchgear.domain.dialect import Dialect

SPOKEN = (Dialect.OPENAI_CHAT, Dialect.ANTHROPIC_MESSAGES)
