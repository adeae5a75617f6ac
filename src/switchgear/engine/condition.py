"""Conditions of rules: CEL over the facts of a call, compiled once and asked once a rule."""

import difflib
import re
from collections.abc import Callable, Sequence

import msgspec
from cel_expr_python import cel
from typing_extensions import override

from switchgear.domain.ask import Ask
from switchgear.engine.policy import NO_RULE, Conditions, Rule

MAX_LENGTH = 2_000
"""Characters of one condition."""


Reader = Callable[[Ask, float], object]
"""Takes a fact from a call and its complexity."""


class Variable(msgspec.Struct, frozen=True, kw_only=True):
    """One name that conditions may read."""

    name: str
    type: str
    """As CEL calls it."""
    meaning: str
    """With its unit."""
    read: Reader


def _variable(name: str, kind: str, meaning: str, read: Reader) -> Variable:
    return Variable(name=name, type=kind, meaning=meaning, read=read)


VARIABLES: tuple[Variable, ...] = (
    _variable("ask.model", "string", "the model name asked for", lambda a, _: a.model),
    _variable("ask.dialect", "string", "openai-chat, …", lambda a, _: a.dialect.value),
    _variable("ask.stream", "bool", "the answer is wanted as it comes", lambda a, _: a.stream),
    _variable(
        "ask.step", "string", "user_turn, tool_result or continuation", lambda a, _: a.step.value
    ),
    _variable(
        "ask.input_tokens", "int", "tokens of input, estimated", lambda a, _: int(a.input_tokens)
    ),
    _variable(
        "ask.max_output",
        "int",
        "tokens of output allowed; 0 when the caller named no limit",
        lambda a, _: int(a.max_output or 0),
    ),
    _variable("ask.chars", "int", "characters of all text", lambda a, _: a.shape.chars),
    _variable("ask.turns", "int", "turns of the conversation", lambda a, _: a.shape.turns),
    _variable("ask.tools", "int", "tools offered", lambda a, _: a.shape.tools),
    _variable("ask.images", "int", "images in the conversation", lambda a, _: a.shape.images),
    _variable(
        "ask.documents", "int", "documents in the conversation", lambda a, _: a.shape.documents
    ),
    _variable("ask.code", "bool", "the last user turn holds code", lambda a, _: a.shape.code),
    _variable("ask.maths", "bool", "the last user turn holds sums", lambda a, _: a.shape.maths),
    _variable("ask.complexity", "double", "how hard it looks, 0 to 1", lambda _, c: float(c)),
    _variable(
        "ask.needs",
        "list(string)",
        "capabilities that a target must have: tools, images, …",
        lambda a, _: sorted(need.value for need in a.needs),
    ),
    _variable("key.id", "string", "id of the key; empty on an open server", lambda a, _: a.key),
    _variable("key.tenant", "string", "tenant of the key", lambda a, _: a.tenant),
    _variable("task.id", "string", "the task; empty when there is none", lambda a, _: a.task),
    _variable(
        "task.name",
        "string",
        "what its caller calls the task; empty when that was inferred",
        lambda a, _: a.task_name,
    ),
    _variable("task.step", "int", "which call of its task it is, from 1", lambda a, _: a.task_step),
    _variable("task.agent", "string", "the agent that calls", lambda a, _: a.agent),
    _variable(
        "metadata",
        "map(string, string)",
        "the call's metadata and the key's, which win",
        lambda a, _: dict(a.metadata),
    ),
)
"""All that a condition can read: the environment, the data of a call and the docs come from it."""

_TYPES = {
    "string": cel.Type.STRING,
    "bool": cel.Type.BOOL,
    "int": cel.Type.INT,
    "double": cel.Type.DOUBLE,
    "list(string)": cel.Type.List(cel.Type.STRING),
    "map(string, string)": cel.Type.Map(cel.Type.STRING, cel.Type.STRING),
}
_ENV = cel.NewEnv(variables={each.name: _TYPES[each.type] for each in VARIABLES})
_ERROR = re.compile(r"ERROR: <input>:(\d+):(\d+): ([^\n]*)")
_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """Why a condition cannot be used."""

    message: str
    """What is wrong, and what to write instead where that is known."""
    unknown: str = ""
    """The variable or function that does not exist; empty when that is not the fault."""


class BadCondition(ValueError):
    """A policy holds a condition that does not compile."""


def compile_condition(when: str) -> cel.Expression | Fault:
    """Compile one condition; it must come to true or false."""
    if len(when) > MAX_LENGTH:
        return Fault(message=f"it is longer than {MAX_LENGTH:,} characters")
    try:
        program = _ENV.compile(when)
    except (RuntimeError, TypeError, ValueError) as error:
        return _fault(str(error))
    if program.return_type() != cel.Type.BOOL:
        kind = program.return_type().name().lower()
        return Fault(message=f"it comes to a {kind}; a condition must come to true or false")
    return program


def compile_conditions(rules: Sequence[Rule]) -> Conditions:
    """Compile the conditions of all rules of a policy.

    Raises:
        BadCondition: one does not compile; ``switchgear check`` would have said so.
    """
    programs: list[cel.Expression | None] = []
    for rule in rules:
        program = compile_condition(rule.when) if rule.when.strip() else None
        if isinstance(program, Fault):
            raise BadCondition(f"rule {rule.name!r}: {program.message}")
        programs.append(program)
    return CelConditions([rule.when.strip() or "true" for rule in rules], programs)


def always(program: cel.Expression) -> bool | None:
    """Return what the condition comes to whatever the call is; None when that depends on it."""
    outcome = _outcome(program, _ENV.Activation({}))
    return outcome if isinstance(outcome, bool) else None


class CelConditions(Conditions):
    """The compiled conditions of a policy, in the order of its rules."""

    __slots__ = ("_programs", "_readers", "_unions")

    def __init__(self, texts: Sequence[str], programs: Sequence[cel.Expression | None]) -> None:
        """Hold one program a rule; None always holds."""
        self._programs = programs
        self._unions = _unions(texts)
        self._readers = _readers(programs)

    @override
    def first(self, ask: Ask, complexity: float) -> int:
        activation = _ENV.Activation({name: read(ask, complexity) for name, read in self._readers})
        for numbers, union in self._unions:
            if _outcome(union, activation) is True:
                return next(each for each in numbers if self._holds(each, activation))
        return NO_RULE

    def _holds(self, number: int, activation: cel.Activation) -> bool:
        program = self._programs[number]
        return program is None or _outcome(program, activation) is True


TOGETHER = 8
"""Conditions in one expression: CEL's parser nests at most 32 deep."""

Union = tuple[range, cel.Expression]
"""The numbers of some rules, and an expression that is true when any of them holds."""


def _unions(texts: Sequence[str]) -> list[Union]:
    """Return the conditions joined by "or": mostly none holds, and one evaluation tells.

    To evaluate is 2.5 µs however much there is in it. CEL's "or" is true if any side is, whatever
    errors the others come to, so a condition that reads what is not there hides no other.
    """
    count = len(texts)
    blocks = [range(at, min(at + TOGETHER, count)) for at in range(0, count, TOGETHER)]
    return [union for block in blocks for union in _joined(texts, block)]


def _joined(texts: Sequence[str], block: range) -> list[Union]:
    # The line break ends a comment that a condition may close with.
    union = " || ".join(f"({texts[number]}\n)" for number in block)
    try:
        return [(block, _ENV.compile(union))]
    except RuntimeError:
        if len(block) == 1:
            raise
        half = len(block) // 2  # together they are nested too deep
        return [*_joined(texts, block[:half]), *_joined(texts, block[half:])]


def _readers(programs: Sequence[cel.Expression | None]) -> tuple[tuple[str, Reader], ...]:
    """Return only the variables that some condition reads: each one costs 0.5 µs a call."""
    # A compiled program spells out every name that it refers to.
    bodies = [each.serialize() for each in programs if each is not None]
    return tuple(
        (each.name, each.read)
        for each in VARIABLES
        if any(each.name.encode() in body for body in bodies)
    )


def _outcome(program: cel.Expression, activation: cel.Activation) -> object:
    # Most errors come back as a value that is a text; the iteration budget, and text that is not
    # Unicode, are raised.
    try:
        return program.eval(activation).value()
    except (RuntimeError, TypeError, ValueError):
        return None


def _fault(report: str) -> Fault:
    found = _ERROR.search(report)
    if found is None:
        return Fault(message="it is nested too deeply, or is not text that CEL can read")
    line, column, message = found.groups()
    undeclared = _UNDECLARED.search(message)
    if undeclared is not None:
        return _unknown(undeclared[1])
    if "(double, int)" in message or "(int, double)" in message:
        message += "; a whole number beside a fraction is written 1.0"
    return Fault(message=f"line {line}, column {column}: {message}")


def _unknown(name: str) -> Fault:
    names = [each.name for each in VARIABLES]
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
    return Fault(message=f"{name} is not known here; {hint}", unknown=name)
