"""Many tasks in one object."""

from __future__ import annotations

from tests.simulation.user import User
from tests.simulation.workloads.workload import STEPS, inline, workload


@workload()
async def swept(user: User) -> None:
    """Each integer fails once; one task waits for a part of them."""
    limits = {"start": 1, "end": 8}
    last = {"id": "last", "commandLine": "work 1", "dependsOn": {"taskIds": ["2"], "taskIdRanges": [{"start": 5, "end": 8}]}}  # fmt: skip
    user.pool(taskSlotsPerNode=3)
    sweep = {"id": "sweep", "range": limits, "commandLine": "work 1 1,0", "constraints": {"maxTaskRetryCount": 1}}
    user.job(**STEPS, usesTaskDependencies=True, tasks=[sweep, last])
    await user.until_succeeded(of=2)
    await user.delete_job()


@workload()
async def swept_without_an_image(user: User) -> None:
    user.nodes.unpullable.add(("", "nowhere/nothing:1"))
    user.pool(targetDedicatedNodes=1, taskSlotsPerNode=2)
    limits, image = {"start": 1, "end": 3}, {"imageName": "nowhere/nothing:1"}
    user.job(**STEPS, tasks=inline("work 1", range=limits, containerSettings=image))
    await user.until_completed()
    await user.delete_job()
