"""API server and etcd killed, the network to them cut: jobs go on as if nothing had been. Each test is judged by its whole history, too."""

from functools import partial

import pytest

from tests.cluster import operators
from tests.cluster.batch import Batch, Object
from tests.cluster.layout import CONTROL_PLANE
from tests.cluster.under_fault import GATED, TASKS, begin, open_gates, running, succeed_and_end


@pytest.mark.parametrize("daemon", ["apiserver", "etcd"])
def test_killed_while_a_job_runs_it_loses_nothing(batch: Batch, daemon: str) -> None:
    """B9."""
    batch.pool(taskSlotsPerNode=2)
    begin(batch)
    batch.wait("a task", lambda: batch.ran(*TASKS))
    try:
        batch.cluster.stop(daemon)
    finally:
        batch.cluster.repair()
    succeed_and_end(batch)
    assert len(batch.ran(*TASKS)) == len(TASKS)


def test_watches_that_are_cut_again_and_again_miss_nothing(batch: Batch) -> None:
    """B11: at the start, at work, and while the job ends."""
    batch.pool(taskSlotsPerNode=2)
    (operator,) = operators.pods(batch.cluster).values()
    cut(batch, operator)
    begin(batch)
    for task in TASKS[::2]:
        batch.wait(f"{task} started", partial(batch.ran, task))
        cut(batch, operator)
    batch.completed(*TASKS)
    batch.terminate()
    cut(batch, operator)
    succeed_and_end(batch)
    assert len(batch.ran(*TASKS)) == len(TASKS)


def cut(batch: Batch, operator: Object) -> None:
    """Once there is something to cut: it may be connecting anew after the last time."""
    address = str(operator["status"]["podIP"])
    batch.wait("connections to cut", lambda: batch.cluster.reset_connections(address))


def test_ends_that_nobody_could_hear_of_are_learnt_when_the_network_is_healed(batch: Batch) -> None:
    """B5, B11: every watch is cut; meanwhile tasks end and nobody can say so."""
    batch.pool()
    begin(batch, tasks=TASKS[:2], line=GATED)
    running(batch, *TASKS[:2])
    batch.cluster.cut(CONTROL_PLANE)
    try:
        open_gates(batch)
        batch.wait("both ended on their nodes", lambda: sum(run.succeeded for run in batch.ran(*TASKS)) == 2)
    finally:
        batch.cluster.heal(CONTROL_PLANE)
    succeed_and_end(batch, tasks=TASKS[:2])
    assert len(batch.ran(*TASKS)) == 2
