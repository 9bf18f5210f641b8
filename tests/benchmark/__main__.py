"""`make benchmark`: the example several times, then many tasks that do nothing; prints what they took and cost, asserts nothing about it."""

import contextlib
import io
import json
import statistics
import time
from collections.abc import Mapping, Sequence

from tests.benchmark.cost import Cost, Meter, figures
from tests.cluster.cluster import Cluster
from tests.cluster.demo import operator_cluster, reader
from tests.cluster.example import TASKS as EXAMPLE_TASKS
from tests.cluster.example import Kubectl, run_example

RUNS, TASKS, SLOTS = 3, 200, 8
MANY_SECONDS = 900  # a machine that does other work beside takes several times longer
JOB, POOL = "many", "many"
API_VERSION = "batchyard.io/v1alpha1"


def main() -> None:
    with operator_cluster() as cluster:
        kubectl = Kubectl(cluster.layout.programs / "kubectl", cluster.kubeconfig)
        runs = [_example(cluster, kubectl) for _ in range(RUNS)]
        seconds, cost = _many(cluster, kubectl)
        print(f"\nthe example, {RUNS} runs{'median':>27}{'min':>10}{'max':>10}")
        for name in runs[0]:
            _row(name, [run[name] for run in runs])
        print(f"\n{TASKS} tasks that do nothing on 2 nodes with {SLOTS} slots each")
        for name, value in {
            "tasks completed, s": seconds,
            "tasks per second": TASKS / seconds,
            **figures(cost, TASKS),
        }.items():
            print(f"  {name:<36}{value:>10.1f}")


def _row(name: str, values: Sequence[float]) -> None:
    print(f"  {name:<36}{statistics.median(values):>10.1f}{min(values):>10.1f}{max(values):>10.1f}")


def _example(cluster: Cluster, kubectl: Kubectl) -> dict[str, float]:
    meter = Meter(cluster)
    with contextlib.redirect_stdout(io.StringIO()):
        seen = run_example(cluster.kubeconfig, cluster.layout.programs, reader(cluster))
    times = {"tasks completed, s": seen.seconds_to_tasks_completed, "job completed, s": seen.seconds_to_job_completed}
    found = {**times, **figures(meter.read(), EXAMPLE_TASKS)}
    print(f"the example: job completed after {seen.seconds_to_job_completed:.1f} s", flush=True)
    kubectl("delete", "batchjob/demo", "batchpool/sample")
    return found


def _many(cluster: Cluster, kubectl: Kubectl) -> tuple[float, Cost]:
    print(f"{TASKS} tasks", flush=True)
    meter, start = Meter(cluster), time.monotonic()
    cluster.apply(json.dumps(_manifest()))
    completed: set[str] = set()
    line = 'jsonpath={.metadata.name} {.status.state}{"\\n"}'
    selector = ("--field-selector", f"spec.jobId={JOB}")
    watching = kubectl.watch("batchtasks", *selector, "-o", line, seconds=MANY_SECONDS)
    with contextlib.closing(watching) as lines:
        for task, *state in map(str.split, lines):
            if state != ["completed"] or task in completed:
                continue
            completed.add(task)
            if len(completed) % 20 == 0:
                print(f"{time.monotonic() - start:6.1f} s  {len(completed)} tasks completed", flush=True)
            if len(completed) == TASKS:
                return time.monotonic() - start, meter.read()
    raise SystemExit(f"only {len(completed)} of {TASKS} tasks completed within {MANY_SECONDS} s")


def _manifest() -> dict[str, object]:
    pool = {
        "nodeSelector": {"batch": "true"},
        "targetDedicatedNodes": 2,
        "taskSlotsPerNode": SLOTS,
        "containerSettings": {"imageName": "docker.io/library/busybox:1.37"},
    }
    tasks = [{"id": f"task{number:03}", "commandLine": "/bin/true"} for number in range(1, TASKS + 1)]
    job = {"poolInfo": {"poolId": POOL}, "tasks": tasks}
    return {
        "apiVersion": "v1",
        "kind": "List",
        "items": [_object("BatchPool", POOL, pool), _object("BatchJob", JOB, job)],
    }


def _object(kind: str, name: str, spec: Mapping[str, object]) -> dict[str, object]:
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name}, "spec": spec}


if __name__ == "__main__":
    main()
