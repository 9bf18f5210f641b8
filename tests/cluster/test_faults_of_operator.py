"""The operator killed, frozen and doubled: nothing is lost, nothing runs twice. Each test is judged by its whole history, too."""

import os
import random
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from tests.cluster import audit, operators
from tests.cluster.batch import Batch
from tests.cluster.under_fault import TASKS, begin, end, succeed_and_end

KILLS = int(os.environ.get("KILLS", "3"))
SEED = int(os.environ.get("SEED", str(random.randrange(1 << 32))))


@pytest.fixture
def two(batch: Batch) -> Iterator[dict[str, dict[str, Any]]]:
    """Two replicas, by name; one of them leads."""
    found = operators.scale(batch.cluster, 2)
    try:
        batch.wait("a leader", lambda: operators.leader(batch.cluster) in found)
        yield found
    finally:
        operators.scale(batch.cluster, 1)
        batch.wait("one leader", lambda: operators.leader(batch.cluster) in operators.pods(batch.cluster))


def test_operator_killed_at_random_moments_of_a_jobs_life_changes_nothing(batch: Batch) -> None:
    """A1. `KILLS=20 SEED=...` says how often and when: as parts of the life of a first job, which is left alone."""
    print(f"SEED={SEED}")
    dice = random.Random(SEED)
    batch.pool(taskSlotsPerNode=2)
    life = lived(batch, "whole")
    with ThreadPoolExecutor() as pool:
        for number in range(KILLS):
            moment = dice.random() * life
            print(f"kill after {moment:.2f} of {life:.2f} s", flush=True)
            killed = pool.submit(kill_after, batch, moment)
            lived(batch, f"killed{number}")
            killed.result()


def lived(batch: Batch, job: str) -> float:
    """How many seconds a small job takes from its creation to the end of its deletion."""
    began = time.monotonic()
    begin(batch, job, tasks=TASKS[:3], onAllTasksComplete="terminatejob")
    end(batch, job)
    ran = [run for run in batch.ran(*TASKS) if run.job == job]
    assert sorted(run.task for run in ran if run.succeeded) == TASKS[:3]
    return time.monotonic() - began


def kill_after(batch: Batch, seconds: float) -> None:
    Event().wait(seconds)
    operators.kill(batch.cluster)


def test_standby_takes_over_from_a_leader_that_was_killed(batch: Batch, two: dict[str, dict[str, Any]]) -> None:
    """A5. The kubelet of its node is down, too, or it would start the leader again at once."""
    batch.pool(taskSlotsPerNode=2)
    begin(batch)
    batch.wait("a task", lambda: batch.ran(*TASKS))
    killed = operators.leader(batch.cluster)
    node = two[killed]["spec"]["nodeName"]
    batch.cluster.stop(f"{node}/kubelet")
    try:
        operators.send(two[killed], signal.SIGKILL)
        batch.wait("the standby leads", lambda: operators.leader(batch.cluster) in {*two} - {killed})
    finally:
        batch.cluster.start(f"{node}/kubelet")
    batch.cluster.wait_ready()
    succeed_and_end(batch)
    assert len(batch.ran(*TASKS)) == len(TASKS)


def test_leader_that_was_frozen_writes_nothing_when_it_wakes(batch: Batch, two: dict[str, dict[str, Any]]) -> None:
    """A4."""
    batch.pool(taskSlotsPerNode=2)
    begin(batch)
    batch.wait("a task", lambda: batch.ran(*TASKS))
    since = batch.cluster.audit_position()
    frozen = operators.leader(batch.cluster)
    (pid,) = operators.processes(two[frozen])
    operators.send(two[frozen], signal.SIGSTOP)
    try:
        batch.wait("the standby leads", lambda: operators.leader(batch.cluster) in {*two} - {frozen})
    finally:
        operators.send(two[frozen], signal.SIGCONT)
    batch.wait("the end of the old leader's process", lambda: pid not in operators.processes(two[frozen]))
    succeed_and_end(batch)
    assert len(batch.ran(*TASKS)) == len(TASKS)
    (other,) = (pod for name, pod in two.items() if name != frozen)
    log = [answer for answer in audit.answers(batch.cluster.layout.audit_log, since) if answer.request.is_write]
    (taken, *_) = [answer for answer in log if answer.source == address(other) and answer.request.resource == "leases"]
    assert [a for a in log if a.at > taken.at and a.source == address(two[frozen]) and a.request.code < 400] == []


def address(pod: dict[str, Any]) -> str:
    return str(pod["status"]["podIP"])
