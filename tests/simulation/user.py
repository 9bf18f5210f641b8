"""What people do, for workloads to say: create, change, delete, wait for something to be so. Their own calls never fail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from batchyard.api import names
from batchyard.kube import kinds
from batchyard.kube.kinds import Kind
from batchyard.kube.observe import controller_uid
from tests.simulation.api.call import Body, Request
from tests.simulation.bell import Bell
from tests.simulation.cluster.cluster import Cluster

NAMESPACE = "team"
PATIENCE_SECONDS = 2 * 3600.0


class Never(AssertionError):  # noqa: N818  reads as what happened
    """What should have come to be did not."""


class User:
    def __init__(self, cluster: Cluster, patience: float = PATIENCE_SECONDS) -> None:
        self.cluster = cluster
        self._patience = patience
        self.hub = cluster.hub
        self.nodes = cluster.nodes

    def add_namespace(self, name: str) -> None:
        self.hub.create(kinds.NAMESPACE, None, {"metadata": {"name": name}})

    def create(self, kind: Kind, name: str, spec: Body, **meta: Any) -> None:
        body = {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": {"name": name, **meta}, "spec": spec}
        answer = self.hub.call(Request("POST", kind.collection(NAMESPACE), body=body))
        assert answer.code == 201, answer.body

    def pool(self, name: str = "sample", **spec: Any) -> None:
        image = {"imageName": "docker.io/library/busybox:1.37"}
        self.create(kinds.BATCH_POOL, name, {"targetDedicatedNodes": 2, "containerSettings": image, **spec})

    def job(self, name: str = "demo", **spec: Any) -> None:
        self.create(kinds.BATCH_JOB, name, {"poolInfo": {"poolId": "sample"}, **spec})

    def task(self, name: str, job: str = "demo", **spec: Any) -> None:
        self.create(kinds.BATCH_TASK, f"{job}.{name}", {"jobId": job, "id": name, "commandLine": "work 3", **spec})

    def edit(self, kind: Kind, name: str, **spec: Any) -> None:
        answer = self.hub.patch(kind, NAMESPACE, name, {"spec": spec})
        assert answer is not None, f"{kind.kind} {name} cannot be changed"

    def delete(self, kind: Kind, name: str) -> None:
        self.hub.delete(kind, NAMESPACE, name)

    # Looking.

    def get(self, kind: Kind, name: str) -> Body | None:
        return self.hub.known[kind.kind].get((NAMESPACE, name))

    def the(self, kind: Kind, name: str) -> Body:
        item = self.get(kind, name)
        assert item is not None, f"there is no {kind.kind} {name}"
        return item

    def all(self, kind: Kind) -> list[Body]:
        return [item for _, item in sorted(self.hub.known[kind.kind].items())]

    def state(self, kind: Kind, name: str) -> str:
        item = self.get(kind, name)
        return str((item.get("status") or {}).get("state") or "") if item is not None else "gone"

    def job_state(self, name: str = "demo") -> str:
        return self.state(kinds.BATCH_JOB, name)

    def tasks_of(self, job: str) -> list[Body]:
        """Not those that an earlier job of the name has left behind."""
        found = self.get(kinds.BATCH_JOB, job)
        own = ("", found["metadata"]["uid"]) if found is not None else ()
        tasks = (item for item in self.all(kinds.BATCH_TASK) if item["spec"].get("jobId") == job)
        return [item for item in tasks if controller_uid(item["metadata"]) in own]

    def least_tasks(self, job: str) -> int:
        """How many tasks it must have, given that one or two may have been deleted by themselves."""
        return max(0, len(self.the(kinds.BATCH_JOB, job)["spec"].get("tasks") or ()) - 2)

    def task_states(self, job: str = "demo") -> list[str]:
        return [(item.get("status") or {}).get("state", "") for item in self.tasks_of(job)]

    def task_state(self, task: str, job: str = "demo") -> str:
        return self.state(kinds.BATCH_TASK, f"{job}.{task}")

    def result(self, task: str, job: str = "demo") -> str:
        item = self.get(kinds.BATCH_TASK, f"{job}.{task}") or {}
        return str(((item.get("status") or {}).get("executionInfo") or {}).get("result") or "")

    def completed(self, job: str = "demo", *, of: int = 1) -> bool:
        states = self.task_states(job)
        return len(states) >= of and set(states) == {"completed"}

    def alive(self, step: str, job: str = "demo") -> bool:
        """Whether a process of that step runs."""
        item = self.get(kinds.BATCH_JOB, job)
        uid = item["metadata"]["uid"] if item is not None else ""
        return any(p.step == step and p.job in ("", uid) for _, p in self.cluster.trace.live.values())

    def pods(self, component: str) -> list[Body]:
        """Those that a node has been given."""
        pods = (item for item in self.all(kinds.POD) if item["spec"].get("nodeName"))
        return [item for item in pods if item["metadata"]["labels"].get(names.LABEL_COMPONENT) == component]

    def count(self, step: str) -> int:
        return sum(process.step == step for _, process in self.cluster.trace.live.values())

    def node_with(self, step: str) -> str:
        """The first by name on which a process of that step runs."""
        return min(machine.name for machine, process in self.cluster.trace.live.values() if process.step == step)

    # Waiting.

    async def until(self, what: str, condition: Callable[[], bool], seconds: float | None = None) -> None:
        """Looks after every change."""
        loop, news = asyncio.get_running_loop(), Bell()
        ends = loop.time() + (self._patience if seconds is None else seconds)
        self.hub.attend(news)
        try:
            while not condition():
                if loop.time() >= ends:
                    raise Never(f"never: {what}")
                await news.wait(ends)
        finally:
            self.hub.leave(news)

    async def until_running(self, step: str, job: str = "demo") -> None:
        await self.until_soon(f"{step} of {job} runs", lambda: self.alive(step, job))

    async def until_soon(self, what: str, condition: Callable[[], bool]) -> None:
        """What the API server is not told: looked at ten times a second."""
        for _ in range(int(10 * self._patience)):
            if condition():
                return
            await asyncio.sleep(0.1)
        raise Never(f"never: {what}")

    async def until_gone(self, kind: Kind, name: str) -> None:
        await self.until(f"{kind.kind} {name} is gone", lambda: self.get(kind, name) is None)

    async def until_state(self, state: str, job: str = "demo") -> None:
        await self.until(f"{job} is {state}", lambda: self.job_state(job) == state)

    async def until_completed(self, job: str = "demo", *, of: int = 1) -> None:
        await self.until(f"all tasks of {job} are completed", lambda: self.completed(job, of=of))

    async def until_succeeded(self, job: str = "demo", *, of: int = 1) -> None:
        """All of them, none by another way."""
        await self.until_completed(job, of=of)
        failed = [
            i["metadata"]["name"] for i in self.tasks_of(job) if i["status"]["executionInfo"]["result"] != "success"
        ]
        if failed:
            raise Never(f"never: success of {', '.join(failed)}")

    async def delete_job(self, name: str = "demo") -> None:
        self.delete(kinds.BATCH_JOB, name)
        await self.until_gone(kinds.BATCH_JOB, name)
