"""The figures of several workers on one machine, told by any of them as one.

Each leaves a page with its own in a folder, once a second; who is asked adds up the pages of the
others and what it has itself. A worker that takes a dead one's place goes on from that one's page,
so no counter ever falls.
"""

import asyncio
import logging
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric as Family
from prometheus_client.registry import Collector
from typing_extensions import override

from switchgear.adapters.signals.metric import METRICS, WORKERS
from switchgear.domain.units import Seconds, UnixMs
from switchgear.ports.clock import Clock
from switchgear.ports.nursery import Nursery
from switchgear.ports.worker import Post

EVERY = Seconds(1.0)
STALE_MS = 5000
"""After which a page's levels say nothing any more; its sums still do."""
LEVEL = "gauge"
MOST = frozenset(metric.name for metric in METRICS if metric.most)
log = logging.getLogger("switchgear")

Place = tuple[str, tuple[tuple[str, str], ...]]
"""A sample's name and labels."""


class Figures(msgspec.Struct, frozen=True, array_like=True):
    """One metric, as one worker has it."""

    name: str
    kind: str
    samples: tuple[tuple[Place, float], ...]


class Page(msgspec.Struct, frozen=True):
    """All that one worker has."""

    at: UnixMs
    figures: tuple[Figures, ...]


NO_PAGE = Page(UnixMs(0), ())
_decode = msgspec.json.Decoder(Page).decode


class CrewSignals(Collector):
    """What one worker tells when it is asked for the figures of all."""

    def __init__(self, own: Collector, post: Post, clock: Clock) -> None:
        """Take this worker's figures, and go on from those of the one whose place it takes."""
        self._own = own
        self._post = post
        self._clock = clock
        self._folder = Path(post.folder)
        self._nursery = Nursery()
        self._before = [
            each for each in _read(self._path(post.number)).figures if each.kind != LEVEL
        ]
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def start(self) -> None:
        """Leave a page in the folder from now on, again and again."""
        self.note()
        self._nursery.spawn(self._keep())

    async def aclose(self) -> None:
        """Leave the last one."""
        await self._nursery.aclose(Seconds(0.0))
        self.note()

    def note(self) -> None:
        """Leave a page now; without one the others only know less."""
        page = Page(self._clock.date(), tuple(self._mine()))
        path = self._path(self._post.number)
        fresh = path.with_suffix(".new")
        try:
            fresh.write_bytes(msgspec.json.encode(page))
            fresh.replace(path)
        except OSError as error:
            log.warning("the figures of this worker are not told: %s", error.strerror)

    def exposition(self) -> bytes:
        """Return the figures of all workers in Prometheus's text format.

        What is told is left on the page too: a worker that is killed right after takes nothing
        along that somebody has seen.
        """
        self.note()
        return generate_latest(self._registry)

    @override
    def collect(self) -> Iterator[Family]:
        """Return every metric, added up over the workers."""
        now = self._clock.date()
        others = [number for number in range(1, self._post.of + 1) if number != self._post.number]
        pages = [_read(self._path(number)) for number in others]
        fresh = [now - page.at <= STALE_MS for page in pages]
        found: dict[str, dict[Place, float]] = {}
        for page, lives in zip(pages, fresh, strict=True):
            for each in page.figures:
                if lives or each.kind != LEVEL:
                    _add(found.setdefault(each.name, {}), each.samples, most=each.name in MOST)
        for each in self._mine():
            _add(found.setdefault(each.name, {}), each.samples, most=each.name in MOST)
        found[WORKERS.name] = {(WORKERS.name, ()): 1.0 + sum(fresh)}
        for family in self._own.collect():
            merged = Family(family.name, family.documentation, family.type)
            for (name, labels), value in found[family.name].items():
                merged.add_sample(name, dict(labels), value)
            yield merged

    def _mine(self) -> list[Figures]:
        """Return this worker's own figures, with what those before it had counted."""
        found = []
        before = {each.name: each.samples for each in self._before}
        for family in self._own.collect():
            samples: dict[Place, float] = {}
            _add(samples, before.get(family.name, ()), most=False)
            _add(samples, [((it.name, _labels(it.labels)), it.value) for it in family.samples])
            found.append(Figures(family.name, family.type, tuple(samples.items())))
        return found

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            self.note()

    def _path(self, number: int) -> Path:
        return self._folder / f"worker-{number}.json"


def _labels(labels: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(labels.items())


def _add(
    found: dict[Place, float], samples: Iterable[tuple[Place, float]], *, most: bool = False
) -> None:
    for place, value in samples:
        known = found.get(place, 0.0)
        found[place] = max(known, value) if most else known + value


def _read(path: Path) -> Page:
    try:
        return _decode(path.read_bytes())
    except (OSError, ValueError):
        return NO_PAGE
