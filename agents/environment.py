"""Where agents are installed: each apart from all others, in ``build/agents``."""

import asyncio
import hashlib
import json
import os
import sys
from pathlib import Path

from agents.agent import Agent

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build" / "agents"
LOCKS = ROOT / "agents" / "requirements"
TAIL = 600
"""Characters of what an installer said last."""
VERSION = "import importlib.metadata as m, sys; print(m.version(sys.argv[1]))"


class NotInstalled(Exception):
    """An agent cannot be had here; the message is what the installer said."""


def folder(agent: Agent) -> Path:
    """Return where an agent's environment is."""
    return BUILD / agent.name


async def install(agent: Agent) -> str:
    """Install what its lock says, unless that is there; return the version.

    Raises:
        NotInstalled: that failed.
    """
    home, lock = folder(agent), _lock(agent)
    stamp, digest = home / ".lock-digest", hashlib.sha256(lock.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != digest:
        home.mkdir(parents=True, exist_ok=True)
        for command in _npm(home, lock) if agent.node else _pip(home, lock):
            await _run(command)
        stamp.write_text(digest)
    return await _version(agent)


def path(agent: Agent) -> str:
    """Return what stands before the command path for this agent."""
    return str(folder(agent) / ("node_modules/.bin" if agent.node else "bin"))


def _lock(agent: Agent) -> Path:
    return LOCKS / (f"{agent.name}/package-lock.json" if agent.node else f"{agent.name}.txt")


def _pip(home: Path, lock: Path) -> list[list[str]]:
    pip = [str(home / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    return [
        [sys.executable, "-m", "venv", "--clear", str(home)],
        [*pip, "install", "--no-input", "--require-hashes", "-r", str(lock)],
    ]


def _npm(home: Path, lock: Path) -> list[list[str]]:
    npm = ["npm", "ci", "--prefix", str(home), "--no-audit", "--no-fund", "--loglevel=error"]
    return [["cp", str(lock), str(lock.with_name("package.json")), str(home)], npm]


async def _version(agent: Agent) -> str:
    if agent.node:
        found = folder(agent) / "node_modules" / agent.package / "package.json"
        return str(json.loads(found.read_text())["version"])
    python = str(folder(agent) / "bin" / "python")
    return (await _run([python, "-c", VERSION, agent.package])).strip()


async def _run(command: list[str]) -> str:
    """Return what a command printed.

    Raises:
        NotInstalled: it failed.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": ""},
    )
    said = (await process.communicate())[0].decode(errors="replace")
    if process.returncode:
        raise NotInstalled(f"{' '.join(command[:4])} …: {said.strip()[-TAIL:]}")
    return said
