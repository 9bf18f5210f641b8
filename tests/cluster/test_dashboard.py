"""The dashboard with real data: a Prometheus reads the operator while it runs a job, and every panel has something to show."""

import json
import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from batchyard.handlers.watches import SLOW_KINDS
from batchyard.handlers.work import QUICK_KINDS
from tests.cluster import installation
from tests.cluster.batch import Batch
from tests.monitoring import prometheus
from tests.monitoring.dashboard import Question, choice, questions
from tests.monitoring.server import Prometheus, Series, reading

METRICS_PORT = 8080
SHELL = "/bin/sh -c '{}'"


@pytest.fixture
def server(batch: Batch, tmp_path: Path, shown: Callable[[], AbstractContextManager[None]]) -> Iterator[Prometheus]:
    """Reads the operator as a ServiceMonitor has it read."""
    with shown():
        prometheus.build()
    address = installation.operator_pod(batch.cluster)["status"]["podIP"]
    with reading(f"{address}:{METRICS_PORT}", tmp_path) as found:
        batch.wait("the operator has been read", found.up)
        yield found


def work(batch: Batch, server: Prometheus) -> None:
    """A job with all that panels show: tasks that run long enough to be seen, one that is retried, one that fails, one that waits."""
    batch.pool(targetDedicatedNodes=0)
    batch.job("lost", pool="nobodys", tasks={})
    there = ["_other", "pool"]
    batch.wait("a pool without a node and those that nobody made can be chosen", lambda: pools(server, batch) == there)
    batch.patch("bpool", "pool", {"spec": {"targetDedicatedNodes": 2}})
    batch.job("wide", tasks={})
    batch.task("wide.t", job="wide", id="t", commandLine="true", requiredSlots=9)
    batch.says("bjob", "wide", "Admitted", "ExceedsPool")
    lines = {f"t{number}": SHELL.format("sleep 4") for number in range(4)} | {"bad": SHELL.format("exit 3")}
    steps: Any = {step: {"commandLine": SHELL.format("sleep 1")} for step in ("jobPreparationTask", "jobReleaseTask")}
    batch.job(tasks=lines, constraints={"maxTaskRetryCount": 1}, onAllTasksComplete="terminatejob", **steps)
    batch.job_state("completed")


def pools(server: Prometheus, batch: Batch) -> list[str]:
    """What the dashboard offers to somebody who has chosen the namespace, if it is offered that."""
    offered = batch.namespace in server.values(*choice("namespace"))
    return server.values(*choice("pool", namespace=batch.namespace)) if offered else []


def shows(server: Prometheus, question: Question) -> Series:
    """Series in which there is a number."""
    found = server.range(question.expression)
    return [each for each in found if any(not math.isnan(float(value)) for _, value in each["values"])]


def last(series: Series, **labels: str) -> float:
    [found] = [each for each in series if each["metric"].items() >= labels.items()]
    return float(found["values"][-1][1])


def test_every_panel_has_something_to_show_and_the_counters_are_right(
    server: Prometheus, batch: Batch, tmp_path: Path
) -> None:
    work(batch, server)
    of = f'namespace="{batch.namespace}",pool="pool"'
    counted = f"batchyard_jobs_finished_total{{{of}}}"
    batch.wait("the end of the job has been read", lambda: last(server.range(counted), result="failure") == 1)
    tasks = server.range(f"batchyard_tasks_finished_total{{{of}}}")
    assert (last(tasks, result="success"), last(tasks, result="failure", code="FailureExitCode")) == (4, 1)
    assert last(server.range(f"batchyard_tasks_again_total{{{of}}}"), cause="retry") == 1
    steps = server.range(f"batchyard_steps_finished_total{{{of}}}")
    assert {last(steps, step=step, result="success") for step in ("preparation", "release")} == {2}
    assert last(server.range(f"batchyard_task_run_seconds_count{{{of}}}")) == 6
    assert 4 * 4 <= last(server.range(f"batchyard_task_run_seconds_sum{{{of}}}")) < 4 * 4 + 15
    heard = server.range("time() - batchyard_watch_last_event_timestamp_seconds")
    ages = {each["metric"]["kind"]: float(each["values"][-1][1]) for each in heard}
    assert ages.keys() == {kind.kind for kind in (*QUICK_KINDS, *SLOW_KINDS)}
    assert all(0 <= age < 120 for kind, age in ages.items() if kind in {each.kind for each in QUICK_KINDS})

    chosen = {"namespace": batch.namespace, "pool": "|".join(pools(server, batch))}
    seen = [(question, shows(server, question)) for question in questions(**chosen)]
    (tmp_path / "panels.json").write_text(json.dumps([{**vars(q), "series": found} for q, found in seen]))
    assert [question for question, found in seen if not found] == []
