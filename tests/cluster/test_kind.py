"""kind itself, once for each run of the tests: what `make kind-demo` does, from nothing to nothing."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.cluster import image
from tests.cluster.kind.cluster import TOP, Cluster

pytestmark = pytest.mark.kind
DEMO = (sys.executable, "-m", "tests.cluster.kind", "demo")
SECONDS = 45 * 60  # the very first time everything is built
NODES = ("batchyard-worker", "batchyard-worker2")


@pytest.fixture
def state() -> Iterator[Path]:
    """A state directory of its own, so that a kind cluster of this checkout may stand beside."""
    state = TOP / ".state-kind-test"
    yield state
    Cluster(state).down()


def test_the_example_runs_on_a_kind_cluster_and_nothing_of_it_is_left(
    state: Path, tmp_path: Path, shown: Callable[[], AbstractContextManager[None]]
) -> None:
    with shown():
        image.archive()
        Cluster(state).build()
    log = tmp_path / "demo.log"
    with log.open("w") as sink:
        environment = {**os.environ, "KIND_STATE": str(state), "PYTHONUNBUFFERED": "1"}
        demo = subprocess.run(
            DEMO, check=False, cwd=TOP, env=environment, stdout=sink, stderr=subprocess.STDOUT, timeout=SECONDS
        )
    output = log.read_text()
    assert demo.returncode == 0, output
    for node in NODES:
        assert f"job_prep_and_release.txt on {node}: gone" in output
    assert not state.exists()
    assert not Cluster(state).running
