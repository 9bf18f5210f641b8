"""L5: beside objects that nobody can make sense of, a healthy job takes at most twice its time alone, and each of them says what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from batchyard.kube import kinds
from tests.simulation.simulation import simulate
from tests.simulation.tape import Tape
from tests.simulation.user import User
from tests.simulation.weather import Fair
from tests.simulation.workloads import STEPS, inline

PATIENCE = 120.0
WHY = (("Admitted", "False"), ("Stalled", "True"), ("Suspended", "True"))


def job_without_its_pool(user: User) -> None:
    user.job("bad", poolInfo={"poolId": "nowhere"}, tasks=inline("work 1"))


def job_that_can_never_be_prepared(user: User) -> None:
    user.job("bad", jobPreparationTask={"commandLine": "work 1 1"}, tasks=inline("work 1"))


def tasks_in_a_circle(user: User) -> None:
    tasks = inline("work 1", "work 1")
    tasks[0]["dependsOn"], tasks[1]["dependsOn"] = {"taskIds": ["task2"]}, {"taskIds": ["task1"]}
    user.job("bad", usesTaskDependencies=True, tasks=tasks)


def parked_job(user: User) -> None:
    user.job("bad", desiredState="disabled", tasks=inline("work 1"))


def huge_job_that_waits(user: User) -> None:
    user.job("bad", poolInfo={"poolId": "nowhere"})
    user.task("t", "bad", range={"start": 0, "end": 9999})


POISONS: dict[Callable[[User], None], str] = {
    job_without_its_pool: "Misconfigured",
    job_that_can_never_be_prepared: "PreparationFailing",
    tasks_in_a_circle: "WaitingForDependency",
    parked_job: "JobDisabled",
    huge_job_that_waits: "Misconfigured",
}


def lived(poison: Callable[[User], None] | None) -> tuple[float, list[str], list[str]]:
    """How long the healthy job took, what is said of the other one, and which rules were broken."""
    took: list[float] = []
    said: list[str] = []

    async def script(user: User) -> None:
        loop = asyncio.get_running_loop()
        user.pool(taskSlotsPerNode=2)
        await user.until("the pool serves", lambda: len(user.all(kinds.BATCH_NODE)) == 2)
        if poison is not None:
            poison(user)
            await user.until("something is said of it", lambda: bool(_told(user)), PATIENCE)
        began = loop.time()
        user.job(**STEPS, tasks=inline("work 3", "work 3", "work 3", "work 3"))
        await user.until_completed(of=4)
        took.append(loop.time() - began)
        said.extend(_told(user))

    result = simulate(script, Tape(1), lambda _: Fair())
    return took[0], said, result.complaints


def _told(user: User) -> list[str]:
    """Reasons why the bad job does not go on."""
    conditions = ((user.get(kinds.BATCH_JOB, "bad") or {}).get("status") or {}).get("conditions", ())
    return [c["reason"] for c in conditions if (c["type"], c["status"]) in WHY]


@pytest.mark.parametrize("poison", POISONS, ids=lambda poison: poison.__name__)
def test_healthy_job_goes_on_beside_one_that_cannot_and_that_one_says_why(poison: Callable[[User], None]) -> None:
    took, said, complaints = lived(poison)
    assert complaints == []
    alone, _, _ = lived(None)
    assert took <= 2 * alone
    assert POISONS[poison] in said
