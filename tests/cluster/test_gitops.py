"""Helm 4 waits with kstatus, as Flux does: its `--wait` is over when a job is, with the job's outcome. Nobody fights over what Git says."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cluster import programs
from tests.cluster.batch import IMAGE, Batch
from tests.cluster.commands import CommandError, run
from tests.gitops.judging import MODULE, judge

POOL = {"nodeSelector": {"batch": "true"}, "targetDedicatedNodes": 2, "containerSettings": {"imageName": IMAGE}}


def helm(batch: Batch, *argv: str | Path) -> str:
    where = ("--kubeconfig", batch.cluster.kubeconfig, "--namespace", batch.namespace)
    return run(programs.build(MODULE) / "helm", *where, *argv)


def manifests(batch: Batch, directory: Path, command: str) -> Path:
    """A chart of a pool and a job."""
    tasks = [{"id": task, "commandLine": command} for task in ("one", "two")]
    ends: dict[str, Any] = {"poolInfo": {"poolId": "pool"}, "onAllTasksComplete": "terminatejob", "tasks": tasks}
    (directory / "templates").mkdir()
    (directory / "Chart.yaml").write_text("{apiVersion: v2, name: work, version: 0.1.0}")
    for kind, name, spec in (("BatchPool", "pool", POOL), ("BatchJob", "job", ends)):
        body = {"apiVersion": "batchyard.io/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": spec}
        (directory / f"templates/{name}.json").write_text(json.dumps(body))
        batch.recorder.wanted.apply(kind, name, spec)
    return directory


def test_helm_waits_until_pool_and_job_are_done_and_sees_no_change_afterwards(batch: Batch, tmp_path: Path) -> None:
    chart = manifests(batch, tmp_path, "sleep 5")
    helm(batch, "install", "work", chart, "--wait", "--timeout", "150s")
    pool, job = batch.get("bpool", "pool"), batch.get("bjob", "job")
    assert pool is not None
    assert job is not None
    assert job["status"]["state"] == "completed"
    assert [each.words for each in judge([pool, job])] == [("Current", "Healthy")] * 2
    batch.kubectl("diff", "--server-side", "--field-manager=argocd-controller", "-f", str(chart / "templates"))
    helm(batch, "upgrade", "work", chart, "--wait", "--timeout", "60s")
    assert batch.get("bjob", "job") == job
    helm(batch, "uninstall", "work", "--wait", "--timeout", "120s")
    assert (batch.all("bjob"), batch.all("bpool")) == ([], [])
    batch.recorder.job_gone("job")


def test_helm_gives_up_at_once_when_the_job_fails_and_says_how(batch: Batch, tmp_path: Path) -> None:
    with pytest.raises(CommandError) as told:
        helm(batch, "install", "work", manifests(batch, tmp_path, "false"), "--wait", "--timeout", "150s")
    assert batch.state() == "completed"
    assert "BatchJob" in str(told.value)
    assert "status: Failed, message: 2/2 tasks completed, 2 failed" in str(told.value)
    assert "deadline" not in str(told.value)
