"""Every agent that is run: what it speaks, how it is started, and how it is kept quiet."""

import msgspec

from agents import desk, patch, shop
from switchgear.domain.dialect import Dialect

KEY = "your-switchgear-key"
"""The credential on the pages of the guide; the gateway under test knows it."""


class Wire(msgspec.Struct, frozen=True, kw_only=True):
    """One of the dialects that an agent speaks."""

    dialect: Dialect
    recipe: str
    """Name of the page's block that points the agent at the gateway."""


CHAT = Wire(dialect=Dialect.OPENAI_CHAT, recipe="chat")
RESPONSES = Wire(dialect=Dialect.OPENAI_RESPONSES, recipe="responses")
MESSAGES = Wire(dialect=Dialect.ANTHROPIC_MESSAGES, recipe="messages")


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent is asked to do, and how it shows that it has done it."""

    name: str
    turns: int
    """Answers with a part of the task in them."""
    prompt: str = ""
    file: str = ""
    """What it writes; without one its tools are ours, and they count."""


SHOP = Task(name=shop.NAME, turns=shop.TURNS)
DESK = Task(name=desk.NAME, turns=desk.TURNS, prompt=desk.PROMPT, file=desk.FILE)
PATCH = Task(name=patch.NAME, turns=patch.TURNS, prompt=patch.PROMPT, file=patch.FILE)


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """One agent. Its name is that of its page, its environment and its requirements."""

    name: str
    title: str
    package: str
    """Whose version is told."""
    wires: tuple[Wire, ...]
    task: Task = SHOP
    quiet: tuple[tuple[str, str], ...] = ()
    """Environment variables that keep it from calling anybody else; they are on its page."""
    refused: tuple[str, ...] = ()
    """Codes of refusals that belong to its way: it asks otherwise then."""
    session: str = ""
    """The header that it names its session by: all its calls are one task by it."""
    command: str = ""
    """Of an agent that is a command: the shell line; others are programs in ``clients/``."""
    part: str = "agent"
    """Which of its programs is run: ``runaway`` never comes to an end."""
    light: bool = False
    """It installs in seconds, and so is run with the tests."""

    @property
    def node(self) -> bool:
        """Whether it is installed by npm."""
        return bool(self.command)

    @property
    def program(self) -> str:
        """Name of the file in ``clients/``."""
        return f"{self.name.replace('-', '_')}_{self.part}.py"


AGENTS = (
    Agent(
        name="openai",
        title="OpenAI's Python SDK",
        package="openai",
        wires=(CHAT, RESPONSES),
        light=True,
    ),
    Agent(
        name="anthropic",
        title="Anthropic's Python SDK",
        package="anthropic",
        wires=(MESSAGES,),
        refused=("thread_unsupported",),
        light=True,
    ),
    Agent(
        name="openai-agents",
        title="OpenAI Agents SDK",
        package="openai-agents",
        wires=(RESPONSES, CHAT),
        quiet=(("OPENAI_AGENTS_DISABLE_TRACING", "1"),),
    ),
    Agent(
        name="langgraph",
        title="LangGraph",
        package="langgraph",
        wires=(CHAT, RESPONSES, MESSAGES),
        quiet=(("LANGSMITH_TRACING", "false"),),
    ),
    Agent(
        name="pydantic-ai",
        title="Pydantic AI",
        package="pydantic-ai-slim",
        wires=(CHAT, RESPONSES, MESSAGES),
    ),
    Agent(
        name="crewai",
        title="CrewAI",
        package="crewai",
        wires=(CHAT, MESSAGES),
        quiet=(
            ("CREWAI_DISABLE_TELEMETRY", "true"),
            ("CREWAI_TRACING_ENABLED", "false"),
            ("OTEL_SDK_DISABLED", "true"),
        ),
    ),
    Agent(
        name="smolagents",
        title="smolagents",
        package="smolagents",
        wires=(CHAT, MESSAGES),
        quiet=(("LITELLM_LOCAL_MODEL_COST_MAP", "True"),),
    ),
    Agent(
        name="litellm",
        title="LiteLLM's SDK",
        package="litellm",
        wires=(CHAT, RESPONSES, MESSAGES),
        quiet=(("LITELLM_LOCAL_MODEL_COST_MAP", "True"),),
    ),
    Agent(
        name="claude-code",
        title="Claude Code",
        package="@anthropic-ai/claude-code",
        wires=(MESSAGES,),
        task=DESK,
        session="x-claude-code-session-id",
        quiet=(("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),),
        command=(
            '. ./connection.sh; exec claude -p "$PROMPT" --output-format json'
            ' --allowedTools "Bash Read Write"'
        ),
    ),
    Agent(
        name="codex",
        title="Codex CLI",
        package="@openai/codex",
        wires=(RESPONSES,),
        task=PATCH,
        session="thread-id",
        command=(
            ". ./connection.sh; exec codex exec --json --skip-git-repo-check"
            ' --dangerously-bypass-approvals-and-sandbox "$PROMPT"'
        ),
    ),
)
"""In the order of the pages."""
