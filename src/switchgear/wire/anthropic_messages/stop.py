"""Why an answer ended, in the API's words and in ours."""

from switchgear.domain.event import Stop

FROM_REASON = {
    "end_turn": Stop.END,
    "max_tokens": Stop.LENGTH,
    "model_context_window_exceeded": Stop.LENGTH,
    "tool_use": Stop.TOOL_USE,
    "stop_sequence": Stop.STOP_SEQUENCE,
    "refusal": Stop.REFUSED,
    "pause_turn": Stop.PAUSED,
}
TO_REASON = {
    Stop.END: "end_turn",
    Stop.LENGTH: "max_tokens",
    Stop.TOOL_USE: "tool_use",
    Stop.STOP_SEQUENCE: "stop_sequence",
    Stop.FILTERED: "refusal",
    Stop.REFUSED: "refusal",
    Stop.PAUSED: "pause_turn",
    Stop.OTHER: "end_turn",
}


def read_stop(reason: str) -> Stop:
    """Return what a ``stop_reason`` means; OTHER for a new one."""
    return FROM_REASON.get(reason, Stop.OTHER)


def write_stop(stop: Stop, *, tools: bool, refused: bool) -> str:
    """Return the ``stop_reason`` of an answer that asked for tools, or refused, or neither."""
    if refused:
        return "refusal"
    if tools and stop is Stop.END:
        return "tool_use"  # some servers say "stop" although they ask for tools
    return TO_REASON[stop]
