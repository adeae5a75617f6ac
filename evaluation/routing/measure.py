"""Run all studies of routing, one after the other."""

import sys
import time
from collections.abc import Callable, Sequence

from evaluation.routing.figure import Study
from evaluation.routing.material import Material
from evaluation.routing.study import caches, calibrations, curves, ladders, pairs, promises, streams

STUDIES: tuple[Callable[[Material], Study], ...] = (
    pairs.gsm_study,
    pairs.mmlu_study,
    ladders.zero_study,
    ladders.mmlu_study,
    curves.curve_study,
    streams.stream_study,
    promises.promise_study,
    calibrations.calibration_study,
    caches.cache_study,
)


def measure(material: Material, studies: Sequence[Callable[[Material], Study]]) -> list[Study]:
    """Return what each study found, and tell what is going on."""
    found = []
    for study in studies:
        began = time.perf_counter()
        found.append(study(material))
        took = time.perf_counter() - began
        print(f"{found[-1].title}: {took:.0f} s", file=sys.stderr, flush=True)
    return found
