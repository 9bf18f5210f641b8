"""`make demo`: a cluster of two nodes, the operator by its chart, the example, its figures; then everything is removed again."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import PurePosixPath

from tests.benchmark.cost import Meter, figures
from tests.cluster import image, installation, nodes, programs
from tests.cluster.__main__ import STATE
from tests.cluster.cluster import Cluster
from tests.cluster.commands import CommandError
from tests.cluster.example import TASKS, ReadFile, Seen, run_example

__all__ = ["ReadFile", "Seen", "main", "operator_cluster", "reader", "run_example"]


def main() -> None:
    try:
        with operator_cluster() as cluster:
            _demonstrate(cluster)
    except (CommandError, TimeoutError) as failed:
        sys.exit(str(failed))


def _demonstrate(cluster: Cluster) -> None:
    meter = Meter(cluster)
    seen = run_example(cluster.kubeconfig, cluster.layout.programs, reader(cluster))
    times = {
        "kubectl apply to tasks completed, s": seen.seconds_to_tasks_completed,
        "kubectl apply to job completed, s": seen.seconds_to_job_completed,
    }
    print()
    for name, value in {**times, **figures(meter.read(), TASKS)}.items():
        print(f"  {name:<36}{value:>10.1f}")
    print(flush=True)
    if not seen.as_promised:
        sys.exit("the example did not do what it should")


def reader(cluster: Cluster) -> ReadFile:
    def read(node: str, path: PurePosixPath) -> str | None:
        file = nodes.root(cluster.layout, node) / path.relative_to("/")
        return file.read_text() if file.exists() else None

    return read


@contextlib.contextmanager
def operator_cluster() -> Iterator[Cluster]:
    """A new cluster with the operator, in place of the one of `make cluster`, if any; it stays with KEEP=1."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))  # so that what was begun is also ended
    archive = image.archive()
    try:
        with _timed("cluster of two nodes"):
            cluster = Cluster.up(STATE)
        with _timed("operator installed"):
            cluster.load(archive)
            installation.install(cluster.kubeconfig, cluster.layout.programs)
        yield cluster
    finally:
        if os.environ.get("KEEP"):
            print(
                f"the cluster stays: export KUBECONFIG={STATE / 'admin.kubeconfig'} PATH={programs.build()}:$PATH; make cluster-down removes it"
            )
        else:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave half a cluster
            with _timed("cluster removed"):
                Cluster.down(STATE)


@contextlib.contextmanager
def _timed(what: str) -> Iterator[None]:
    start = time.monotonic()
    yield
    print(f"== {what}: {time.monotonic() - start:.1f} s", flush=True)


if __name__ == "__main__":
    main()
