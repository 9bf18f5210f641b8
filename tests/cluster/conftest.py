"""The operator on the shared cluster, installed once with its chart, and a fresh namespace with a pool for each test."""

import re
from collections.abc import Iterator

import pytest

from batchyard.api.names import digest
from tests.cluster import image, installation
from tests.cluster.batch import Batch
from tests.cluster.cluster import Cluster

IMAGE_PULL_DEADLINE = 8


@pytest.fixture(scope="session")
def operator(cluster: Cluster) -> Cluster:
    """The cluster with the operator running on it."""
    cluster.load(image.archive())
    values = {"operator__imagePullDeadlineSeconds": IMAGE_PULL_DEADLINE}
    installation.install(cluster.kubeconfig, cluster.layout.programs, **values)
    return cluster


@pytest.fixture
def batch(operator: Cluster, request: pytest.FixtureRequest) -> Iterator[Batch]:
    """A namespace of the test's own, removed with all that is in it."""
    words = re.sub(r"[^a-z0-9]+", "-", request.node.name.removeprefix("test_").lower()).strip("-")
    namespace = f"{words[:40].strip('-')}-{digest(request.node.nodeid, length=6)}"
    operator.kubectl("create", "namespace", namespace)
    try:
        yield Batch(operator, namespace)
    finally:
        operator.kubectl("delete", "namespace", namespace, "--wait=false")
