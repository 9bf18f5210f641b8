"""The operator on the shared cluster, installed once with its chart, and a fresh namespace with a pool for each test."""

import re
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest

from batchyard.api.names import digest
from tests.cluster import image, installation
from tests.cluster.batch import Batch
from tests.cluster.cluster import Cluster
from tests.cluster.shell import Shell
from tests.history.checker import violations


@pytest.fixture(scope="session")
def operator(cluster: Cluster, shown: Callable[[], AbstractContextManager[None]]) -> Cluster:
    """The cluster with the operator running on it."""
    with shown():
        archive = image.archive()
    cluster.load(archive)
    installation.install_as_in_tests(cluster)
    return cluster


@pytest.fixture
def batch(operator: Cluster, request: pytest.FixtureRequest) -> Iterator[Batch]:
    """A namespace of the test's own, removed with all that is in it. What happened in it has to keep all rules of tests/history."""
    words = re.sub(r"[^a-z0-9]+", "-", request.node.name.removeprefix("test_").lower()).strip("-")
    namespace = f"{words[:40].strip('-')}-{digest(request.node.nodeid, length=6)}"
    ended_before = last_end(operator)
    operator.kubectl("create", "namespace", namespace)
    try:
        found = Batch(operator, namespace)
        yield found
        assert violations(found.recorder.history()) == []
    finally:
        operator.kubectl("delete", "namespace", namespace, "--wait=false", "--ignore-not-found")
    ended = last_end(operator)
    killed = ended.get("exitCode") == 128 + signal.SIGKILL  # by the test
    lost_its_node = ended.get("reason") == "Unknown"  # containerd's word for what ran when the power went
    starved = "LeaseLost" in ended.get(
        "message", ""
    )  # an API server too slow to renew the lease at: then it has to end
    expected = killed or lost_its_node or starved
    assert not ended or ended == ended_before or expected, f"the operator ended by itself: {ended}"


@pytest.fixture
def shell(batch: Batch) -> Shell:
    return Shell(batch, batch.cluster.kubeconfig)


@pytest.fixture
def small(shell: Shell) -> Shell:
    """With a pool of one node that serves."""
    shell.batch.pool(targetDedicatedNodes=1, nodeSelector={"kubernetes.io/hostname": "node1"})
    shell.batch.wait("node1 idle", lambda: "node1 pool idle" in shell("node list"))
    return shell


def last_end(cluster: Cluster) -> dict[str, Any]:
    """How the operator's container ended last, with the end of its log; empty when it never did."""
    (container,) = installation.operator_pod(cluster)["status"]["containerStatuses"]
    ended: dict[str, Any] = container["state"].get("terminated") or container["lastState"].get("terminated") or {}
    return ended
