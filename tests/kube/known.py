"""A Store with an ear: what it says when things come and go. No asserts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from batchyard.api import names
from batchyard.core.snapshot import JobView, Snapshot
from batchyard.kube.concerns import Key
from batchyard.kube.snapshots import snapshot
from batchyard.kube.store import Store
from tests import build

JOB = (build.NAMESPACE, "demo")
SAMPLE = (build.NAMESPACE, "sample")
OTHER = (build.NAMESPACE, "other")


def at(thing: Any) -> Key:
    """Where a table keeps it."""
    meta = getattr(thing, "ref", None) or thing
    return meta.namespace, meta.name


class Known(Store):
    def __init__(self) -> None:
        self.woken: list[Key] = []
        super().__init__(build.RULES, self.woken.append)

    @contextmanager
    def listening(self) -> Iterator[set[Key]]:
        """Whom the block wakes, once it is over."""
        heard: set[Key] = set()
        self.woken.clear()
        yield heard
        heard.update(self.woken)

    def jobs_in(self, pool: Key = SAMPLE) -> list[str]:
        return [view.name for view in self.snapshot(pool).jobs]

    def view(self, name: str = "demo", pool: Key = SAMPLE) -> JobView:
        (found,) = (view for view in self.snapshot(pool).jobs if view.name == name)
        return found

    def snapshot(self, pool: Key = SAMPLE) -> Snapshot:
        return snapshot(self, pool, build.T0)


def job_pod(component: str = names.COMPONENT_TASK, *, pool: str = "sample", job: str = "demo", **facts: Any) -> Any:
    return build.pod(component, labels={names.LABEL_POOL: pool, names.LABEL_JOB: job}, **facts)
