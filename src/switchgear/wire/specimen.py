"""Small conversations and answers with one feature each, to see what becomes of it elsewhere.

A feature is looked at as it stands in our words, so that two dialects can be compared that write it
differently. What a specimen looks at is None, empty or False where the feature is not there.
"""

from collections.abc import Callable
from enum import Enum

import msgspec

from switchgear.domain.dialect import Dialect
from switchgear.domain.turn import (
    AnswerFormat,
    Choice,
    Conversation,
    Document,
    Image,
    Part,
    Role,
    Sampling,
    Text,
    Thinking,
    Tool,
    ToolChoice,
    ToolResult,
    ToolUse,
    Turn,
)

PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)
"""One transparent pixel."""
PDF = "JVBERi0xLjQKJcOkw7zDtsOfCjIgMCBvYmoKPDwvTGVuZ3RoIDMgMCBSPj4Kc3RyZWFtCg=="
PLAIN = "SGVsbG8sIHdvcmxkLg=="
ADDRESS = "https://files.example/1"
SCHEMA = msgspec.Raw(
    b'{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],'
    b'"additionalProperties":false}'
)
LIMIT = 64_000
"""Tokens: room for any effort to think."""
HELLO = Turn(Role.USER, (Text("What is the weather in Oslo?"),))
WEATHER = Tool(name="weather", description="Tells the weather of a city.", schema=SCHEMA)
TIME = Tool(name="time", description="Tells the time in a city.", schema=SCHEMA)
PATCH = Tool(
    name="patch",
    description="Takes a patch.",
    schema=msgspec.Raw(
        b'{"type":"object","properties":{"input":{"type":"string"}},"required":["input"],'
        b'"additionalProperties":false}'
    ),
    freeform=True,
)
ASKED = ToolUse(id="call_1", name="weather", arguments='{"city":"Oslo"}')
ALSO = ToolUse(id="call_2", name="time", arguments='{"city":"Rome"}')
TOLD = ToolResult(id="call_1", parts=(Text("Rain."),))
ORDER = "Answer in one word."
SIGNED = "c2lnbmVkIGJ5IHRoZSBtb2RlbA=="
HIDDEN = "aGlkZGVuIGJ5IHRoZSBtb2RlbA=="


class Signer(Enum):
    """Whose provider signed the thinking in a specimen."""

    NOBODY = "nobody"
    CALLERS = "caller"
    """One of the caller's own dialect, which it was talking to before."""
    TARGETS = "target"
    """One of the target's dialect: it comes back to where it was made."""


class Specimen(msgspec.Struct, frozen=True, kw_only=True):
    """One feature of a request."""

    name: str
    ask: Conversation
    """A conversation that has it."""
    look: Callable[[Conversation], object]
    """What is to be the same afterwards."""
    signer: Signer = Signer.NOBODY


def talk(*turns: Turn, **more: object) -> Conversation:
    """Return a conversation; it has a limit, which some dialects cannot do without."""
    plain = Conversation(model="auto", turns=turns or (HELLO,), max_output=LIMIT)
    return msgspec.structs.replace(plain, **more)


def users(*parts: Part) -> Conversation:
    """Return a conversation in which the user says this."""
    return talk(Turn(Role.USER, parts))


def tooled(*turns: Turn, **more: object) -> Conversation:
    """Return a conversation with two tools."""
    return talk(*turns, **{"tools": (WEATHER, TIME), **more})


def answered(result: ToolResult, *calls: ToolUse) -> Conversation:
    """Return a conversation in which a tool has been called, and gave this back."""
    said = Turn(Role.ASSISTANT, (Text("Let me look."), *(calls or (ASKED,))))
    return tooled(HELLO, said, Turn(Role.USER, (result,)))


def thought(part: Thinking, *, then: ToolUse | None = ASKED) -> Conversation:
    """Return a conversation in which the model thought before it called a tool."""
    said = Turn(Role.ASSISTANT, (part, then or Text("Rain.")))
    after = Turn(Role.USER, (TOLD,) if then else (Text("Thank you."),))
    return tooled(HELLO, said, after)


def parts_of(conversation: Conversation, kind: type[Part]) -> list[Part]:
    """Return the parts of one kind, those inside of tool results too."""
    found: list[Part] = []
    for turn in conversation.turns:
        for part in turn.parts:
            if isinstance(part, kind):
                found.append(part)
            if isinstance(part, ToolResult):
                found += [inner for inner in part.parts if isinstance(inner, kind)]
    return found


def _has_order(conversation: Conversation) -> object:
    """Say whether the words of ``SYSTEM`` are anywhere, perhaps among others."""
    return any(ORDER in it.text for it in parts_of(conversation, Text) if isinstance(it, Text))


def _texts(role: Role) -> Callable[[Conversation], object]:
    def look(conversation: Conversation) -> object:
        turns = [turn for turn in conversation.turns if turn.role is role]
        return "\n".join(
            part.text for turn in turns for part in turn.parts if isinstance(part, Text)
        )

    return look


def _each(kind: type[Part], *names: str) -> Callable[[Conversation], object]:
    """Return these fields of each part of one kind."""

    def look(conversation: Conversation) -> object:
        found = [tuple(getattr(part, it) for it in names) for part in parts_of(conversation, kind)]
        return [each for each in found if any(each)]

    return look


def _results(kind: type[Part], *names: str) -> Callable[[Conversation], object]:
    """Return these fields of what tools gave back."""

    def look(conversation: Conversation) -> object:
        results = [it for it in parts_of(conversation, ToolResult) if isinstance(it, ToolResult)]
        inner = [part for it in results for part in it.parts if isinstance(part, kind)]
        return [tuple(getattr(part, it) for it in names) for part in inner]

    return look


def _tools(*names: str) -> Callable[[Conversation], object]:
    def look(conversation: Conversation) -> object:
        found = [tuple(_plain(getattr(it, name)) for name in names) for it in conversation.tools]
        return [each for each in found if any(each)]

    return look


def _plain(value: object) -> object:
    """Return JSON as what it says, however it is written."""
    return msgspec.json.decode(value) if isinstance(value, msgspec.Raw) else value


def _calls(conversation: Conversation) -> object:
    found = [it for it in parts_of(conversation, ToolUse) if isinstance(it, ToolUse)]
    return [(it.id, it.name, msgspec.json.decode(it.arguments or "{}")) for it in found]


def _said(name: str) -> Callable[[Conversation], object]:
    return lambda conversation: getattr(conversation, name)


def _sampled(name: str) -> Callable[[Conversation], object]:
    return lambda conversation: getattr(conversation.sampling, name)


def _format(*names: str) -> Callable[[Conversation], object]:
    def look(conversation: Conversation) -> object:
        asked = conversation.format
        return asked and ["it is asked for", *(_plain(getattr(asked, name)) for name in names)]

    return look


def _choice(conversation: Conversation) -> object:
    choice = conversation.tool_choice
    return choice and (choice.choice is not Choice.AUTO) and (choice.choice.value, choice.name)


def _parallel(conversation: Conversation) -> object:
    choice = conversation.tool_choice
    return [choice.parallel] if choice and choice.parallel is not None else None


def _roles(conversation: Conversation) -> object:
    return [turn.role.value for turn in conversation.turns]


def _thinks(conversation: Conversation) -> object:
    return conversation.effort or conversation.thinking_budget


def _budget(conversation: Conversation) -> object:
    return conversation.thinking_budget or conversation.effort


def _switched_off(conversation: Conversation) -> object:
    return conversation.thinking_budget == 0 or conversation.effort == "none"


def _marked(conversation: Conversation) -> object:
    found = [it for kind in MARKABLE for it in parts_of(conversation, kind)]
    return [type(it).__name__ for it in found if getattr(it, "cache", False)]


MARKABLE = (Text, Image, Document, ToolUse, ToolResult)


def _choosing(choice: Choice, name: str = "", *, parallel: bool | None = None) -> Conversation:
    return tooled(tool_choice=ToolChoice(choice=choice, name=name, parallel=parallel))


def _of(name: str, ask: Conversation, look: Callable[[Conversation], object]) -> Specimen:
    return Specimen(name=name, ask=ask, look=look)


def _sampling(name: str, value: float) -> Specimen:
    asked = talk(sampling=Sampling(**{name: value}))  # type: ignore[arg-type]  # a field of its type
    return _of(name, asked, _sampled(name))


SYSTEM = Turn(Role.SYSTEM, (Text(ORDER),))
ANSWER = Turn(Role.ASSISTANT, (Text("Rain."),))
AGAIN = Turn(Role.USER, (Text("And in Rome?"),))
IMAGE = Image(media_type="image/png", data=PNG)
FILE = Document(media_type="application/pdf", data=PDF, name="report.pdf")

SHOWN = answered(ToolResult(id="call_1", parts=(Text("Here."), IMAGE)))
READ = answered(ToolResult(id="call_1", parts=(Text("Here."), FILE)))

PLAINLY = talk()
"""What has no feature but words and a limit."""

SPECIMENS: tuple[Specimen, ...] = (
    _of("words of the user", users(Text('Ünïcode ☃ 𝄞 "quoted"\n\tand more')), _texts(Role.USER)),
    _of("several texts in a turn", users(Text("One."), Text("Two.")), _texts(Role.USER)),
    _of("system prompt", talk(SYSTEM, HELLO), _texts(Role.SYSTEM)),
    _of("words of a later system prompt", talk(HELLO, ANSWER, SYSTEM, AGAIN), _has_order),
    _of("later system prompt, as such", talk(HELLO, ANSWER, SYSTEM, AGAIN), _texts(Role.SYSTEM)),
    _of("turns of user and assistant", talk(HELLO, ANSWER, AGAIN), _roles),
    _of("image, inline", users(Text("What is it?"), IMAGE), _each(Image, "media_type", "data")),
    _of("image, by address", users(Text("See."), Image(url=ADDRESS)), _each(Image, "url")),
    _of(
        "image detail",
        users(Text("See."), Image(media_type="image/png", data=PNG, detail="low")),
        _each(Image, "detail"),
    ),
    _of("PDF, inline", users(Text("Read."), FILE), _each(Document, "media_type", "data")),
    _of("PDF, by address", users(Text("Read."), Document(url=ADDRESS)), _each(Document, "url")),
    _of(
        "plain text as a document",
        users(Text("Read."), Document(media_type="text/plain", data=PLAIN, name="a.txt")),
        _each(Document, "data"),
    ),
    _of("name of a document", users(Text("Read."), FILE), _each(Document, "name")),
    _of("tools", tooled(), _tools("name", "description", "schema")),
    _of(
        "strict tool",
        talk(tools=(msgspec.structs.replace(WEATHER, strict=True),)),
        _tools("strict"),
    ),
    _of(
        "free-form tool",
        talk(tools=(PATCH,)),
        _tools("freeform"),
    ),
    _of("tool choice: none", _choosing(Choice.NONE), _choice),
    _of("tool choice: required", _choosing(Choice.REQUIRED), _choice),
    _of("tool choice: named", _choosing(Choice.NAMED, "weather"), _choice),
    _of("no parallel tool calls", _choosing(Choice.AUTO, parallel=False), _parallel),
    _of("tool call", answered(TOLD), _calls),
    _of("parallel tool calls", answered(TOLD, ASKED, ALSO), _calls),
    _of("words beside a tool call", answered(TOLD), _texts(Role.ASSISTANT)),
    _of("tool result", answered(TOLD), _each(ToolResult, "id")),
    _of("words of a tool result", answered(TOLD), _results(Text, "text")),
    _of(
        "tool result that failed",
        answered(ToolResult(id="call_1", parts=(Text("No."),), failed=True)),
        _each(ToolResult, "failed"),
    ),
    _of("image from a tool", SHOWN, _each(Image, "data")),
    _of("image from a tool, in its result", SHOWN, _results(Image, "data")),
    _of("document from a tool", READ, _each(Document, "data")),
    _of("document from a tool, in its result", READ, _results(Document, "data")),
    _of("thinking, unsigned", thought(Thinking("It is Oslo."), then=None), _each(Thinking, "text")),
    Specimen(
        name="thinking, signed by the target",
        ask=thought(Thinking("It is Oslo.", SIGNED)),
        look=_each(Thinking, "text", "signature"),
        signer=Signer.TARGETS,
    ),
    Specimen(
        name="thinking, hidden by the target",
        ask=thought(Thinking("", redacted=HIDDEN)),
        look=_each(Thinking, "redacted"),
        signer=Signer.TARGETS,
    ),
    Specimen(
        name="thinking, signed by another",
        ask=thought(Thinking("It is Oslo.", SIGNED)),
        look=_each(Thinking, "signature"),
        signer=Signer.CALLERS,
    ),
    Specimen(
        name="thinking, hidden by another",
        ask=thought(Thinking("", redacted=HIDDEN)),
        look=_each(Thinking, "redacted"),
        signer=Signer.CALLERS,
    ),
    _of("output limit", talk(max_output=77), _said("max_output")),
    _of("stop sequences", talk(stop=("END", "STOP")), _said("stop")),
    _of("JSON object", talk(format=AnswerFormat()), _format()),
    _of("JSON schema", talk(format=AnswerFormat(schema=SCHEMA)), _format("schema")),
    _of(
        "JSON schema: strict",
        talk(format=AnswerFormat(schema=SCHEMA, strict=True)),
        _format("schema", "strict"),
    ),
    _of(
        "JSON schema: name", talk(format=AnswerFormat(schema=SCHEMA, name="city")), _format("name")
    ),
    _sampling("temperature", 0.5),
    _sampling("top_p", 0.5),
    _sampling("top_k", 5),
    _sampling("seed", 7),
    _sampling("frequency_penalty", 0.5),
    _sampling("presence_penalty", 0.5),
    _of("temperature above 1", talk(sampling=Sampling(temperature=1.5)), _sampled("temperature")),
    *(_of(f"effort: {it}", talk(effort=it), _thinks) for it in ("low", "medium", "high")),
    _of("thinking budget", talk(thinking_budget=2048), _budget),
    _of("thinking switched off", talk(thinking_budget=0), _switched_off),
    _of("end user", talk(end_user="user-1"), _said("end_user")),
    _of("metadata", talk(metadata=(("team", "a"),)), _said("metadata")),
    _of("prompt cache key", talk(cache_key="team-1"), _said("cache_key")),
    _of("answer to be kept", talk(keep=True), _said("keep")),
    _of("prompt cache mark", users(Text("Long.", cache=True), Text("Short.")), _marked),
    _of(
        "prompt cache mark on a tool",
        talk(tools=(msgspec.structs.replace(WEATHER, cache=True),)),
        _tools("cache"),
    ),
)
"""Every feature of a request."""


def posed(specimen: Specimen, caller: Dialect, target: Dialect) -> Conversation:
    """Return the specimen's conversation, its thinking signed by who is to have signed it."""
    signers = {Signer.NOBODY: None, Signer.CALLERS: caller, Signer.TARGETS: target}
    origin = signers[specimen.signer]
    if origin is None:
        return specimen.ask
    turns = [
        Turn(it.role, tuple(_by(part, origin) for part in it.parts)) for it in specimen.ask.turns
    ]
    return msgspec.structs.replace(specimen.ask, turns=tuple(turns))


def _by(part: Part, origin: Dialect) -> Part:
    return msgspec.structs.replace(part, origin=origin) if isinstance(part, Thinking) else part
