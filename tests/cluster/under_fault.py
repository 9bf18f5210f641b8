"""A job for faults to meet, and what has to be true of it afterwards. The rules of tests/history are judged beside this."""

from pathlib import Path
from typing import Any

from tests.cluster import operators
from tests.cluster.batch import Batch
from tests.cluster.trace import traced
from tests.history.liveness import released_where_owed

TASKS = [f"task{number:03}" for number in range(1, 7)]
GATED = traced('until [ -e "$AZ_BATCH_NODE_SHARED_DIR/open" ]; do sleep 0.2; done')
"""A task that ends when its node's gate is opened."""


def begin(
    batch: Batch, job: str = "job", *, tasks: list[str] = TASKS, line: str = traced("sleep 1"), **spec: Any
) -> None:
    """A job with preparation, tasks and release in the pool `pool`."""
    steps = {"jobPreparationTask": {"commandLine": traced("sleep 0.5")}, "jobReleaseTask": {"commandLine": traced()}}
    batch.job(job, tasks=dict.fromkeys(tasks, line), **(steps | spec))


def running(batch: Batch, *tasks: str) -> None:
    """Waits until a process of each lives."""

    def live() -> bool:
        return {run.task for run in batch.ran(*tasks) if run.exit_code is None} == {*tasks}

    batch.wait(f"{', '.join(tasks)} running", live)


def open_gates(batch: Batch) -> None:
    """On all nodes that are there, and once for all."""
    for _, root in batch.recorder.roots():
        gate(root)


def gate(root: Path) -> None:
    (root / "shared/open").touch()


def other_node(batch: Batch) -> str:
    """A node without the operator, so that what happens to the node does not happen to the operator."""
    return next(node for node in batch.cluster.nodes if node != operators.node(batch.cluster))


def succeed_and_end(batch: Batch, job: str = "job", *, tasks: list[str] = TASKS) -> None:
    """Every task succeeds; then the job is terminated, and deleted, and nothing of it is left."""
    found = batch.completed(*tasks, job=job)
    assert {found[task]["executionInfo"]["result"] for task in tasks} == {"success"}
    batch.terminate(job)
    end(batch, job)


def end(batch: Batch, job: str = "job") -> None:
    """Waits for the end of a job that was told to end, and deletes it: released where it ran, on machines that are still there."""
    batch.job_state("completed", job)
    assert list(released_where_owed(batch.recorder.history())) == []
    batch.delete("bjob", job)
    batch.gone("bjob", job)
    assert batch.nodes(job) == {}
