"""Every header of ours that is read or sent: one list, which the reference is made from."""

import msgspec


class Header(msgspec.Struct, frozen=True):
    """One header, and what it says."""

    name: str
    meaning: str


THEIRS = (
    ("x-claude-code-session-id", "Claude Code names its session"),
    ("x-claude-code-agent-id", "and its subagent, whose task is a part of the session"),
    ("x-claude-code-parent-agent-id", "and the agent that sent that one"),
    ("thread-id", "Codex names its thread, if it is Codex"),
    ("session-id", "and its session"),
    ("conversation_id", "Codex of before 2026 named its conversation"),
    ("session_id", "and its session"),
    ("x-codex-parent-thread-id", "and the thread that sent this one"),
    ("x-openai-subagent", "and the agent that calls"),
    ("x-session-id", "the client names its session"),
    ("x-session-affinity", "the same"),
    ("x-litellm-trace-id", "the same, as LiteLLM's clients say it"),
    ("x-litellm-session-id", "the same, as LiteLLM's clients say it"),
    ("helicone-session-id", "the same, as Helicone's clients say it"),
    ("x-dynamo-session-id", "the same, as Dynamo's clients say it"),
    ("x-parent-session-id", "beside one of those: the session that it is part of"),
    ("baggage", "OpenTelemetry's `session.id` in it"),
    ("traceparent", "OpenTelemetry's trace id in it"),
)
"""Headers of others' that may tell which task a call belongs to; the first that is there does."""

READ = (
    Header("authorization", "`Bearer` and the key; `x-api-key` may be sent instead"),
    Header("x-switchgear-task", "the task that the call belongs to: a name of yours, or its id"),
    Header("x-switchgear-parent-task", "the task that this task is part of"),
    Header("x-switchgear-agent", "the agent that calls"),
    *(Header(name, f"where nothing of ours does: {meaning}") for name, meaning in THEIRS),
    Header("x-switchgear-tier", "the least tier that may serve the call"),
    Header("x-switchgear-priority", "`interactive`, `standard` or `batch`; never above the key's"),
    Header("x-switchgear-timeout-s", "how long the caller waits for an answer to begin"),
    Header("x-stainless-read-timeout", "the same, as the official Python SDKs say it"),
    Header("x-stainless-timeout", "the same, as the official JavaScript SDKs say it"),
    Header("x-switchgear-debug", "`true` asks for the verdicts, where the key may have them"),
    Header("x-switchgear-target", "of what is passed through: the target whose provider gets it"),
    Header("idempotency-key", "calls that come with the same key and body get the same answer"),
    Header("x-switchgear-dialect", "for a preview: the dialect of the body"),
)
"""What a request may say."""

SENT = (
    Header("x-switchgear-decision", "the id that the ledger has the call under"),
    Header("x-switchgear-target", "who answered; empty when nobody did"),
    Header("x-switchgear-tier", "the tier of the target; of an error, the tier that was needed"),
    Header(
        "x-switchgear-reason",
        "why this target, in a few words, such as `escalated from small: empty`; of an error, its"
        " code",
    ),
    Header("x-switchgear-attempts", "how many times a target was tried until now"),
    Header("x-switchgear-task", "id of the task that the call belongs to, once that is known"),
    Header(
        "x-switchgear-task-source",
        "what told which task it is, and how sure that is: `x-session-id; confidence=0.95`",
    ),
    Header("x-switchgear-task-rung", "what was done because its task goes in circles, if anything"),
    Header("x-switchgear-overhead-ms", "our own part of the time to the first content"),
    Header("x-switchgear-dropped", "fields of the request that a translation could not carry"),
    Header("x-switchgear-cost-usd", "what it cost; a stream's cost is on the ledger only"),
    Header("x-switchgear-budget", "a budget near its end: whose, for how long, how full from 0.70"),
    Header("x-switchgear-replayed", "`true` when it is the answer to an earlier call"),
    Header("x-switchgear-verdicts", "each target with the letter of its reason, when asked for"),
    *(
        Header(f"x-ratelimit-{part}-{kind}", f"{told} the caller's {kind} in a minute")
        for kind in ("requests", "tokens")
        for part, told in (
            ("limit", "to callers in OpenAI's dialects: the limit of"),
            ("remaining", "how many are left of"),
            ("reset", "after how long all are there again, such as `1m30s`, of"),
        )
    ),
    *(
        Header(f"anthropic-ratelimit-{kind}-{part}", f"{told} the caller's {kind} in a minute")
        for kind in ("requests", "tokens")
        for part, told in (
            ("limit", "to callers in Anthropic's dialect: the limit of"),
            ("remaining", "how many are left of"),
            ("reset", "when all are there again, of"),
        )
    ),
    Header("x-switchgear-estimated", "`true` when a count of tokens is our estimate"),
    Header("x-should-retry", "of an error: whether the same call may be sent again"),
    Header("retry-after", "of an error: whole seconds to wait before that, where known"),
)
"""What an answer says."""
