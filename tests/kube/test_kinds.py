from __future__ import annotations

import pytest

from batchyard.kube.kinds import BATCH_TASK, NODE, POD


def test_paths_follow_group_and_namespace() -> None:
    assert POD.collection() == "/api/v1/pods"
    assert POD.object("default", "a") == "/api/v1/namespaces/default/pods/a"
    assert NODE.object(None, "node1") == "/api/v1/nodes/node1"
    assert BATCH_TASK.object("a", "job.t1", "status") == (
        "/apis/batchyard.io/v1alpha1/namespaces/a/batchtasks/job.t1/status"
    )


def test_cluster_wide_kind_ignores_a_namespace() -> None:
    assert NODE.object("default", "node1") == "/api/v1/nodes/node1"


def test_name_cannot_leave_its_path() -> None:
    assert POD.object("default", "../../secrets/x") == "/api/v1/namespaces/default/pods/..%2F..%2Fsecrets%2Fx"


def test_namespaced_object_needs_its_namespace() -> None:
    with pytest.raises(ValueError, match="namespace"):
        POD.object(None, "a")
