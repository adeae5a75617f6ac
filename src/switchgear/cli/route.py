"""``switchgear route``: decide where a prompt would go, and send nothing."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from switchgear.cli.serve import DEFAULT, refused
from switchgear.cli.tree import draw
from switchgear.config.error import ConfigError
from switchgear.config.setup import Book, Remembering
from switchgear.domain.call import Call
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import SwitchgearError
from switchgear.engine.explain import Explanation, to_json
from switchgear.running import IN_MEMORY, Running, Source
from switchgear.wire.registry import TONGUES

STDIN = "-"


def route(
    prompt: Annotated[str, typer.Argument(help="The prompt; - reads it from standard input.")],
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="The config file; by default switchgear.yaml."),
    ] = None,
    model: Annotated[str, typer.Option(help="What to ask for.")] = "auto",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say where PROMPT would go and why; nothing is sent, and nothing is recorded.

    Latencies are the assumed ones: only a gateway that serves has measured any.
    """
    file = config or (DEFAULT if DEFAULT.exists() else None)
    text = sys.stdin.read() if prompt == STDIN else prompt
    try:
        explanation = asyncio.run(_foresee(Running(Source.of(file)), model, text))
    except (ConfigError, OSError) as error:
        raise refused(file, error) from None
    except SwitchgearError as error:
        typer.echo(error.message, err=True)
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(json.dumps(to_json(explanation), indent=2))
    else:
        Console().print(draw(explanation))


async def _foresee(running: Running, model: str, prompt: str) -> Explanation:
    setup = running.read().setup
    alone = msgspec.structs.replace(setup, ledger=Book(path=IN_MEMORY), responses=Remembering())
    await running.start(alone)
    try:
        gateway = running.current()
        body = {"model": model, "messages": [{"role": "user", "content": prompt}]}
        call = Call(
            id=gateway.new_id(),
            body=TONGUES[Dialect.OPENAI_CHAT].parse(msgspec.json.encode(body)),
            at=gateway.clock.date(),
            began=gateway.clock.now(),
        )
        return gateway.foresee(call)
    finally:
        await running.aclose()
