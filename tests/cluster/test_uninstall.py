"""The end of an installation, by the commands of docs/install.md: nothing is left behind, and there is a way out where nobody cleans."""

import os
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster import installation
from tests.cluster.batch import Batch
from tests.cluster.trace import traced
from tests.docs.pages import ROOT, blocks

PAGE = ROOT / "docs/install.md"


@pytest.fixture
def release(batch: Batch) -> Iterator[Batch]:
    """With a pool, and a job that has run; the release is put back afterwards."""
    batch.pool()
    steps: dict[str, Any] = {each: {"commandLine": traced()} for each in ("jobPreparationTask", "jobReleaseTask")}
    batch.job(tasks={"one": traced()}, **steps)
    batch.completed("one")
    yield batch
    installation.install_as_in_tests(batch.cluster)


def as_told(batch: Batch, part: str) -> None:
    """Runs the block of the page that has such a part, in the test's namespace."""
    (block,) = [block for block in blocks(PAGE, "sh") if part in block]
    path = f"{batch.cluster.layout.programs}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "KUBECONFIG": str(batch.cluster.kubeconfig)}
    line = ["/bin/bash", "-ec", block.replace("NAMESPACE", batch.namespace)]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr + done.stdout


def test_the_commands_that_leave_nothing_behind_leave_nothing(release: Batch) -> None:
    roots = [release.root(node) for node in release.nodes()]
    assert roots
    as_told(release, "kubectl delete crd")
    release.recorder.job_gone("job")
    everything = (
        "crd,namespace,clusterrole,clusterrolebinding,validatingadmissionpolicy,validatingadmissionpolicybinding"
    )
    left = release.cluster.kubectl("get", everything, "-o", "name").split()
    assert [name for name in left if "batchyard" in name] == [f"namespace/{installation.NAMESPACE}"]
    assert release.all("pod") == release.all("daemonset") == []
    assert [root for root in roots if root.exists()] == []


def test_a_namespace_that_nobody_cleans_goes_when_finalizers_are_taken_off_as_told(release: Batch) -> None:
    installation.helm(release.cluster, "uninstall", "batchyard", "--wait", "--timeout", "120s")
    release.cluster.kubectl("delete", "namespace", release.namespace, "--wait=false")
    release.wait("it waits for finalizers", lambda: "NamespaceFinalizersRemaining" in waits_for(release))
    as_told(release, "finalizers")
    release.wait("it is gone", lambda: release.cluster.get("namespace", release.namespace) is None)


def waits_for(batch: Batch) -> list[str]:
    found = batch.cluster.get("namespace", batch.namespace) or {}
    return [each["type"] for each in found["status"].get("conditions", []) if each["status"] == "True"]
