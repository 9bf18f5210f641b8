"""What the tests on a real cluster say about pools, jobs and tasks, in one namespace. Reads the API and the nodes' disks."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.cluster.cluster import Cluster
from tests.cluster.recorder import Recorder
from tests.history.process import Process

Object = dict[str, Any]
IMAGE = "docker.io/library/busybox:1.37"
DEADLINE = 180.0
KINDS = {"bpool": "BatchPool", "bjob": "BatchJob", "btask": "BatchTask"}


@dataclass
class Batch:
    cluster: Cluster
    namespace: str
    recorder: Recorder = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.recorder = Recorder(self.cluster, self.namespace)

    # write

    def apply(self, kind: str, name: str, spec: Object) -> None:
        """Raises CommandError with what the API server says if it refuses."""
        body = {"apiVersion": "batchyard.io/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": spec}
        applied = self.cluster.kubectl("apply", "-n", self.namespace, "-o", "json", "-f", "-", stdin=json.dumps(body))
        self.recorder.wanted.apply(kind, name, spec)
        self.recorder.note(json.loads(applied))

    def pool(self, name: str = "pool", **spec: Any) -> None:
        base = {"nodeSelector": {"batch": "true"}, "targetDedicatedNodes": 2, "containerSettings": {"imageName": IMAGE}}
        self.apply("BatchPool", name, base | spec)

    def job(self, name: str = "job", *, pool: str = "pool", tasks: dict[str, str] | None = None, **spec: Any) -> None:
        """`tasks` are command lines by id."""
        inline = [{"id": task, "commandLine": line} for task, line in (tasks or {}).items()]
        self.apply("BatchJob", name, {"poolInfo": {"poolId": pool}, "tasks": inline} | spec)

    def task(self, name: str, *, job: str = "job", **spec: Any) -> None:
        self.apply("BatchTask", name, {"jobId": job} | spec)

    def terminate(self, job: str = "job") -> None:
        self.patch("bjob", job, {"spec": {"desiredState": "terminated"}})

    def kubectl(self, *argv: str) -> str:
        return self.cluster.kubectl("-n", self.namespace, *argv)

    def patch(self, kind: str, name: str, body: Object) -> None:
        self.cluster.kubectl("patch", kind, name, "-n", self.namespace, "--type", "merge", "-p", json.dumps(body))
        self.recorder.wanted.patch(KINDS.get(kind, kind), name, body.get("spec", {}))

    def delete(self, kind: str, name: str, *, wait: bool = False) -> None:
        self.cluster.kubectl("delete", kind, name, "-n", self.namespace, f"--wait={str(wait).lower()}")

    # read

    def get(self, kind: str, name: str) -> Object | None:
        found = self.cluster.get(kind, name, self.namespace)
        if found is not None:
            self.recorder.note(found)
        return found

    def all(self, kind: str, selector: str = "") -> list[Object]:
        found = self.cluster.get_all(kind, self.namespace, selector)
        for each in found:
            self.recorder.note(each)
        return found

    def tasks(self, job: str = "job") -> dict[str, Object]:
        """Status by task id."""
        found = (task for task in self.all("btask") if task["spec"]["jobId"] == job)
        return {task["spec"].get("id", task["metadata"]["name"]): task.get("status", {}) for task in found}

    def nodes(self, job: str = "job") -> dict[str, Object]:
        """Status of the job's BatchJobNodes by node."""
        found = (record for record in self.all("bjnode") if record["spec"]["jobId"] == job)
        return {record["spec"]["nodeId"]: record.get("status", {}) for record in found}

    def condition(self, kind: str, name: str, wanted: str) -> Object:
        """Empty when the object or the condition is not there."""
        status = (self.get(kind, name) or {}).get("status", {})
        return next((c for c in status.get("conditions", []) if c["type"] == wanted), {})

    def state(self, job: str = "job") -> str:
        return str(((self.get("bjob", job) or {}).get("status") or {}).get("state", ""))

    # wait

    def wait(self, what: str, condition: Callable[[], Any], deadline: float = DEADLINE) -> Any:
        """A failure shows what there is in the namespace, too."""

        def reading_on() -> Any:
            self.recorder.read()
            return condition()

        try:
            return self.cluster.wait(what, reading_on, deadline)
        except TimeoutError as late:
            there = self.cluster.kubectl(
                "get", "bpool,bnode,bjob,bjnode,btask,pods", "-n", self.namespace, "-o", "wide"
            )
            raise TimeoutError(f"{late}\n{there}") from None

    def completed(self, *tasks: str, job: str = "job") -> dict[str, Object]:
        """Waits until the tasks named (all there are, when none is named) are completed."""

        def done() -> dict[str, Object]:
            found = self.tasks(job)
            wanted = tasks or tuple(found)
            return found if wanted and all(found.get(t, {}).get("state") == "completed" for t in wanted) else {}

        return dict(self.wait(f"tasks {', '.join(tasks) or 'all'} of {job} completed", done))

    def job_state(self, state: str, job: str = "job") -> None:
        self.wait(f"job {job} {state}", lambda: self.state(job) == state)

    def gone(self, kind: str, name: str) -> None:
        self.wait(f"{kind} {name} gone", lambda: self.get(kind, name) is None)
        if kind == "bjob":
            self.recorder.job_gone(name)

    def says(self, kind: str, name: str, condition: str, reason: str) -> str:
        """Waits for a condition's reason; returns its message."""
        found = self.wait(
            f"{condition} of {kind} {name} says {reason}",
            lambda: (c := self.condition(kind, name, condition)) and c["reason"] == reason and c,
        )
        return str(found["message"])

    # nodes

    def root(self, node: str, pool: str = "pool") -> Path:
        """The pool's directory on the node's disk; remembers nothing, so the pool must exist."""
        found = self.get("bpool", pool)
        assert found is not None, pool
        return self.cluster.node_root(node) / str(found["metadata"]["uid"])

    def ran(self, *tasks: str, pool: str = "pool") -> list[Process]:
        """What ran of the tasks named (of everything, when none is named) in the pool, by start."""
        found = (process for process in self.recorder.processes() if process.place.pool == pool)
        return [process for process in found if not tasks or process.task in tasks]
