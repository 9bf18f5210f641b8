"""Every metric is declared through here, so that its name, type, labels and meaning are known beside its values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily

Type = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True, slots=True)
class Declared:
    name: str
    """As Prometheus shows it."""
    type: Type
    labels: tuple[str, ...]
    meaning: str


DECLARED: dict[str, Declared] = {}
"""By name, in the order of declaration."""


def counter(name: str, meaning: str, labels: Sequence[str] = ()) -> Counter:
    """`name` without `_total`, which Prometheus shows behind it."""
    _declare(f"{name}_total", "counter", labels, meaning)
    return Counter(name, meaning, labels)


def gauge(name: str, meaning: str, labels: Sequence[str] = ()) -> Gauge:
    _declare(name, "gauge", labels, meaning)
    return Gauge(name, meaning, labels)


def histogram(name: str, meaning: str, labels: Sequence[str] = (), *, buckets: Sequence[float]) -> Histogram:
    _declare(name, "histogram", labels, meaning)
    return Histogram(name, meaning, labels, buckets=buckets)


def found_when_asked(name: str, meaning: str, labels: Sequence[str]) -> Declared:
    """A gauge whose values somebody collects at the moment of asking."""
    return _declare(name, "gauge", labels, meaning)


def family(of: Declared) -> GaugeMetricFamily:
    return GaugeMetricFamily(of.name, of.meaning, labels=of.labels)


def _declare(name: str, kind: Type, labels: Sequence[str], meaning: str) -> Declared:
    DECLARED[name] = Declared(name, kind, tuple(labels), meaning)
    return DECLARED[name]
