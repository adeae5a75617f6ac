"""Real calls: when they came, and how large they were."""

import csv
import gzip
from itertools import cycle, islice
from pathlib import Path

import msgspec

DATA = Path(__file__).parent / "data"
BEGIN_S, READ_S, WRITE_S = 0.2, 1 / 10_000, 1 / 50
"""Seconds until a model begins, for each token that it reads, and for each that it writes: about
what large models did in 2025."""


class Job(msgspec.Struct, frozen=True):
    """One call."""

    at: float
    kind: str
    input: int
    output: int

    @property
    def service_s(self) -> float:
        """How long it holds its place."""
        return BEGIN_S + self.input * READ_S + self.output * WRITE_S


def jobs(name: str, count: int) -> list[Job]:
    """Return the first calls of a trace; when it ends it begins anew."""
    with gzip.open(DATA / f"{name}.csv.gz", "rt") as file:
        rows = [
            (float(at), int(read), int(wrote)) for at, read, wrote in list(csv.reader(file))[1:]
        ]
    span = rows[-1][0] + 1.0
    return [
        Job(at + span * (number // len(rows)), name, read, wrote)
        for number, (at, read, wrote) in enumerate(islice(cycle(rows), count))
    ]


def paced(found: list[Job], places: float) -> list[Job]:
    """Return the calls faster or slower, so that on average they keep so many places busy."""
    work = sum(job.service_s for job in found)
    factor = work / places / found[-1].at
    return [msgspec.structs.replace(job, at=job.at * factor) for job in found]
