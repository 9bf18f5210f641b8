"""The example on a kind cluster made for it: what a user of kind and Helm would do, then everything is removed again."""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.cluster import image
from tests.cluster.kind.cluster import Cluster


def run(cluster: Cluster) -> None:
    with timed("operator image"):
        archive = image.archive()
    try:
        with timed("kind cluster"):
            cluster.up()
        with timed("images loaded"):
            cluster.load(archive)
        with timed("operator installed, example run"):
            cluster.run(sys.executable, "-m", "tests.cluster.kind.as_user")
    finally:
        # a second Ctrl-C must not leave half a cluster
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with timed("kind cluster deleted"):
            cluster.down()


@contextmanager
def timed(what: str) -> Iterator[None]:
    start = time.monotonic()
    yield
    print(f"== {what}: {time.monotonic() - start:.0f} s", flush=True)
