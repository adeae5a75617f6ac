"""The rows of the matrix: every feature, and how it is tried."""

from collections.abc import Awaitable, Callable

import msgspec
from parity.content import asking, saying
from parity.stage import Stage

from parity import ascent, dialogue, handover, identity, reader, service, thought, vector, verdict
from switchgear.domain.event import Stop
from switchgear.wire.utterance import TOLD

Act = Callable[[Stage], Awaitable[None]]


class Row(msgspec.Struct, frozen=True):
    """One feature."""

    name: str
    sentence: str
    """What holds, where it holds."""
    act: Act


def _row(name: str, act: Act) -> Row:
    return Row(name, (act.__doc__ or "").partition("\n")[0], act)


STOPS = tuple(f"stop: {each.value}" for each in Stop)

ROWS: tuple[Row, ...] = (
    _row("routing", service.routing),
    _row("preview", service.preview),
    _row("fallback before content", service.fallback),
    _row("rescue after content", service.rescue),
    _row("escalation: empty", ascent.empty),
    _row("escalation: off its schema", ascent.shaped),
    _row("escalation: no better", ascent.kept),
    _row("cancel", service.cancel),
    _row("caps", service.caps),
    _row("limits", service.crowd),
    _row("rates", service.rates),
    _row("budgets", service.budgets),
    _row("breaker", service.breaker),
    _row("idempotency", service.idempotency),
    _row("ledger row", service.ledger),
    _row("headers", service.headers),
    _row("a task by its name", identity.named),
    _row("a task by its answers", identity.inferred),
    _row("a task handed over", handover.handed),
    _row("an outcome that is said", verdict.said),
    _row("an outcome that is seen", verdict.asked_again),
    _row("error: malformed body", service.malformed),
    _row("error: unknown key", service.stranger),
    _row("error: unknown model", service.nowhere),
    _row("error: target out of room", service.busy),
    _row("error: target fails", service.failing),
    _row("error in mid-stream", service.broken_stream),
    Row("words", "What is said is said.", asking("words of the user", "several texts in a turn")),
    Row(
        "system prompt",
        "It stands first, and later ones are told too.",
        asking("system prompt", "words of a later system prompt", "later system prompt, as such"),
    ),
    Row(
        "turns",
        "Who said what stays so.",
        asking("turns of user and assistant", "words beside a tool call"),
    ),
    Row(
        "tools",
        "Offered, called, and their arguments whole.",
        asking("tools", "strict tool", "free-form tool", "tool call"),
    ),
    Row(
        "tool calls of an answer",
        "The model's calls reach the caller.",
        saying("tool call", "words before a tool call"),
    ),
    Row(
        "parallel tools",
        "Several calls at once, each with its own arguments.",
        asking("parallel tool calls", "no parallel tool calls"),
    ),
    Row(
        "parallel tool calls of an answer",
        "Several at once reach the caller, each whole.",
        saying("parallel tool calls"),
    ),
    Row(
        "tool results",
        "What tools gave back, pictures, files and failures too.",
        asking(
            "tool result",
            "words of a tool result",
            "tool result that failed",
            "image from a tool",
            "image from a tool, in its result",
            "document from a tool",
            "document from a tool, in its result",
        ),
    ),
    Row(
        "tool choice",
        "None, any, or this one.",
        asking("tool choice: none", "tool choice: required", "tool choice: named"),
    ),
    Row(
        "images",
        "Inline and by address.",
        asking("image, inline", "image, by address", "image detail"),
    ),
    Row(
        "documents",
        "PDF and plain text.",
        asking("PDF, inline", "PDF, by address", "plain text as a document", "name of a document"),
    ),
    Row(
        "JSON schema",
        "The shape that the answer must have.",
        asking("JSON object", "JSON schema", "JSON schema: strict", "JSON schema: name"),
    ),
    Row(
        "thinking asked for",
        "As an effort, as a budget, or not at all.",
        asking(
            "effort: low",
            "effort: medium",
            "effort: high",
            "thinking budget",
            "thinking switched off",
        ),
    ),
    Row(
        "thinking of an answer",
        "Its words, its signature, and what is hidden.",
        saying("thinking", "signature of thinking", "hidden thinking"),
    ),
    _row("thinking in a request", thought.sent),
    _row("thinking with signature, back again", thought.back),
    Row("refusal", "Its words reach the caller.", saying("words of a refusal", "refusal, as such")),
    Row(
        "usage",
        "Input, output, cached and reasoning tokens.",
        saying(*(f"usage: {name}" for name in TOLD)),
    ),
    *(Row(name, f"An answer may end so ({name[6:]}).", saying(name)) for name in STOPS),
    Row(
        "stop sequences",
        "Asked for, and told.",
        asking("stop sequences"),
    ),
    Row("stop sequence of an answer", "Which one it was.", saying("the stop sequence itself")),
    Row(
        "sampling",
        "Temperature and the others.",
        asking(
            "temperature",
            "temperature above 1",
            "top_p",
            "top_k",
            "seed",
            "frequency_penalty",
            "presence_penalty",
        ),
    ),
    Row("user and metadata", "Who asks, and what for.", asking("end user", "metadata")),
    Row(
        "prompt cache key", "The key by which a prompt cache is found.", asking("prompt cache key")
    ),
    Row("model and id", "The answer says who gave it.", saying("model", "id of the answer")),
    Row(
        "prompt-cache marks",
        "Where the caller wants the cache to end.",
        asking("prompt cache mark", "prompt cache mark on a tool"),
    ),
    _row("prompt-cache prefix", dialogue.prefix),
    _row("count of tokens", dialogue.counting),
    _row("embeddings", vector.embedding),
    _row("previous answer's id", dialogue.previous),
    _row("the SDK's own reader", reader.readers),
    _row("body untouched", dialogue.untouched),
    _row("unknown fields", dialogue.unknown),
    _row("dropped fields named", dialogue.dropping),
)
"""Every row, in the order of the page."""
