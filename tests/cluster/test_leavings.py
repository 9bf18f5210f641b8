"""S22: what a job has left is read by no task once the job is gone, and by none of another pool at any time."""

from typing import Any

from tests.cluster.batch import Batch
from tests.cluster.trace import traced

LEAVE = traced(
    'for each in "$AZ_BATCH_TASK_DIR" "$AZ_BATCH_TASK_WORKING_DIR"; do echo "can""ary" | tee "$each/left"; done'
)
LOOK = traced('find / -path /proc -prune -o -path /sys -prune -o -type f -exec grep -ls "can""ary" {} + | grep .')
"""Everywhere; the word stands in two parts, or it would find itself."""
ON_NODE1: dict[str, Any] = {"nodeSelector": {"kubernetes.io/hostname": "node1"}, "targetDedicatedNodes": 1}


def test_what_a_job_leaves_is_read_by_no_other_pool_and_by_nobody_once_it_is_gone(batch: Batch) -> None:
    batch.pool(**ON_NODE1)
    batch.pool("other", **ON_NODE1)
    batch.job("leaves", tasks={"one": LEAVE}, jobPreparationTask={"commandLine": LEAVE})
    batch.completed("one", job="leaves")
    assert finds(batch, "beside", "pool"), "tasks of one pool share its directory on a node, and the look works"
    assert not finds(batch, "elsewhere", "other")
    batch.delete("bjob", "leaves")
    batch.gone("bjob", "leaves")
    assert not finds(batch, "later", "pool")


def finds(batch: Batch, job: str, pool: str) -> bool:
    batch.job(job, pool=pool, tasks={"look": LOOK})
    return bool(batch.completed("look", job=job)["look"]["executionInfo"]["exitCode"] == 0)
