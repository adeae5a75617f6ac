"""Tool calls that break their schema, or are not made."""

import msgspec

from switchgear.rehearsal.act.answer import healthy, say
from switchgear.rehearsal.ask import Ask
from switchgear.rehearsal.fault import Expect, Phase, row
from switchgear.rehearsal.step import Steps, respond, streamed
from switchgear.rehearsal.voice import call_parts, encode, whole_call, words_of


def unfit(ask: Ask, _: str) -> Steps:
    """Call the tool with arguments that its schema forbids."""
    wrong: dict[str, object] = {name: {"wrong": []} for name in ask.fitting}
    return _call(ask, encode(wrong or {"unexpected": []}).decode())


def cut(ask: Ask, _: str) -> Steps:
    """Call the tool with arguments that stop in the middle of their JSON."""
    return _call(ask, '{"city": "Par')


def none(ask: Ask, _: str) -> Steps:
    """Answer with words, although a tool call was demanded."""
    return say(ask, words_of(ask))


def unknown(ask: Ask, _: str) -> Steps:
    """Call a tool that nobody offered."""
    return _call(msgspec.structs.replace(ask, tool="nobody_s_tool"), "{}")


def _call(ask: Ask, arguments: str) -> Steps:
    if not ask.tool:
        return healthy(ask)
    if ask.stream:
        return streamed(call_parts(ask, arguments).all())
    return [respond(whole_call(ask, arguments))]


ROWS = (
    row(
        "tool-bad-schema",
        Phase.CONTENT,
        Expect.TOLD,
        unfit,
        "Calls the tool with arguments that its schema forbids.",
    ),
    row("tool-truncated", Phase.CONTENT, Expect.TOLD, cut, "Calls the tool with half a JSON text."),
    row(
        "tool-none",
        Phase.CONTENT,
        Expect.TOLD,
        none,
        "Answers in words where a tool call was demanded.",
    ),
    row("tool-unknown", Phase.CONTENT, Expect.TOLD, unknown, "Calls a tool that nobody offered."),
)
