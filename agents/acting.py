"""Runs an agent as a process, with the lines of its page, kept from everybody but the gateway."""

import asyncio
import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec
from agents.agent import KEY, Agent, Wire
from agents.environment import ROOT, folder, path
from agents.recipe import at

PATIENCE_S = 120.0
CLIENTS = ROOT / "agents" / "clients"
KEPT = ("PATH", "LANG", "TERM", "TZ")
"""Variables of ours that an agent may see."""
LEFT, RIGHT = 'ß "left" \\n', "right ☃ $HOME `x` %s"
"""What the two files say that are joined; the seed follows."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What one agent is given."""

    agent: Agent
    wire: Wire
    blocks: Mapping[str, str]
    """Of its page."""
    seed: str
    """The results of its task follow from it."""
    home: Path
    """A folder of its own."""


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended."""

    code: int
    said: str


async def act(part: Part, port: int, wall: int) -> Ended:
    """Let an agent do its task; ``port`` is the gateway's, ``wall`` the proxy's to nowhere."""
    part.home.mkdir(parents=True)
    for name, line in files(part.seed).items():
        (part.home / name).write_text(f"{line}\n")
    _set_up(part, port)
    process = await asyncio.create_subprocess_exec(
        *_command(part),
        cwd=part.home,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=_environment(part, wall),
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            said, _ = await process.communicate()
    except TimeoutError:
        os.killpg(process.pid, signal.SIGKILL)
        said, _ = await process.communicate()
        said += b"\n(it had to be stopped)"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return Ended(code=process.returncode or 0, said=said.decode(errors="replace"))


def files(seed: str) -> dict[str, str]:
    """Return the line that each of the two files holds."""
    return {"left.txt": f"{LEFT} {seed}", "right.txt": f"{RIGHT} {seed}"}


def _set_up(part: Part, port: int) -> None:
    """Write the page's blocks where the agent reads them."""
    lines = at(part.blocks[part.wire.recipe], port)
    name = "connection.sh" if part.agent.node else "connection.py"
    (part.home / name).write_text(lines)
    if "config.toml" in part.blocks:
        (part.home / ".codex").mkdir()
        (part.home / ".codex" / "config.toml").write_text(at(part.blocks["config.toml"], port))


def _command(part: Part) -> list[str]:
    if part.agent.node:
        return ["sh", "-c", part.agent.command]
    program = str(CLIENTS / part.agent.program)
    return [str(folder(part.agent) / "bin" / "python"), "-u", program, part.wire.recipe]


def _environment(part: Part, wall: int) -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    proxy = f"http://127.0.0.1:{wall}"
    own = {
        "PATH": f"{path(part.agent)}{os.pathsep}{kept.get('PATH', '')}",
        "HOME": str(part.home),
        "PYTHONPATH": str(part.home),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AGENTS_SEED": part.seed,
        "PROMPT": part.agent.task.prompt,
        "SWITCHGEAR_KEY": KEY,
        **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), proxy),
        **dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost"),
    }
    return {**kept, **own, **dict(part.agent.quiet)}
