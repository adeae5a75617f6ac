"""Conversations that grow call by call as agents make them, and what a prompt cache sees of each.

The *prefix* of a request is what its provider caches by: tools, then the system prompt, then all
messages, as the bytes that stand in the body, without the closing bracket of the messages. Marks
that say where a cache ends are not part of it: an agent moves them on with every call, and what is
cached is the content. Of two calls in a row, the second's prefix must begin with the first's.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from switchgear.domain.dialect import Dialect
from switchgear.wire.registry import TONGUES
from switchgear.wire.specimen import PNG

Json = dict[str, Any]

HERE: Json = {"type": "ephemeral"}
MARKS = re.compile(
    rb',"cache_control":\{[^{}]*\}|"cache_control":\{[^{}]*\},?|,?\{"cachePoint":\{[^{}]*\}\}'
)
ORDER: dict[Dialect, tuple[tuple[str, ...], str]] = {
    Dialect.OPENAI_CHAT: (("tools",), "messages"),
    Dialect.OPENAI_RESPONSES: (("tools", "instructions"), "input"),
    Dialect.ANTHROPIC_MESSAGES: (("tools", "system"), "messages"),
    Dialect.GEMINI: (("tools", "toolConfig", "systemInstruction"), "contents"),
    Dialect.BEDROCK_CONVERSE: (("toolConfig", "system"), "messages"),
}
"""Where a dialect has what comes before the messages, and where the messages."""

NAMES = (
    *("Bash", "Read", "Write", "Edit", "MultiEdit", "Glob", "Grep", "LS", "Task", "TodoWrite"),
    *("WebFetch", "WebSearch", "NotebookRead", "NotebookEdit", "ExitPlanMode", "KillShell"),
    *("BashOutput", "Skill", "SlashCommand", "AskUserQuestion"),
)
PARALLEL_EACH = 4
"""Every so many steps ask for two tools at once."""
DONE_EACH = 9
"""Every so many steps end with words, and the user asks for something else."""
FAILS_EACH = 7
SHOWS_EACH = 11
"""Every so many steps give back a picture."""


def head_of(dialect: Dialect, body: bytes) -> bytes:
    """Return the prefix of a request, as this module defines it."""
    before, messages = ORDER[dialect]
    told = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    fixed = b"".join(name.encode() + bytes(told[name]) for name in before if name in told)
    return MARKS.sub(b"", fixed + b"\n" + bytes(told[messages]).rstrip().removesuffix(b"]"))


def claude_code(calls: int) -> Iterator[bytes]:
    """Yield the requests of one session as Claude Code sends them."""
    messages: list[Json] = [_user("Find out why the build fails, and mend it.")]
    for step in range(calls):
        yield msgspec.json.encode(
            {
                "model": "auto",
                "max_tokens": 32_000,
                "system": SYSTEM,
                "messages": _marked(messages),
                "tools": TOOLS,
                "thinking": {"type": "enabled", "budget_tokens": 16_000},
                "metadata": {"user_id": "user_1_account__session_2"},
                "stream": True,
            }
        )
        messages += _step(step)


def _step(step: int) -> list[Json]:
    """Return what one answer of the model, and what follows it, adds."""
    if step % DONE_EACH == DONE_EACH - 1:
        said = [_thought(step), {"type": "text", "text": f"Done: part {step}."}]
        return [_assistant(said), _user(f"Now see to part {step + 1}, too.")]
    number = 2 if step % PARALLEL_EACH == 0 else 1
    ids = [f"toolu_{step:03d}{place}" for place in range(number)]
    uses = [
        {"type": "tool_use", "id": id_, "name": NAMES[(step + place) % len(NAMES)], "input": given}
        for place, id_ in enumerate(ids)
        for given in [{"path": f"/src/{step}.py", "limit": step, "why": 'a "quoted" é\n'}]
    ]
    said = [_thought(step), *([{"type": "text", "text": "I look."}] if step % 3 else []), *uses]
    return [_assistant(said), {"role": "user", "content": [_result(step, id_) for id_ in ids]}]


def _result(step: int, id_: str) -> Json:
    content: list[Json] = [{"type": "text", "text": f"line {step}\n\tmore of it ☃ {id_}"}]
    if step % SHOWS_EACH == SHOWS_EACH - 1:
        source = {"type": "base64", "media_type": "image/png", "data": PNG}
        content.append({"type": "image", "source": source})
    found: Json = {"type": "tool_result", "tool_use_id": id_, "content": content}
    return found | ({"is_error": True} if step % FAILS_EACH == FAILS_EACH - 1 else {})


def _thought(step: int) -> Json:
    return {
        "type": "thinking",
        "thinking": f"What about {step}?",
        "signature": f"c2lnbmVk{step:04d}",
    }


def _user(text: str) -> Json:
    return {"role": "user", "content": [{"type": "text", "text": text}]}


def _assistant(said: list[Json]) -> Json:
    return {"role": "assistant", "content": said}


def _marked(messages: Sequence[Json]) -> list[Json]:
    """Return the messages with the cache's end marked on the last two of the user's."""
    users = [place for place, each in enumerate(messages) if each["role"] == "user"][-2:]
    return [
        {**each, "content": [*each["content"][:-1], {**each["content"][-1], "cache_control": HERE}]}
        if place in users
        else each
        for place, each in enumerate(messages)
    ]


def _schema(name: str) -> Json:
    return {
        "type": "object",
        "properties": {
            "path": {"type": "string", "description": f"The path for {name}"},
            "limit": {"type": "integer"},
            "why": {"type": "string"},
        },
        "required": ["path"],
        "additionalProperties": False,
    }


SYSTEM: list[Json] = [
    {"type": "text", "text": "You are a coding agent.", "cache_control": HERE},
    {"type": "text", "text": "Working directory: /src\n" * 40, "cache_control": HERE},
]
TOOLS: list[Json] = [
    {"name": name, "description": f"{name}: does it.", "input_schema": _schema(name)}
    for name in NAMES
]


def codex(calls: int) -> Iterator[bytes]:
    """Yield the requests of one session as Codex sends them: all that was said, each time."""
    items: list[Json] = [
        {"type": "message", "role": "developer", "content": [_input("Sandbox: read-only.")]},
        {"type": "message", "role": "user", "content": [_input("Why does the build fail?")]},
    ]
    for step in range(calls):
        yield msgspec.json.encode(
            {
                "model": "auto",
                "instructions": "You are a coding agent in a terminal.\n" * 20,
                "input": items,
                "tools": [*FUNCTIONS, PATCH],
                "tool_choice": "auto",
                "parallel_tool_calls": False,
                "reasoning": {"effort": "medium", "summary": "auto"},
                "store": False,
                "stream": True,
                "include": ["reasoning.encrypted_content"],
                "prompt_cache_key": "session-2",
            }
        )
        items = [*items, *_item_step(step)]


def _item_step(step: int) -> list[Json]:
    thought = {
        "type": "reasoning",
        "id": f"rs_{step:03d}",
        "summary": [{"type": "summary_text", "text": f"What about {step}?"}],
        "encrypted_content": f"ZW5jcnlwdGVk{step:04d}",
    }
    if step % DONE_EACH == DONE_EACH - 1:
        said = {"type": "output_text", "text": f"Done: part {step}.", "annotations": []}
        answer = {"type": "message", "id": f"msg_{step}", "role": "assistant", "content": [said]}
        answer["status"] = "completed"
        user = {"type": "message", "role": "user", "content": [_input(f"And part {step}?")]}
        return [thought, answer, user]
    call = f"call_{step:03d}"
    told = {"type": "function_call_output", "call_id": call, "output": f"line {step} ☃"}
    if step % PARALLEL_EACH == PARALLEL_EACH - 1:
        patch = f"*** Begin Patch\n{step}\n*** End Patch"
        used = {"type": "custom_tool_call", "call_id": call, "name": "apply_patch", "input": patch}
        return [thought, used, {**told, "type": "custom_tool_call_output"}]
    given = msgspec.json.encode({"path": f"/src/{step}", "why": 'a "quoted" é\n'}).decode()
    used = {"type": "function_call", "call_id": call, "name": "Bash", "arguments": given}
    return [thought, used, told]


def _input(text: str) -> Json:
    return {"type": "input_text", "text": text}


FUNCTIONS: list[Json] = [
    {
        "type": "function",
        "name": name,
        "description": f"{name}: does it.",
        "strict": False,
        "parameters": _schema(name),
    }
    for name in NAMES
]
PATCH: Json = {"type": "custom", "name": "apply_patch", "description": "Takes a patch."}


def chatty(calls: int) -> Iterator[bytes]:
    """Yield the requests of the same session as a chat client sends them."""
    chat, messages = TONGUES[Dialect.OPENAI_CHAT], TONGUES[Dialect.ANTHROPIC_MESSAGES]
    for body in claude_code(calls):
        yield chat.write(messages.parse(body).conversation, ())[0]


TALKS: dict[Dialect, Callable[[int], Iterator[bytes]]] = {
    Dialect.OPENAI_CHAT: chatty,
    Dialect.OPENAI_RESPONSES: codex,
    Dialect.ANTHROPIC_MESSAGES: claude_code,
}
"""What callers of each dialect send."""
