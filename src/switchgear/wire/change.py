"""Features that a dialect has in another form only, and the sentence that tells it.

What is here no header names; what is changed and not here is a defect, and a test finds it.
"""

from switchgear.domain.dialect import Dialect

Changes = dict[tuple[str, Dialect], str]

CHAT = Dialect.OPENAI_CHAT
RESPONSES = Dialect.OPENAI_RESPONSES
MESSAGES = Dialect.ANTHROPIC_MESSAGES
GEMINI = Dialect.GEMINI
BEDROCK = Dialect.BEDROCK_CONVERSE

WRAPPED = "a function that takes the text as `input`"
KEPT = "kept by the gateway, for a target that keeps nothing"
ASIDE = "said by the user, between `<system>` tags"
NAMELESS = "has no name, which changes no answer"
BUDGET = "a budget of tokens"

REQUEST_CHANGES: Changes = {
    ("free-form tool", MESSAGES): WRAPPED,
    ("free-form tool", GEMINI): WRAPPED,
    ("free-form tool", BEDROCK): WRAPPED,
    ("answer to be kept", CHAT): KEPT,
    ("answer to be kept", MESSAGES): KEPT,
    ("answer to be kept", GEMINI): KEPT,
    ("answer to be kept", BEDROCK): KEPT,
    ("image from a tool, in its result", CHAT): "shown in the user message after it",
    ("document from a tool, in its result", CHAT): "shown in the user message after it",
    ("image from a tool, in its result", GEMINI): "shown in the same turn, beside it",
    ("later system prompt, as such", MESSAGES): ASIDE,
    ("later system prompt, as such", GEMINI): ASIDE,
    ("later system prompt, as such", BEDROCK): ASIDE,
    ("tool choice: none", BEDROCK): "the tools are left out",
    (
        "name of a document",
        BEDROCK,
    ): "in the letters that it takes, and with a number if it is taken",
    ("JSON schema: name", MESSAGES): NAMELESS,
    ("JSON schema: name", GEMINI): NAMELESS,
    ("effort: low", GEMINI): BUDGET,
    ("effort: medium", GEMINI): BUDGET,
    ("effort: high", GEMINI): BUDGET,
}
"""By the feature's name and the target's dialect."""

ANSWER_CHANGES: Changes = {
    ("stop: paused", CHAT): "`stop`",
    ("stop: stop_sequence", CHAT): "`stop`",
    ("stop: refused", CHAT): "`content_filter`, unless words of a refusal came",
    ("stop: filtered", CHAT): "`content_filter`",
    ("id of the answer", RESPONSES): "an id of ours, by which it can be gone on from",
    ("stop: paused", RESPONSES): "`completed`",
    ("stop: other", RESPONSES): "`completed`",
    ("stop: stop_sequence", RESPONSES): "`completed`",
    ("stop: refused", RESPONSES): "`content_filter`, unless words of a refusal came",
    ("stop: filtered", RESPONSES): "`content_filter`",
    ("refusal, as such", MESSAGES): "words, and the reason `refusal`",
    ("stop: filtered", MESSAGES): "`refusal`",
    ("id of the answer", MESSAGES): "`msg_` before it",
    ("stop: other", CHAT): "`stop`",
    ("stop: other", MESSAGES): "`end_turn`",
    ("stop: paused", MESSAGES): "`end_turn`, where the target cannot say it",
    ("stop: refused", MESSAGES): "`refusal`",
    ("refusal, as such", GEMINI): "words, and the reason `SAFETY`",
    ("stop: refused", GEMINI): "`SAFETY`",
    ("stop: filtered", GEMINI): "`SAFETY`",
    ("stop: paused", GEMINI): "`OTHER`",
    ("stop: stop_sequence", GEMINI): "`STOP`",
    ("refusal, as such", BEDROCK): "words, and the reason `content_filtered`",
    ("stop: refused", BEDROCK): "`content_filtered`",
    ("stop: filtered", BEDROCK): "`content_filtered`",
    ("stop: paused", BEDROCK): "`end_turn`",
    ("stop: other", BEDROCK): "`end_turn`",
}
"""By the feature's name and the caller's dialect."""

ANSWER_DROPS: Changes = {
    ("the stop sequence itself", CHAT): "no place for it",
    ("the stop sequence itself", RESPONSES): "no place for it",
    ("the stop sequence itself", GEMINI): "no place for it",
    ("usage: cache_written", GEMINI): "no place for it",
    ("usage: reasoning", BEDROCK): "no place for it",
    ("id of the answer", BEDROCK): "no place for it",
    ("model", BEDROCK): "no place for it: the path of the request names it",
}
"""Of an answer: what is gone, and why."""
