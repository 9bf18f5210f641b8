from __future__ import annotations

from dataclasses import fields
from typing import Any

from batchyard.api.states import JobState, NodeState
from batchyard.core.numbers import CAPACITIES, TASK_STATES, Numbers, numbers, together
from tests import build


def waits(reason: str, state: str = "active") -> dict[str, Any]:
    condition = {"type": "Admitted", "status": "False", "reason": reason, "lastTransitionTime": "2026-01-01T00:00:00Z"}
    return {"state": state, "conditions": [condition]}


def test_pool_that_nobody_has_written_and_no_job_names_is_nothing() -> None:
    assert numbers(build.snapshot()) == Numbers()


def test_tasks_of_all_jobs_are_added_up_by_state() -> None:
    first = build.job("first", status={"state": "active", "taskCounts": {"active": 3, "running": 1, "succeeded": 2}})
    second = build.job("second", status={"state": "completed", "taskCounts": {"succeeded": 5, "failed": 1}})
    found = numbers(build.snapshot(build.view(first), build.view(second), of=build.pool()))
    assert found.tasks == {"active": 3, "preparing": 0, "running": 1, "succeeded": 7, "failed": 1}
    assert {state: number for state, number in found.jobs.items() if number} == {"active": 1, "completed": 1}


def test_a_job_that_has_another_pool_now_counts_in_that_one_alone() -> None:
    """What it has left in this one may be there for as long as the job."""
    moved = build.job(poolInfo={"poolId": "other"}, status={**waits("ExceedsPool"), "taskCounts": {"active": 3}})
    view = build.view(moved, nodes={"node1": build.job_node()})
    assert numbers(build.snapshot(view)) == Numbers()


def test_nodes_are_counted_by_what_they_do() -> None:
    members = {name: build.member(name, status={"state": "idle"}) for name in ("a", "b")}
    members["low"] = build.member("low", spec={"isDedicated": False}, status={"state": "preempted"})
    pool = build.pool(targetDedicatedNodes=3, targetLowPriorityNodes=1)
    found = numbers(build.snapshot(of=pool, members={**members, "new": build.member("new")}))
    assert found.target_nodes == {"dedicated": 3, "lowpriority": 1}
    there = {words: number for words, number in found.nodes.items() if number}
    assert there == {("dedicated", "idle"): 2, ("lowpriority", "preempted"): 1}


def test_states_in_which_nothing_is_are_told_as_zero() -> None:
    found = numbers(build.snapshot(of=build.pool()))
    assert {*found.nodes} == {(capacity, state.value) for capacity in CAPACITIES for state in NodeState}
    assert ({*found.jobs}, {*found.tasks}) == ({state.value for state in JobState}, {*TASK_STATES})
    assert {*found.nodes.values(), *found.jobs.values(), *found.tasks.values()} == {0}


def test_several_pools_are_told_as_one_and_no_number_is_left_out() -> None:
    job = build.job(status={**waits("ExceedsPool"), "taskCounts": {"active": 3}})
    members = {"a": build.member("a", status={"state": "idle"})}
    one = numbers(build.snapshot(build.view(job), of=build.pool(targetDedicatedNodes=3), members=members))
    sums = {each.name: getattr(together([one, one]), each.name) for each in fields(Numbers)}
    assert sums.pop("exists")
    assert sums == {name: {word: 2 * number for word, number in getattr(one, name).items()} for name in sums}
    assert all(any(each.values()) for each in sums.values())


def test_jobs_that_wait_are_counted_by_reason_and_only_while_they_are_active() -> None:
    jobs = [
        build.job("one", status=waits("PoolResizing")),
        build.job("two", status=waits("PoolResizing")),
        build.job("disabled", status=waits("Suspended", "disabled")),
    ]
    assert numbers(build.snapshot(*map(build.view, jobs), of=build.pool())).waiting == {"PoolResizing": 2}


def test_tasks_in_the_queue_are_counted_by_the_reason_of_their_job_and_none_is_left_out() -> None:
    def job(name: str, active: int, reason: str = "", state: str = "active") -> Any:
        counts = {"taskCounts": {"active": active, "running": 1}}
        return build.view(build.job(name, status={**(waits(reason, state) if reason else {"state": state}), **counts}))

    views = [job("a", 3, "WaitingForSlot"), job("b", 4, "WaitingForSlot"), job("c", 5, "Suspended", "disabled"), job("d", 2), job("e", 0, "Misconfigured")]  # fmt: skip
    found = numbers(build.snapshot(*views, of=build.pool()))
    assert found.waiting_tasks == {"WaitingForSlot": 7, "Suspended": 5, "PendingEvaluation": 2}
    assert sum(found.waiting_tasks.values()) == found.tasks["active"]


def test_slots_are_free_only_where_tasks_are_taken() -> None:
    nodes = {"a": ("running", 3), "b": ("idle", 0), "leaving": ("offline", 2)}
    members = {n: build.member(n, status={"state": s, "runningTaskSlotsCount": used}) for n, (s, used) in nodes.items()}
    found = numbers(build.snapshot(of=build.pool(taskSlotsPerNode=4), members=members))
    assert found.slots == {"used": 5, "free": 5}


def test_pools_and_jobs_that_need_a_person_are_told_by_reason() -> None:
    stalled = [{**waits("")["conditions"][0], "type": "Stalled", "status": "True", "reason": "AllocationTimedout"}]
    pool = build.pool(status={"conditions": stalled})
    jobs = [build.job("one", status=waits("ExceedsPool")), build.job("two", status=waits("ExceedsPool"))]
    jobs += [build.job("three", status=waits("WaitingForSlot")), build.job("four", status=waits("JobCompleted", "completed"))]  # fmt: skip
    found = numbers(build.snapshot(*map(build.view, jobs), of=pool))
    assert found.needs_human == {("pool", "AllocationTimedout"): 1, ("job", "ExceedsPool"): 2}
    assert numbers(build.snapshot(of=build.pool())).needs_human == {}
