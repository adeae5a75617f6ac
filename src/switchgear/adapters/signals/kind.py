"""What a metric is."""

from enum import Enum

import msgspec


class Shape(Enum):
    """What sort of figure a metric is; the value is Prometheus's word."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """One metric."""

    name: str
    """As it is scraped, less Prometheus's ``_total``, ``_bucket``, ``_count`` and ``_sum``."""
    shape: Shape
    labels: tuple[str, ...] = ()
    meaning: str
    unit: str
    buckets: tuple[float, ...] = ()
    """Upper bounds of a histogram, in the unit."""
    most: bool = False
    """Over several workers it is the greatest, not the sum: each of them knows all of it."""
