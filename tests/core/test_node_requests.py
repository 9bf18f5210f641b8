"""What users ask of nodes: disable, reboot, reimage (Azure 6.3), in whole simulated pools, with an operator that restarts before every pass or between any two writes."""

from __future__ import annotations

import itertools

import pytest

from tests.core.whole_jobs import completed, look, ran, results, run, start, state
from tests.core.whole_pools import (
    CRASHES,
    TASKS,
    ask,
    busy,
    codes,
    counters,
    members,
    of,
    resize,
    steady,
)
from tests.core.world import World


@pytest.mark.parametrize(("option", "requeued", "ended"), [("requeue", 1, []), ("terminate", 0, ["TaskEnded"]), ("taskcompletion", 0, [])])  # fmt: skip
@pytest.mark.parametrize("crash_every", [0, 1])
def test_a_disabled_node_gets_no_new_tasks_and_goes_offline(
    option: str, requeued: int, ended: list[str], crash_every: int
) -> None:
    """Azure 6.3: disable scheduling with its options; the node stays in the pool and counts."""
    world = busy(crash_every)
    ask(world, "node1", schedulingState="disabled", nodeDisableSchedulingOption=option)
    run(world, completed, crash_every)
    run(world, lambda w: of(w, "node1")["state"] == "offline", crash_every)
    assert (counters(world, "requeueCount"), codes(world)) == (requeued, ended)
    assert len([r for r in world.trace if r.what in TASKS and r.node == "node1"]) == 1
    assert (world.get("BatchPool", "sample") or {})["status"]["currentDedicatedNodes"] == 2


def test_an_enabled_node_takes_tasks_again() -> None:
    world = busy()
    ask(world, "node1", schedulingState="disabled")
    ask(world, "node2", schedulingState="disabled")
    run(world, lambda w: all(of(w, n)["state"] == "offline" for n in ("node1", "node2")))
    assert not completed(world)
    ask(world, "node1", schedulingState="enabled")
    run(world, completed)
    assert of(world, "node2")["state"] == "offline"


@CRASHES
def test_a_reboot_runs_the_start_task_and_preparation_again_and_no_release(crash_every: int) -> None:
    """Azure 6.3, 3.7.12."""
    world = busy(crash_every)
    ask(world, "node1", reboots=1)
    run(world, completed, crash_every)
    run(world, lambda w: of(w, "node1").get("reboots") == 1 and not look(w).actions, crash_every)
    assert ran(world, "pool-node") == ["node1", "node1", "node2"]
    assert ran(world, "preparation").count("node1") == 2
    assert ran(world, "preparation").count("node2") == 1
    assert counters(world, "requeueCount") == 1
    assert not ran(world, "release")
    assert results(world) == ["success"] * 4


@pytest.mark.parametrize(("option", "requeued", "ended"), [("terminate", 0, ["TaskEnded"]), ("taskcompletion", 0, [])])
def test_a_reboot_does_with_running_tasks_what_it_is_told(option: str, requeued: int, ended: list[str]) -> None:
    world = busy()
    ask(world, "node1", reboots=1, nodeRebootOption=option)
    run(world, lambda w: completed(w) and of(w, "node1").get("reboots") == 1)
    assert (counters(world, "requeueCount"), codes(world)) == (requeued, ended)


@CRASHES
def test_a_counter_raised_by_two_reboots_twice(crash_every: int) -> None:
    world = start()
    run(world, lambda w: of(w, "node1").get("state") == "idle", crash_every)
    ask(world, "node1", reboots=2)
    run(world, lambda w: of(w, "node1").get("reboots") == 2 and not look(w).actions, crash_every)
    assert ran(world, "pool-node").count("node1") == 3
    assert of(world, "node1")["state"] == "idle"


@CRASHES
def test_a_reimage_wipes_the_node_and_prepares_it_anew(crash_every: int) -> None:
    """Azure 6.3, 3.8.4: as a node that is new; no release for what was there before."""
    world = start("t1", "t2")
    run(world, completed, crash_every)
    ask(world, "node1", reimages=1)
    run(world, lambda w: of(w, "node1").get("reimages") == 1 and not look(w).actions, crash_every)
    assert ran(world, "pool-node").count("node1") == 2
    assert [r["spec"]["nodeId"] for r in world.of("BatchJobNode")] == ["node2"]
    world.edit("BatchJob", "demo", {"desiredState": "terminated"})
    run(world, lambda w: state(w) == "completed", crash_every)
    assert ran(world, "release") == ["node2"]


def test_a_node_says_that_it_is_rebooting_until_its_start_task_ended() -> None:
    world, words = start(), []
    run(world, lambda w: of(w, "node1").get("state") == "idle")
    ask(world, "node1", reboots=1)

    def done(w: World) -> bool:
        words.append(of(w, "node1")["state"])
        return words[-1] == "idle" and "rebooting" in words

    run(world, done)
    assert [word for word, _ in itertools.groupby(words)] == ["rebooting", "starting", "idle"]


@CRASHES
def test_a_node_that_leaves_during_its_reboot_is_wiped_and_goes(crash_every: int) -> None:
    world = start()
    run(world, lambda w: of(w, "node2").get("state") == "idle", crash_every)
    ask(world, "node2", reboots=1)
    run(world, lambda w: of(w, "node2")["state"] == "rebooting", crash_every)
    resize(world, 1)
    run(world, steady(1), crash_every)
    assert members(world) == ["node1"]


def test_a_reboot_mends_a_node_whose_start_task_failed() -> None:
    """Azure 1.4: reboot or reimage is the remedy."""
    world = start()
    world.exits = lambda what, *_: int(what == "pool-node" and len(ran(world, "pool-node")) < 2)
    world.edit("BatchPool", "sample", {"startTask": {"commandLine": "start"}})
    run(world, lambda w: of(w, "node1").get("state") == of(w, "node2").get("state") == "starttaskfailed")
    for name in ("node1", "node2"):
        ask(world, name, reboots=1)
    run(world, lambda w: of(w, "node1").get("state") == of(w, "node2").get("state") == "idle")


def test_a_node_whose_start_task_hangs_can_be_rebooted() -> None:
    """Azure 1.4."""
    world = start()
    world.seconds = 10_000
    world.edit("BatchPool", "sample", {"startTask": {"commandLine": "start"}})
    run(world, lambda w: of(w, "node1").get("state") == "starting")
    world.seconds = 3
    ask(world, "node1", reboots=1)
    run(world, lambda w: of(w, "node1").get("reboots") == 1 and of(w, "node1")["state"] == "idle")


def test_a_changed_start_task_leaves_the_nodes_alone_until_they_reboot() -> None:
    """Azure 1.1, 1.4."""
    world = start()
    run(world, lambda w: of(w, "node1").get("state") == of(w, "node2").get("state") == "idle")
    world.edit("BatchPool", "sample", {"startTask": {"commandLine": "start"}})
    run(world, lambda w: not look(w).actions)
    assert ran(world, "pool-node") == ["node1", "node2"]
    assert {each["spec"]["updateStrategy"]["type"] for each in world.of("DaemonSet")} == {"OnDelete"}
    ask(world, "node1", reboots=1)
    run(world, lambda w: of(w, "node1").get("reboots") == 1)
    pods = {p["spec"]["nodeName"]: len(p["spec"]["initContainers"]) for p in world.of("Pod", "pool-node")}
    assert pods == {"node1": 2, "node2": 1}
