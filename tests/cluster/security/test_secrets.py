"""What users write may be a secret. It is planted everywhere it may stand, and looked for in all that the operator says."""

import base64
import json
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster import installation, operators
from tests.cluster.batch import IMAGE, Batch, Object
from tests.cluster.cluster import Cluster

SECRET = "t4inted-v4lue"
SAS = f"https://account.blob.example.org/container?sig={SECRET}"
VARIABLES = [{"name": "PASSWORD", "value": SECRET}]
BAD_IMAGE: Object = {"imageName": "127.0.0.1:1/no/such:image"}
"""Refuses at once."""


def plant(batch: Batch) -> None:
    """Commands and variables that hold it, and every way for them to fail."""
    credentials = {"auths": {"registry.example.org": {"password": SECRET}}}
    data = {".dockerconfigjson": base64.b64encode(json.dumps(credentials).encode()).decode()}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "pull"}, "data": data}
    body = json.dumps({**secret, "type": "kubernetes.io/dockerconfigjson"})
    batch.cluster.kubectl("apply", "-n", batch.namespace, "-f", "-", stdin=body)
    start = {"commandLine": f"/bin/sh -c 'true {SECRET}'", "environmentSettings": VARIABLES}
    batch.pool(imagePullSecrets=[{"name": "pull"}], startTask=start, taskSlotsPerNode=4)
    steps: dict[str, Any] = {
        step: {"commandLine": f"/bin/sh -c 'curl {SAS}; true'", "environmentSettings": VARIABLES}
        for step in ("jobPreparationTask", "jobReleaseTask")
    }
    tasks = {
        "fails": f"/bin/sh -c 'echo {SECRET} >&2; exit 3'",
        "does-not-parse": f"/bin/sh -c 'echo {SECRET}",
        "is-not-there": f"/no/such/{SECRET} {SAS}",
        "ends-well": f"/bin/sh -c 'true {SAS}'",
    }
    batch.job(tasks=tasks, commonEnvironmentSettings=VARIABLES, **steps)
    batch.task("no-image", commandLine=f"true {SECRET}", environmentSettings=VARIABLES, containerSettings=BAD_IMAGE)
    enormous = {"imageName": IMAGE.replace("busybox", "busybox@sha256")}
    batch.task("no-name", commandLine=f"true {SECRET}", environmentSettings=VARIABLES, containerSettings=enormous)


def said(batch: Batch) -> dict[str, str]:
    """All that the operator tells anybody, by where."""
    kubectl, pod = batch.cluster.kubectl, installation.operator_pod(batch.cluster)["metadata"]["name"]
    proxy = f"/api/v1/namespaces/{installation.NAMESPACE}/pods/{pod}:8080/proxy/metrics"
    objects = batch.all("bpool,bnode,bjob,bjnode,btask")
    kept = [{"metadata": {**o["metadata"], "annotations": {}}, "status": o.get("status")} for o in objects]
    pods = [pod["metadata"] for pod in [*batch.all("pod"), *batch.cluster.get_all("pod", installation.NAMESPACE)]]
    return {
        "log": kubectl("logs", pod, "-n", installation.NAMESPACE),
        "events": kubectl("get", "events", "-n", batch.namespace, "-o", "json"),
        "status": json.dumps(kept),
        "names and labels of Pods": json.dumps(pods),
        "metrics": kubectl("get", "--raw", proxy),
    }


@pytest.fixture
def _at_debug(operator: Cluster) -> Iterator[None]:
    """When it says the most."""
    (pod,) = operators.pods(operator).values()
    operators.send(pod, signal.SIGUSR1)
    yield
    operators.send(pod, signal.SIGUSR1)


@pytest.mark.usefixtures("_at_debug")
def test_no_value_of_a_user_is_in_log_events_status_or_metrics(batch: Batch) -> None:
    plant(batch)
    batch.completed("fails", "does-not-parse", "is-not-there", "ends-well", "no-image", "no-name")
    batch.terminate()
    batch.job_state("completed")
    told = said(batch)
    assert [where for where, text in told.items() if SECRET in text] == []
    assert all(batch.namespace in told[where] for where in ("events", "status", "metrics")), "nothing was looked at"
    assert "leads" in told["log"]
    assert any('"level": "debug"' in line and batch.namespace in line for line in told["log"].splitlines())
