"""The operator on a cluster as users get it there: its image, its Helm chart. Works on any cluster that has a kubeconfig."""

import json
from pathlib import Path
from typing import Any

from tests.cluster import programs
from tests.cluster.cluster import Cluster
from tests.cluster.commands import run

CHART = Path(__file__).parents[2] / "charts/batchyard"
IN_TESTS = {"operator__imagePullDeadlineSeconds": 8}
"""Values that keep tests short."""
NAMESPACE = "batchyard-system"
LABELS = {"pod-security.kubernetes.io/enforce": "privileged", "batchyard.io/pod-security": "restricted"}
"""Of the namespace, as docs/install.md has them where Pod Security is enforced."""
RELEASE = "batchyard"


def install(kubeconfig: Path, bin_directory: Path | None = None, helm: Path | None = None, **values: str | int) -> None:
    """Install or upgrade the release and wait until the operator leads. The image must be on the nodes."""
    bin_directory = bin_directory or programs.build()
    settings = [word for key, value in values.items() for word in ("--set", f"{key.replace('__', '.')}={value}")]
    arguments = ["--namespace", NAMESPACE, "--wait", "--timeout", "300s", *settings]
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": LABELS}}
    run(bin_directory / "kubectl", "--kubeconfig", kubeconfig, "apply", "-f", "-", stdin=json.dumps(namespace))
    program = (helm or bin_directory / "helm", "--kubeconfig", kubeconfig)
    run(*program, "upgrade", "--install", RELEASE, CHART, *arguments)


def install_as_in_tests(cluster: Cluster, helm: Path | None = None) -> None:
    install(cluster.kubeconfig, cluster.layout.programs, helm, **IN_TESTS)


def helm(cluster: Cluster, *argv: str | Path, program: Path | None = None) -> str:
    """A command of Helm on the operator's namespace."""
    where = ("--kubeconfig", cluster.kubeconfig, "--namespace", NAMESPACE)
    return run(program or cluster.layout.programs / "helm", *where, *argv)


def operator_pod(cluster: Cluster) -> dict[str, Any]:
    (pod,) = cluster.get_all("pod", NAMESPACE, "app.kubernetes.io/name=batchyard,!app.kubernetes.io/component")
    return pod
