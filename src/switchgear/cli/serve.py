"""``switchgear serve``: run the gateway."""

import asyncio
import errno
import gc
import logging
import os
import signal
import socket
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import typer
import uvloop

from switchgear.adapters.clock import SystemClock
from switchgear.cli.crew import Crew, Lifeline
from switchgear.config.error import ConfigError
from switchgear.config.setup import Server, Setup
from switchgear.domain.denial import HaltsUnknown
from switchgear.domain.errors import LedgerDown
from switchgear.ports.worker import Post
from switchgear.running import IN_MEMORY, Running, Source, refuse_open
from switchgear.surfaces.http.edge.farewell import Farewell
from switchgear.surfaces.http.edge.serve import listen
from switchgear.surfaces.http.edge.serve import serve as serve_site

DEFAULT = Path("switchgear.yaml")
LOOK_EVERY_S = 1.0
MOST_WORKERS = 64
KEPT = "config not loaded, the old one stays"
log = logging.getLogger("switchgear")


def serve(
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="The config file; by default switchgear.yaml."),
    ] = None,
    host: Annotated[str | None, typer.Option(help="Instead of the config's.")] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65_535, help="Instead of the config's.")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=MOST_WORKERS, help="Processes that share the port.")
    ] = 1,
) -> None:
    """Run the gateway until SIGTERM; SIGHUP, or a change of the file, reloads the config.

    Without a file, a config is made from OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY or
    OLLAMA_HOST, and printed.
    """
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    file = config or (DEFAULT if DEFAULT.exists() else None)
    source = Source.of(file)
    running = Running(source)
    try:
        found = running.read()
    except (ConfigError, OSError) as error:
        raise refused(file, error) from None
    if file is None:
        typer.echo(source.read().decode())
    for warning in found.warnings:
        log.warning("%s", warning.told)
    try:
        setup = _overridden(found.setup, host, port)
        if workers == 1:
            uvloop.run(_live(running, setup, Place(file)))
            return
    except ConfigError as error:
        raise refused(file, error) from None
    except (LedgerDown, HaltsUnknown) as error:
        raise _cannot_start(error.message) from None
    raise typer.Exit(serve_together(source, setup, file, workers))


class Place(msgspec.Struct, frozen=True):
    """Where one process stands."""

    file: Path | None
    """Its config's."""
    lifeline: Lifeline | None = None
    """It is a worker, and has a parent."""


def serve_together(source: Source, setup: Setup, file: Path | None, workers: int) -> int:
    """Serve by several processes, and return the exit code of them all."""
    if setup.ledger.path == IN_MEMORY:
        raise _cannot_start("workers share the ledger's file; set ledger.path.")
    with _door(setup.server) as door:  # nobody else may listen there, whatever it says
        host, port = door.getsockname()[:2]
    with _reserved(setup.server, port):
        log.info("%d workers on http://%s:%s", workers, host, port)
        crew = Crew(workers, partial(_work, source, file, (setup.server.host, port)), SystemClock())
        return crew.run()


def _reserved(server: Server, port: int) -> socket.socket:
    """Return a socket that has the port and does not listen, so that workers may come and go."""
    door = socket.socket(socket.AF_INET6 if ":" in server.host else socket.AF_INET)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    door.bind((server.host, port))
    return door


def _work(
    source: Source, file: Path | None, address: tuple[str, int], post: Post, lifeline: Lifeline
) -> int:
    """Be one worker; return its exit code."""
    form = f"%(levelname)s worker {post.number}: %(message)s"
    logging.basicConfig(level=logging.INFO, format=form, force=True)
    running = Running(source, post)
    try:
        setup = _overridden(running.read().setup, *address)
        uvloop.run(_live(running, setup, Place(file, lifeline)))
    except (ConfigError, OSError) as error:
        return refused(file, error).exit_code
    except (LedgerDown, HaltsUnknown) as error:
        return _cannot_start(error.message).exit_code
    except typer.Exit as told:
        return told.exit_code
    return 0


async def _live(running: Running, setup: Setup, place: Place) -> None:
    with _door(setup.server, shared=place.lifeline is not None) as door:
        await running.start(setup)
        _settle_in()
        try:
            await _serve(running, place, door)
        finally:
            await running.aclose()


async def _serve(running: Running, place: Place, door: socket.socket) -> None:
    wake, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, wake.set)
    farewell = Farewell(running.house.slots)
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, farewell.ask)
    if place.lifeline is not None:
        _hold_on(place.lifeline, farewell)
    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(_watch(running, place.file, wake))
        host, port = door.getsockname()[:2]
        log.info("serving on http://%s:%s, policy %s", host, port, _version(running))
        try:
            await serve_site(running.asgi, running.current().server, [door], farewell)
        finally:
            watching.cancel()


def _hold_on(lifeline: Lifeline, farewell: Farewell) -> None:
    """Say that it serves, and end when the parent does, however that ends."""
    loop = asyncio.get_running_loop()

    def gone() -> None:
        loop.remove_reader(lifeline.parent)
        log.error("the parent is gone: stopping")
        farewell.ask()

    loop.add_reader(lifeline.parent, gone)
    os.write(lifeline.ready, b"1")
    os.close(lifeline.ready)


def _settle_in() -> None:
    """Fit the interpreter to a server: this process is ours alone.

    What start-up left behind is never looked at again, and collections are rarer: they were 8 % of
    a call. The ledger's thread gets its turn after half a millisecond, not five: a commit waits for
    several turns.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    sys.setswitchinterval(0.0005)


def _door(server: Server, *, shared: bool = False) -> socket.socket:
    try:
        return listen(server, shared=shared)
    except OSError as error:
        where = f"{server.host}:{server.port}"
        if error.errno == errno.EADDRINUSE:
            why = "something listens there already, maybe another switchgear"
        else:
            why = error.strerror or str(error)
        raise _cannot_start(f"{where}: {why}. Another port is named by --port.") from None


def _cannot_start(why: str) -> typer.Exit:
    typer.echo(f"switchgear cannot start: {why}", err=True)
    return typer.Exit(1)


async def _watch(running: Running, file: Path | None, wake: asyncio.Event) -> None:
    """Reload on SIGHUP and on a change of the file, for ever."""
    seen = _stamp(file)
    while True:
        try:
            async with asyncio.timeout(LOOK_EVERY_S):
                await wake.wait()
        except TimeoutError:
            if _stamp(file) == seen:
                continue
        wake.clear()
        seen = _stamp(file)
        await _reload(running)


async def _reload(running: Running) -> None:
    try:
        await running.reload()
    except ConfigError as error:
        for finding in error.errors:
            log.error("%s: %s", KEPT, finding.told)  # noqa: TRY400  (as below)
    except (OSError, LedgerDown) as error:
        log.error("%s: %s", KEPT, error)  # noqa: TRY400  (the reason says it all)
    else:
        log.info("config reloaded, policy %s", _version(running))


def _version(running: Running) -> str:
    return running.current().setup.policy.version


def _stamp(file: Path | None) -> tuple[int, int] | None:
    """Return what changes when the file does; None while there is no file."""
    if file is None:
        return None
    try:
        status = os.stat(file)  # noqa: PTH116  (one call, a hundred thousand times)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _overridden(setup: Setup, host: str | None, port: int | None) -> Setup:
    server = setup.server
    server = msgspec.structs.replace(server, host=host or server.host, port=port or server.port)
    refuse_open(setup, server.host)
    return msgspec.structs.replace(setup, server=server)


def refused(file: Path | None, error: ConfigError | OSError) -> typer.Exit:
    """Tell why the config cannot be used, and return the exit that says so."""
    if isinstance(error, OSError):
        typer.echo(f"{file} cannot be read: {error.strerror or error}.", err=True)
        if isinstance(error, FileNotFoundError):
            typer.echo("`switchgear init` writes a config file to start from.", err=True)
        return typer.Exit(2)
    for finding in error.errors:
        place = f"{file}:{finding.line}: " if file and finding.line else ""
        typer.echo(f"{place}{finding.told}", err=True)
    if file:
        typer.echo(f"Nothing was started. `switchgear check {file}` tells more.", err=True)
    return typer.Exit(1)
