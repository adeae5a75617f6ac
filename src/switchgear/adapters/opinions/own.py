"""Asks the owner's functions in threads, each for a short time only."""

import asyncio
import importlib
import inspect
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from math import isfinite
from typing import Any

from typing_extensions import override

from switchgear.domain.units import Seconds
from switchgear.engine.features import last_text
from switchgear.ports.opinion import Opinions, Viewed

RUN_TIME = Seconds(1.0)
"""For one function. Its thread cannot be stopped, only left behind."""
THREADS = 4
"""For all functions together."""
QUIET = Seconds(30.0)
"""For which a function that took too long is not asked: its thread may be stuck."""
MOST_AT_ONCE = 64
"""Questions that run or wait for a thread; of more, nobody has an opinion."""

Function = Callable[[str, dict[str, Any]], object]

log = logging.getLogger("switchgear")


class OwnOpinions(Opinions):
    """The functions that the config names."""

    def __init__(self, run_time: Seconds = RUN_TIME) -> None:
        """Know none yet."""
        self._run_time = run_time
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="switchgear-opinion")
        self._functions: dict[str, Function] = {}
        self._told: set[str] = set()
        """Functions of which it was told that they fail."""
        self._running = 0
        self._quiet: dict[str, float] = {}
        """Until when functions are not asked."""

    @override
    def expect(self, names: Iterable[str]) -> None:
        self._functions |= {name: _found(name) for name in sorted(set(names))}
        self._told.clear()
        self._quiet.clear()

    @override
    async def ask(self, name: str, viewed: Viewed) -> float | None:
        loop = asyncio.get_running_loop()
        function = self._functions.get(name)
        if function is None or self._running >= MOST_AT_ONCE:
            return None
        if loop.time() < self._quiet.get(name, 0.0):
            return None
        work = self._threads.submit(_said, function, viewed)
        self._running += 1
        work.add_done_callback(partial(self._over, loop))
        running = asyncio.wrap_future(work)
        try:
            await asyncio.wait({running}, timeout=self._run_time)
        finally:
            running.cancel()
        if running.cancelled():
            self._quiet[name] = loop.time() + QUIET
            self._tell(name, f"it takes longer than {self._run_time:g} s")
            return None
        failure = running.exception()
        if failure is not None:
            self._tell(name, type(failure).__name__)
            return None
        return running.result()

    @override
    def close(self) -> None:
        self._functions = {}
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _over(self, loop: asyncio.AbstractEventLoop, _: object) -> None:
        """Count a question less; called in its thread, where there may be no loop any more."""
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(self._less)

    def _less(self) -> None:
        self._running -= 1

    def _tell(self, name: str, why: str) -> None:
        """Say it once: what fails once mostly fails every time."""
        if name not in self._told:
            self._told.add(name)
            log.warning("%s has no opinion on an answer: %s; this is told once", name, why)


def _found(name: str) -> Function:
    module, _, attribute = name.partition(":")
    try:
        function = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError):
        raise ValueError(f"there is no function {name}") from None
    if not callable(function) or inspect.iscoroutinefunction(function):
        raise ValueError(f"{name} is not a plain function")
    checked: Function = function
    return checked


def _said(function: Function, viewed: Viewed) -> float | None:
    """Return what a function says, as a number; it sees plain values of its own."""
    talk = viewed.talk
    asked = {
        **viewed.facts,
        "question": last_text(talk),
        "tools": [each.name for each in talk.tools],
        "schema": bytes(talk.format.schema or b"") if talk.format else b"",
        "calls": [list(each) for each in viewed.calls],
    }
    found = function(viewed.text, asked)
    if found is None or isinstance(found, bool):
        return None if found is None else float(found)
    if not isinstance(found, int | float) or not isfinite(found):
        raise TypeError("it says neither true, false, nor a number")
    return min(1.0, max(0.0, float(found)))
